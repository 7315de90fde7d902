{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "mart_stage_win_rates"}}}) }}
-- Deals that stand in a stage win significantly less often than those in the stage before it: the later stage does
-- not mean what its name says. Judged for the company: with many reps, chance alone would make some of them fall.
select
    stage_id,
    next_stage_id,
    win_rate,
    next_win_rate,
    p_value

from {{ ref('mart_stage_win_rates') }}

where level = 'company' and is_falling

{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "mart_stage_win_rates"}}}) }}
-- A stage after which deals win no more often than before it tells nothing about a deal.
select
    stage_id,
    next_stage_id,
    win_rate,
    next_win_rate,
    p_value

from {{ ref('mart_stage_win_rates') }}

where level = 'company' and is_not_rising

with

intervals as (

    select * from {{ ref('fct_pipeline_intervals') }}

),

{{ daily_balances('intervals', ['rep_id', 'team', 'stage_id']) }}

select
    rep_id,
    team,
    stage_id,
    open_count,
    unvalued_count,
    gross_amount,
    weighted_amount,
    snapshot_date

from daily_balances

order by snapshot_date, rep_id, stage_id

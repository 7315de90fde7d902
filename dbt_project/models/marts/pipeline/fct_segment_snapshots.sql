with

intervals as (

    select
        *,
        coalesce(segment_id, 'unknown') as known_segment_id

    from {{ ref('fct_pipeline_intervals') }}

),

{{ daily_balances('intervals', ['known_segment_id', 'origin', 'stage_id']) }}

select
    known_segment_id as segment_id,
    origin,
    stage_id,
    open_count,
    unvalued_count,
    gross_amount,
    weighted_amount,
    snapshot_date

from daily_balances

order by snapshot_date, segment_id, origin, stage_id

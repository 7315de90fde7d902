{{ config(meta = {"dagster": {"ref": {"name": "fct_pipeline_movements"}}}) }}
-- For every rep, team, segment, origin and close month the movements until a month's end (and until as_of) add
-- up to the pipeline that is open then, in deals and to the cent. Every scope is a sum of these cells.
with

month_ends as (

    select distinct {{ add_days('month_start_date', -1) }} as day

    from {{ ref('dim_dates') }}

    where month_start_date <= {{ as_of_date() }}

    union all

    select {{ as_of_date() }} as day

),

movements as (

    select
        rep_id,
        team,
        segment_id,
        origin,
        close_month_date,
        close_quarter_date,
        movement_date,
        sum(deal_count) as deal_count,
        sum(amount) as amount

    from {{ ref('fct_pipeline_movements') }}

    group by rep_id, team, segment_id, origin, close_month_date, close_quarter_date, movement_date

),

moved as (

    select
        month_ends.day,
        movements.rep_id,
        movements.team,
        movements.segment_id,
        movements.origin,
        movements.close_month_date,
        movements.close_quarter_date,
        movements.deal_count,
        movements.amount

    from month_ends

    inner join movements
        on month_ends.day >= movements.movement_date

),

standing as (

    select
        month_ends.day,
        intervals.rep_id,
        intervals.team,
        intervals.segment_id,
        intervals.origin,
        intervals.close_month_date,
        intervals.close_quarter_date,
        -1 as deal_count,
        -coalesce(intervals.amount, 0) as amount

    from month_ends

    inner join {{ ref('fct_pipeline_intervals') }} as intervals
        on
            cast(date_trunc('month', month_ends.day) as date) = intervals.month_start_date
            and month_ends.day >= intervals.from_date
            and month_ends.day < intervals.until_date

),

united as (

    select * from moved
    union all
    select * from standing

)

select
    day,
    rep_id,
    team,
    segment_id,
    origin,
    close_month_date,
    close_quarter_date,
    sum(deal_count) as deals_off,
    sum(amount) as amount_off

from united

group by day, rep_id, team, segment_id, origin, close_month_date, close_quarter_date

having sum(deal_count) <> 0 or sum(amount) <> 0

{#
    Of the deals that were won at all, the share won by the end of the month they were stated for, as known when a month
    began. Only statements that are mature count: of young ones only the quick wins are known. Shrunk by a beta prior
    worth min_n cases whose mean is the share of all stages at the horizon; where no stage has a case nothing is known.
#}
{%- set min_n = var('min_n') -%}
{%- set mature_date = add_days('stated_date', var('mature_days')) -%}
with

wins as (

    select
        stage_id,
        horizon_days,
        cast(is_won_by_period as integer) as in_time,
        cast(date_trunc('month', greatest(
            first_closed_date, first_known_date, period_end_date, {{ mature_date }}
        )) + interval 1 month as date) as known_month_date

    from {{ ref('int_deals_judged') }}

    where
        horizon_days > 0
        and is_ever_won
        and is_won_by_period is not null
        and not is_reconstructed

),

months as (

    select distinct month_start_date

    from {{ ref('dim_dates') }}

    where month_start_date <= {{ as_of_date() }}

),

learnt as (

    select
        stage_id,
        horizon_days,
        known_month_date,
        count(*) as won_count,
        sum(in_time) as in_time_count

    from wins

    group by stage_id, horizon_days, known_month_date

),

summed as (

    select
        learnt.stage_id,
        learnt.horizon_days,
        sum(learnt.won_count) as won_count,
        sum(learnt.in_time_count) as in_time_count,
        months.month_start_date

    from learnt

    inner join months
        on learnt.known_month_date <= months.month_start_date

    group by learnt.stage_id, learnt.horizon_days, months.month_start_date

),

pooled as (

    select
        horizon_days,
        month_start_date,
        {{ safe_divide('sum(in_time_count)', 'sum(won_count)') }} as in_time_share

    from summed

    group by horizon_days, month_start_date

),

stages as (

    select stage_id

    from {{ ref('stages') }}

    where not is_closed and not coalesce(is_dormant, false)

)

select
    stages.stage_id,
    pooled.horizon_days,
    cast(coalesce(summed.won_count, 0) as integer) as won_count,
    cast(coalesce(summed.in_time_count, 0) as integer) as in_time_count,
    (coalesce(summed.in_time_count, 0) + {{ min_n }} * pooled.in_time_share)
    / (coalesce(summed.won_count, 0) + {{ min_n }}) as timing_factor,
    pooled.month_start_date

from pooled

cross join stages

left outer join summed
    on
        stages.stage_id = summed.stage_id
        and pooled.horizon_days = summed.horizon_days
        and pooled.month_start_date = summed.month_start_date

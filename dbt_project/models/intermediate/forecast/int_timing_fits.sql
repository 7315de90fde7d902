{#
    Of the deals that were won at all, the share won by the end of the month they were stated for, as known when a month
    began. A win counts from the month after it was known until the month after its reversal was, so nothing that came or
    was told later ever enters: what becomes of the deal since (merged, binned, reopened) is not asked. Only statements
    that are mature count: of young ones only the quick wins are known. Shrunk by a beta prior worth min_n cases whose
    mean is the share of all stages at the horizon; where no stage has a case nothing is known.
#}
{%- set min_n = var('min_n') -%}
{%- set mature_date = add_days('statements.stated_date', var('mature_days')) -%}
with

statements as (

    select *

    from {{ ref('int_deals_due') }}

    where not is_reconstructed

),

closings as (

    select *

    from {{ ref('int_closings_dated') }}

    where state = 'won'

),

moves as (

    {%- for day, sign in {'known_date': '1', 'reversal_known_date': '-1'}.items() %}
    select
        statements.stage_id,
        statements.horizon_days,
        {{ sign }} as won_move,
        case when closings.closed_date <= statements.period_end_date then {{ sign }} else 0 end as in_time_move,
        cast(date_trunc('month', greatest(
            closings.{{ day }}, statements.period_end_date, {{ mature_date }}
        )) + interval 1 month as date) as move_month_date

    from statements

    inner join closings
        on
            statements.opportunity_id = closings.opportunity_id
            -- What had closed by then, but was told later, was still open to whoever spoke.
            and statements.stated_date < closings.known_date

    where closings.{{ day }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

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
        move_month_date,
        sum(won_move) as won_count,
        sum(in_time_move) as in_time_count

    from moves

    group by stage_id, horizon_days, move_month_date

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
        on learnt.move_month_date <= months.month_start_date

    group by learnt.stage_id, learnt.horizon_days, months.month_start_date

),

pooled as (

    select
        horizon_days,
        month_start_date,
        {{ safe_divide('sum(in_time_count)', 'sum(won_count)') }} as in_time_share

    from summed

    group by horizon_days, month_start_date

    having sum(won_count) > 0

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

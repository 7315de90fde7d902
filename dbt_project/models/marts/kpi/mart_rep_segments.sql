{#
    A deal belongs to the segment and the rep of the day on which it was created, or of the end of the month in which
    it was closed.
#}
with

outcomes as (

    select *

    from {{ ref('int_outcomes_dated') }}

    where period_grain = 'month' and (is_counted or is_restated)

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

counted as (

    select
        outcomes.rep_id,
        coalesce(outcomes.segment_id, 'unknown') as segment_id,
        count(case when outcomes.basis = 'created' then 1 end) as created_count,
        count(case when outcomes.is_restated then 1 end) as closed_count,
        count(case when outcomes.is_restated and outcomes.outcome = 'won' then 1 end) as won_count,
        coalesce(
            sum(case when outcomes.is_restated and outcomes.outcome = 'won' then opportunities.amount end), 0
        ) as won_amount,
        outcomes.period_start_date as month_start_date

    from outcomes

    left outer join opportunities
        on outcomes.opportunity_id = opportunities.opportunity_id

    group by outcomes.rep_id, coalesce(outcomes.segment_id, 'unknown'), outcomes.period_start_date

)

select
    coalesce(rep_id, 'unassigned') as rep_id,
    segment_id,
    created_count,
    closed_count,
    won_count,
    cast(won_amount as decimal(18, 4)) as won_amount,
    {{ safe_divide('created_count', 'sum(created_count) over rep_months') }} as created_share,
    {{ safe_divide('closed_count', 'sum(closed_count) over rep_months') }} as closed_share,
    month_start_date

from counted

window rep_months as (partition by rep_id, month_start_date)

order by month_start_date, rep_id, segment_id

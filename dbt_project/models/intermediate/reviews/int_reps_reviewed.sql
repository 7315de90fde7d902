{#
    What the marts say about each rep in office, on one row: results, pipeline, timing, reliability, effort and
    data to fill.
#}
with

reps as (

    select *

    from {{ ref('dim_reps') }}

    where is_employed

),

year_results as (

    select
        rep_id,
        attainment

    from {{ ref('mart_attainments') }}

    where period_grain = 'fiscal_year'

    qualify row_number() over (partition by rep_id order by period_start_date desc) = 1

),

month_results as (

    select
        rep_id,
        count(*) as judged_month_count,
        sum(case when is_attained then 1 else 0 end) as attained_month_count

    from {{ ref('mart_attainments') }}

    where
        period_grain = 'month'
        and is_over
        and period_start_date > cast({{ as_of_date() }} - interval 12 month as date)

    group by rep_id

),

perspectives as (

    select *

    from {{ ref('mart_rep_perspectives') }}

    where level = 'rep' and period_grain = 'quarter'

),

-- What reps hand in counts before what follows from the chances they state, and a longer horizon before a
-- shorter one: nobody hands in a month's forecast before the month.
reliability as (

    select *

    from {{ ref('mart_forecast_reliability') }}

    where method in ('submission', 'stated_probability') and bias is not null

    qualify row_number() over (
        partition by rep_id
        order by quarter_start_date desc, method desc, horizon_days desc
    ) = 1

),

fields as (

    select
        rep_id,
        sum(error_count + warn_count) as field_count,
        sum(amount_at_risk) as amount_at_risk,
        sum(weight_filled) as weight_filled,
        sum(weight_due) as weight_due

    from {{ ref('fct_record_completeness') }}

    group by rep_id

)

select
    reps.rep_id,
    reps.manager_id,
    reps.rep_name,
    reps.team,
    year_results.attainment as year_attainment,
    month_results.judged_month_count,
    month_results.attained_month_count,
    gaps.closed_count,
    gaps.conversion,
    gaps.conversion_low,
    gaps.conversion_high,
    gaps.peer_conversion,
    gaps.residual,
    gaps.residual_low,
    gaps.residual_high,
    perspectives.quadrant,
    perspectives.coverage_next_1 as coverage_next,
    perspectives.required_coverage,
    perspectives.creation,
    coalesce(open_deals.open_count, 0) as open_count,
    coalesce(open_deals.open_amount, 0) as open_amount,
    coalesce(open_deals.overstay_count, 0) as overstay_count,
    coalesce(open_deals.slipped_count, 0) as slipped_count,
    case when open_deals.rep_id is null then 0 else open_deals.push_count end as push_count,
    reliability.direction as forecast_direction,
    reliability.bias as forecast_bias,
    reliability.method as forecast_method,
    reliability.horizon_days as forecast_horizon_days,
    coalesce(efforts.minutes, 0) as minutes,
    {{ safe_divide('efforts.administrative_minutes', 'efforts.minutes') }} as administrative_share,
    {{ safe_divide(
        'sum(efforts.administrative_minutes) over ()', 'sum(efforts.minutes) over ()'
    ) }} as company_administrative_share,
    coalesce(efforts.meetings_held_count, 0) as meetings_held_count,
    {{ safe_divide('efforts.no_show_count', '(efforts.no_show_count + efforts.meetings_held_count)') }} as no_show_rate,
    coalesce(fields.field_count, 0) as field_count,
    fields.amount_at_risk,
    {{ safe_divide('fields.weight_filled', 'fields.weight_due') }} as completeness

from reps

left outer join year_results on reps.rep_id = year_results.rep_id
left outer join month_results on reps.rep_id = month_results.rep_id
left outer join {{ ref('mart_rep_gaps') }} as gaps
    on reps.rep_id = gaps.rep_id and coalesce(reps.team, 'unknown') = gaps.team
left outer join perspectives on reps.rep_id = perspectives.member
left outer join {{ ref('int_rep_deals_open') }} as open_deals on reps.rep_id = open_deals.rep_id
left outer join reliability on reps.rep_id = reliability.rep_id
left outer join {{ ref('int_rep_efforts') }} as efforts on reps.rep_id = efforts.rep_id
left outer join fields on reps.rep_id = fields.rep_id

with

day_states as (

    select * from {{ ref('fct_opportunity_day_states') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

visits as (

    select
        *,
        coalesce(left_date, date '9999-12-31') as until_date

    from {{ ref('fct_stage_visits') }}

),

months as (

    select
        month_start_date,
        {{ add_days('max(date_day)', 1) }} as next_month_start_date

    from dates

    group by month_start_date

),

-- A day's end falls into one stay in a stage. A deal that left a stage and came back on one day stood the same at both
-- ends, but not since the same instant.
stays as (

    select
        day_states.*,
        case when not visits.is_reconstructed then visits.entered_at end as stage_entered_at,
        greatest(day_states.from_date, visits.entered_date) as stay_from_date,
        least(day_states.until_date, visits.until_date) as stay_until_date

    from day_states

    inner join visits
        on
            day_states.opportunity_id = visits.opportunity_id
            and day_states.from_date < visits.until_date
            and day_states.until_date > visits.entered_date

    where day_states.state = 'open' and visits.entered_date < visits.until_date

)

select
    stays.opportunity_id,
    stays.rep_id,
    stays.team,
    stays.stage_id,
    stays.segment_id,
    stays.origin,
    stays.currency,
    stays.forecast_category,
    stays.amount_doc,
    stays.amount,
    stays.weighted_amount,
    stays.plan_rate,
    stays.win_probability,
    stays.is_reconstructed,
    months.month_start_date,
    greatest(stays.stay_from_date, months.month_start_date) as from_date,
    least(stays.stay_until_date, months.next_month_start_date) as until_date,
    stays.expected_close_date,
    stays.close_month_date,
    stays.close_quarter_date,
    stays.stage_entered_at

from stays

inner join months
    on
        stays.stay_from_date < months.next_month_start_date
        and stays.stay_until_date > months.month_start_date

order by months.month_start_date, stays.rep_id, stays.opportunity_id, from_date

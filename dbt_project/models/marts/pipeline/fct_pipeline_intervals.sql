with

day_states as (

    select * from {{ ref('fct_opportunity_day_states') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        month_start_date,
        {{ add_days('max(date_day)', 1) }} as next_month_start_date

    from dates

    group by month_start_date

)

select
    day_states.opportunity_id,
    day_states.rep_id,
    day_states.team,
    day_states.stage_id,
    day_states.segment_id,
    day_states.origin,
    day_states.currency,
    day_states.forecast_category,
    day_states.amount_doc,
    day_states.amount,
    day_states.weighted_amount,
    day_states.plan_rate,
    day_states.win_probability,
    day_states.is_reconstructed,
    months.month_start_date,
    greatest(day_states.from_date, months.month_start_date) as from_date,
    least(day_states.until_date, months.next_month_start_date) as until_date,
    day_states.expected_close_date,
    day_states.close_month_date,
    day_states.close_quarter_date

from day_states

inner join months
    on
        day_states.from_date < months.next_month_start_date
        and day_states.until_date > months.month_start_date

where day_states.state = 'open'

order by months.month_start_date, day_states.rep_id, day_states.opportunity_id, from_date

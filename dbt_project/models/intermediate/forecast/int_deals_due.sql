{#
    The open deals that were expected to close in a month, at the horizons before its end, and beside the chance
    that the rep stated the one that the past would have given. Everything as known on the day.
#}
with

days as (

    select *

    from {{ ref('int_forecast_days') }}

    where period_grain = 'month' and is_horizon

),

deals_stated as (

    select * from {{ ref('int_deals_stated') }}

),

visits as (

    -- An open end is filled in here: in the left join it would be compared pair by pair.
    select
        opportunity_id,
        entered_at,
        coalesce(left_at, timestamp '9999-12-31 00:00:00') as until_at

    from {{ ref('fct_stage_visits') }}

    where not is_reconstructed

),

due as (

    select
        deals_stated.opportunity_id,
        deals_stated.rep_id,
        deals_stated.stage_id,
        days.horizon_days,
        deals_stated.amount,
        deals_stated.win_probability as stated_probability,
        deals_stated.is_reconstructed,
        deals_stated.expected_close_date,
        deals_stated.stated_date,
        days.period_end_date,
        deals_stated.stage_entered_at,
        cast(date_trunc('month', deals_stated.stated_date) as date) as month_start_date,
        {{ day_start(add_days('deals_stated.stated_date', 1)) }} as stated_until

    from deals_stated

    inner join days
        on
            deals_stated.stated_date = days.stated_date
            and deals_stated.close_month_date = days.period_start_date

),

aged as (

    select
        due.*,
        {{ elapsed_days('coalesce(due.stage_entered_at, visits.entered_at)', 'due.stated_until') }} as days_in_stage

    from due

    left outer join visits
        on
            due.opportunity_id = visits.opportunity_id
            and due.stated_until > visits.entered_at
            and due.stated_until <= visits.until_at

),

factored as (

    {{ deal_factors('aged') }}

)

select
    opportunity_id,
    rep_id,
    stage_id,
    horizon_days,
    amount,
    cast(stated_probability as double) as stated_probability,
    stage_rate,
    calibrated_probability,
    days_in_stage,
    is_reconstructed,
    expected_close_date,
    stated_date,
    period_end_date

from factored

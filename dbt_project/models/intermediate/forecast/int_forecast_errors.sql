{#
    What the intervals are drawn from, in whole cents: sums of whole numbers come out the same in any order.
    seasonal_naive is the yardstick itself and has no interval.
#}
with

accuracy as (

    select *

    from {{ ref('fct_forecast_accuracy') }}

    where
        level = 'rep'
        and method <> 'seasonal_naive'
        and is_horizon
        and is_period_over
        and not is_reconstructed

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

)

select
    accuracy.member as rep_id,
    coalesce(teams.team, 'unknown') as team,
    accuracy.method,
    accuracy.period_grain,
    accuracy.horizon_days,
    cast(accuracy.error_amount * 100 as bigint) as error_cents,
    cast(accuracy.actual_amount * 100 as bigint) as actual_cents,
    accuracy.period_start_date

from accuracy

left outer join teams
    on
        accuracy.member = teams.rep_id
        and accuracy.stated_date >= teams.from_date
        and accuracy.stated_date < teams.until_date

{# A win counts in the period of its day. Won again after a reversal, it counts from the new day. #}
with

wins as (

    select * from {{ ref('int_wins_dated') }}

),

periods as (

    select *

    from {{ ref('int_forecast_periods') }}

    where period_start_date <= {{ as_of_date() }}

)

select
    coalesce(wins.rep_id, 'unassigned') as rep_id,
    periods.period_grain,
    cast(coalesce(sum(
        case
            when
                wins.valid_from_date <= periods.period_end_date
                and coalesce(wins.valid_to_date > periods.period_end_date, true)
                then wins.amount
        end
    ), 0) as decimal(18, 2)) as won_amount,
    cast(coalesce(sum(case when wins.valid_to_date is null then wins.amount end), 0) as decimal(18, 2))
        as restated_amount,
    wins.is_reconstructed,
    periods.period_start_date

from wins

inner join periods
    on
        wins.won_date >= periods.period_start_date
        and wins.won_date <= periods.period_end_date

group by wins.rep_id, periods.period_grain, wins.is_reconstructed, periods.period_start_date

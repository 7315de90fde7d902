{#
    Months that are over, as the reps' stated probabilities forecast them 30 days before their end. What was
    reconstructed without a change log was not known then, so it says nothing about a forecast.
#}
with

forecasts as (

    select *

    from {{ ref('fct_forecast_accuracy') }}

    where
        level = 'rep'
        and method = 'stated_probability'
        and period_grain = 'month'
        and horizon_days = 30
        and is_period_over
        and not is_reconstructed

),

measured as (

    {{ kpi(
        'forecast_bias',
        relation='forecasts',
        day='period_start_date',
        numerator='error_amount',
        denominator='actual_amount',
        levels={'rep': 'member'},
        kind='month'
    ) }}

    union all

    {{ kpi(
        'forecast_error',
        relation='forecasts',
        day='period_start_date',
        numerator='abs(error_amount)',
        denominator='actual_amount',
        levels={'rep': 'member'},
        kind='month'
    ) }}

)

select * from measured

{#
    Only days that as_of has reached: a forecast of tomorrow has not been made. Nor the period's last day, a Sunday or not:
    at its end the result is known.
#}
with

periods as (

    select * from {{ ref('int_forecast_periods') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

    where date_day <= {{ as_of_date() }}

),

counted as (

    select
        periods.*,
        cast({{ calendar_days('dates.date_day', 'periods.period_end_date') }} as integer) as horizon_days,
        dates.iso_weekday = 7 as is_week_end,
        dates.fiscal_month_start_date as stated_month_date,
        dates.date_day as stated_date

    from periods

    inner join dates
        on
            periods.period_end_date > dates.date_day
            and {{ add_days('periods.period_end_date', -90) }} <= dates.date_day

)

select
    period_grain,
    horizon_days,
    horizon_days in (90, 60, 30, 14, 7, 1) as is_horizon,
    is_week_end,
    is_period_over,
    period_start_date,
    period_end_date,
    year_before_start_date,
    stated_month_date,
    stated_date

from counted

where is_week_end or horizon_days in (90, 60, 30, 14, 7, 1)

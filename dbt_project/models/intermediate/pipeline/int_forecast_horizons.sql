{#
    One row per target period (fiscal month and quarter) and horizon: the day on which the forecast is
    read. Only days that as_of has reached.
#}
with

periods as (

    select * from {{ ref('int_fiscal_periods_dated') }}

),

horizons as (

    {%- for horizon in [90, 60, 30, 14, 7, 1] %}
    select {{ horizon }} as horizon_days
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    periods.period_grain,
    horizons.horizon_days,
    periods.period_end_date <= {{ as_of_date() }} as is_period_over,
    periods.period_start_date,
    periods.period_end_date,
    {{ add_days('periods.period_end_date', '-horizons.horizon_days') }} as forecast_date

from periods

cross join horizons

where {{ add_days('periods.period_end_date', '-horizons.horizon_days') }} <= {{ as_of_date() }}

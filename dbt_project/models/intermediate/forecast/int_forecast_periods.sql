{#
    The periods of the company's fiscal calendar that forecasts are about, and the first day of the same
    month, quarter or year one fiscal year before: the seasonal baseline.
#}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

periods as (

    {%- for grain in ['month', 'quarter', 'year'] %}
    select
        '{{ 'fiscal_year' if grain == 'year' else grain }}' as period_grain,
        fiscal_year,
        {{ 1 if grain == 'year' else 'fiscal_' ~ grain }} as period_of_year,
        fiscal_{{ grain }}_start_date as period_start_date,
        max(date_day) as period_end_date

    from dates

    group by fiscal_year, period_of_year, fiscal_{{ grain }}_start_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    periods.period_grain,
    periods.period_end_date <= {{ as_of_date() }} as is_period_over,
    periods.period_start_date,
    periods.period_end_date,
    years_before.period_start_date as year_before_start_date

from periods

left outer join periods as years_before
    on
        periods.period_grain = years_before.period_grain
        and periods.period_of_year = years_before.period_of_year
        and periods.fiscal_year = years_before.fiscal_year + 1

{#
    The periods that forecasts are about. A fiscal quarter that is a calendar quarter is not told twice.
#}
{%- set grains = {
    'month': ['month_start_date', 1],
    'quarter': ['quarter_start_date', 3],
    'fiscal_year': ['fiscal_year_start_date', 12],
} -%}
{%- if var('fiscal_year_start_month') | int % 3 != 1 -%}
    {%- set fiscal_quarter = 'fiscal_year_start_date + (fiscal_quarter - 1) * interval 3 month' -%}
    {%- do grains.update({'fiscal_quarter': [fiscal_quarter, 3]}) -%}
{%- endif -%}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

begun as (

    {%- for grain, (start, months) in grains.items() %}
    select distinct
        '{{ grain }}' as period_grain,
        cast({{ start }} as date) as period_start_date,
        cast({{ start }} + interval {{ months }} month as date) as next_start_date

    from dates
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

ended as (

    select
        period_grain,
        period_start_date,
        cast(period_start_date - interval 12 month as date) as year_before_start_date,
        {{ add_days('next_start_date', -1) }} as period_end_date

    from begun

)

select
    period_grain,
    period_end_date <= {{ as_of_date() }} as is_period_over,
    period_start_date,
    period_end_date,
    year_before_start_date

from ended

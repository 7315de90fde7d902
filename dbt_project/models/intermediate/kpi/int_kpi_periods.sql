{#
    Which period of each grain a day counts in, and whether it is the last one known of it. Months, quarters and
    years are those of the company's fiscal calendar. Days by themselves are kept for kpi_days only: what one looks
    back at after a quarter is no single day. The running periods are there to their ends: a source may date a closing
    after as_of, and it counts in them.
#}
{%- set grains = {
    'week': 'week_start_date', 'month': 'fiscal_month_start_date', 'quarter': 'fiscal_quarter_start_date',
    'year': 'fiscal_year_start_date',
} -%}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

grains as (

    select
        'day' as period_grain,
        date_day as period_start_date,
        date_day

    from dates

    where date_day > {{ add_days(as_of_date(), -1 * var('kpi_days')) }}

    {% for grain, first_day in grains.items() %}
    union all

    select
        '{{ grain }}' as period_grain,
        {{ first_day }} as period_start_date,
        date_day

    from dates
    {% endfor %}
),

bounded as (

    select
        *,
        max(date_day) over (partition by period_grain, period_start_date) as period_end_date

    from grains

)

select
    period_grain,
    date_day = least(period_end_date, {{ as_of_date() }}) as is_last_day,
    period_end_date <= {{ as_of_date() }} as is_period_over,
    date_day,
    period_start_date,
    period_end_date

from bounded

where period_start_date <= {{ as_of_date() }}

{#
    The months and quarters of the company's fiscal calendar: what win rates, coverage and forecasts mean
    by a period.
#}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

periods as (

    {%- for grain in ['month', 'quarter'] %}
    select
        '{{ grain }}' as period_grain,
        fiscal_{{ grain }}_start_date as period_start_date,
        max(date_day) as period_end_date

    from dates

    group by fiscal_{{ grain }}_start_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    period_grain,
    cast(row_number() over (partition by period_grain order by period_start_date) as integer) as period_no,
    period_start_date,
    period_end_date

from periods

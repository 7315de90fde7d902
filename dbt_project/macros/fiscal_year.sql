{# The fiscal year of a date, named by the calendar year in which it ends (setting: its first month). #}
{% macro fiscal_year(day) -%}
    {%- set start_month = var('fiscal_year_start_month') | int -%}
    {%- if start_month == 1 -%}
    cast(extract(year from {{ day }}) as integer)
    {%- else -%}
    cast(
        extract(year from {{ day }})
        + case when extract(month from {{ day }}) >= {{ start_month }} then 1 else 0 end as integer
    )
    {%- endif -%}
{%- endmacro %}

{# The quarter (1 to 4) of the fiscal year that a date falls into. #}
{% macro fiscal_quarter(day) -%}
    {%- set start_month = var('fiscal_year_start_month') | int -%}
    cast(
        1 + floor(((extract(month from {{ day }}) - {{ start_month }} + 12) % 12) / 3) as integer
    )
{%- endmacro %}

{# The first day of a fiscal year. #}
{% macro fiscal_year_start(year) -%}
    {%- set start_month = var('fiscal_year_start_month') | int -%}
    make_date({{ year }}{{ ' - 1' if start_month > 1 }}, {{ start_month }}, 1)
{%- endmacro %}

{# The Monday nearest to a day (three days before it to three days after). #}
{% macro nearest_monday(day) -%}
    cast(date_trunc('week', {{ add_days(day, 3) }}) as date)
{%- endmacro %}

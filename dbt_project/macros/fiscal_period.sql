{#
    Months and quarters of the fiscal calendar (macros/fiscal_year.sql) of any day.

    year_start: the column with the first day of the day's fiscal year; by months it is not read.
#}

{# First day of the fiscal quarter. #}
{% macro fiscal_quarter_start(day, year_start) -%}
    {%- set shift = 'interval ' ~ (var('fiscal_year_start_month') | int - 1) % 3 ~ ' month' -%}
    {%- if is_fiscal_calendar_of_weeks() -%}
    {{ add_days(year_start, '91 * ' ~ quarters_past(day, year_start)) }}
    {%- else -%}
    cast(date_trunc('quarter', date_trunc('month', {{ day }}) - {{ shift }}) + {{ shift }} as date)
    {%- endif -%}
{%- endmacro %}

{# First day of the fiscal month: the calendar month, or the 4-4-5 period. #}
{% macro fiscal_month_start(day, year_start) -%}
    {%- if is_fiscal_calendar_of_weeks() -%}
    {{ add_days(year_start, '91 * ' ~ quarters_past(day, year_start) ~ ' + 28 * ' ~ months_past(day, year_start)) }}
    {%- else -%}
    cast(date_trunc('month', {{ day }}) as date)
    {%- endif -%}
{%- endmacro %}

{# Number of the fiscal month within its year, 1 to 12. #}
{% macro fiscal_month(day, year_start) -%}
    {%- if is_fiscal_calendar_of_weeks() -%}
    cast(3 * {{ quarters_past(day, year_start) }} + {{ months_past(day, year_start) }} + 1 as integer)
    {%- else -%}
    cast((extract(month from {{ day }}) - {{ var('fiscal_year_start_month') }} + 12) % 12 + 1 as integer)
    {%- endif -%}
{%- endmacro %}

{# Whole quarters of 13 weeks (0 to 3) before the day; whole months of four weeks (0 to 2) before it in its quarter. #}
{% macro quarters_past(day, year_start) -%}
    least(3, floor({{ calendar_days(year_start, day) }} / 91.0))
{%- endmacro %}
{% macro months_past(day, year_start) -%}
    least(2, floor(({{ calendar_days(year_start, day) }} - 91 * {{ quarters_past(day, year_start) }}) / 28.0))
{%- endmacro %}

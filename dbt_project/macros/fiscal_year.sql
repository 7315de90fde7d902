{#
    The fiscal calendar (settings: fiscal_year_start_month, fiscal_calendar). By months, a year begins on the
    first of its first month. By weeks (4-4-5), it begins on the Monday nearest to that day, and a quarter is
    four, four and five whole weeks; a 53rd week joins the last month. A year is named by the calendar
    year in which it ends.
#}
{% macro is_fiscal_calendar_of_weeks() -%}
    {{ return(var('fiscal_calendar') == '4-4-5') }}
{%- endmacro %}

{# The fiscal year of a date. By weeks it is the one in which the Thursday of the date's week falls. #}
{% macro fiscal_year(day) -%}
    {%- if is_fiscal_calendar_of_weeks() -%}
    {{ fiscal_year_of_months(add_days("cast(date_trunc('week', " ~ day ~ ") as date)", 3)) }}
    {%- else -%}
    {{ fiscal_year_of_months(day) }}
    {%- endif -%}
{%- endmacro %}

{% macro fiscal_year_of_months(day) -%}
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

{# The quarter (1 to 4) of the fiscal year that a calendar month, given by any of its days, belongs to. #}
{% macro fiscal_quarter(day) -%}
    {%- set start_month = var('fiscal_year_start_month') | int -%}
    cast(
        1 + floor(((extract(month from {{ day }}) - {{ start_month }} + 12) % 12) / 3) as integer
    )
{%- endmacro %}

{# The first day of a fiscal year. #}
{% macro fiscal_year_start(year) -%}
    {%- set start_month = var('fiscal_year_start_month') | int -%}
    {%- set first_day = 'make_date(' ~ year ~ (' - 1' if start_month > 1 else '') ~ ', ' ~ start_month ~ ', 1)' -%}
    {{ nearest_monday(first_day) if is_fiscal_calendar_of_weeks() else first_day }}
{%- endmacro %}

{# The Monday nearest to a day (three days before it to three days after). #}
{% macro nearest_monday(day) -%}
    cast(date_trunc('week', {{ add_days(day, 3) }}) as date)
{%- endmacro %}

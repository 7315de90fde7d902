{# The day is the last of its month, or the as-of day: where the month that still runs is read. #}
{% macro is_month_end(day) -%}
    ({{ day }} = {{ as_of_date() }} or extract(day from {{ add_days(day, 1) }}) = 1)
{%- endmacro %}

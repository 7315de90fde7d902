{# The last day of a calendar month that as_of can speak of: its end, or the as-of day. #}
{% macro month_end_known(month_start) -%}
    least(cast({{ month_start }} + interval 1 month - interval 1 day as date), {{ as_of_date() }})
{%- endmacro %}

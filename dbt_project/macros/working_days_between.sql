{# Working days from one day to a later one, both included; the arguments are rows of dim_dates. #}
{% macro working_days_between(first_day, last_day) -%}
    ({{ last_day }}.working_day_number - {{ first_day }}.working_day_number
        + case when {{ first_day }}.is_working_day then 1 else 0 end)
{%- endmacro %}

{#
    A value as text in which equal values are equal: trimmed, lower case, numbers without their
    trailing zeros (0.00 = 0). NULL where nothing is left.
#}
{% macro comparable_text(expression) -%}
    coalesce(
        cast(try_cast(trim({{ expression }}) as double) as varchar),
        nullif(lower(trim({{ expression }})), '')
    )
{%- endmacro %}

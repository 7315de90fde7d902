{# A ratio as double; NULL where there is nothing to judge. #}
{% macro safe_divide(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# A share of what may be negative, as a month of net credits is: NULL where there is nothing to have a share of. #}
{% macro share_of_positive(part, whole) -%}
    case when {{ whole }} > 0 then {{ safe_divide(part, whole) }} end
{%- endmacro %}

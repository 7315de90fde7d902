{#
    The sum of an expression of doubles, to 12 decimals: decimals add up to the same in any order, doubles
    do not, and a table must not depend on the number of threads or on rows that came later. A decimal.
#}
{% macro exact_sum(expression) -%}
    sum(cast({{ expression }} as decimal(28, 12)))
{%- endmacro %}

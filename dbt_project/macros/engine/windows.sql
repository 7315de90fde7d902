{# The latest value so far that is not null, over a window given as text. #}
{% macro last_known(expression, window) -%}
    {{ return(adapter.dispatch('last_known')(expression, window)) }}
{%- endmacro %}
{% macro duckdb__last_known(expression, window) -%}
    last_value({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}
{% macro spark__last_known(expression, window) -%}
    last_value({{ expression }}) ignore nulls over ({{ window }})
{%- endmacro %}

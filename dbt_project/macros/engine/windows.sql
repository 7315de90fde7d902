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

{# Of the rows of a group, the value of the one that comes first by several keys: first_by('x', ['day', 'no']). #}
{% macro first_by(expression, keys) -%}
    {{ return(adapter.dispatch('first_by')(expression, keys)) }}
{%- endmacro %}
{% macro duckdb__first_by(expression, keys) -%}
    min_by({{ expression }}, row({{ keys | join(', ') }}))
{%- endmacro %}
{% macro spark__first_by(expression, keys) -%}
    min_by({{ expression }}, struct({{ keys | join(', ') }}))
{%- endmacro %}

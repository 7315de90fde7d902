{# Letters without their accents. #}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents')(expression)) }}
{%- endmacro %}
{% macro duckdb__without_accents(expression) -%}
    strip_accents({{ expression }})
{%- endmacro %}
{% macro spark__without_accents(expression) -%}
    translate(
        {{ expression }},
        'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝ',
        'aaaaaaceeeeiiiinoooooouuuuyyAAAAAACEEEEIIIINOOOOOOUUUUY'
    )
{%- endmacro %}

{# The text with every match of a regular expression (RE2 and Java both) replaced. #}
{% macro replace_matches(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_matches')(expression, pattern, replacement)) }}
{%- endmacro %}
{% macro duckdb__replace_matches(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}
{% macro spark__replace_matches(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, r'{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

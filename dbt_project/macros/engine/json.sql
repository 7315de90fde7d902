{# The text of a JSON object: {key: SQL expression}. A NULL value stays in it as null. #}
{% macro json_object_text(members) -%}
    {{ return(adapter.dispatch('json_object_text')(members)) }}
{%- endmacro %}
{% macro duckdb__json_object_text(members) -%}
    cast(json_object(
        {%- for key, expression in members.items() %}'{{ key }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    ) as varchar)
{%- endmacro %}
{% macro spark__json_object_text(members) -%}
    to_json(named_struct(
        {%- for key, expression in members.items() %}'{{ key }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}

{# The schema is the layer's name as it stands, so that [schema, model] is both relation and asset key. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

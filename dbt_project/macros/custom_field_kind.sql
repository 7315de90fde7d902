{# The kind of value that a registered data type promises: number, boolean or text (days are text in JSON). #}
{% macro custom_field_kind(data_type) -%}
    case
        when {{ data_type }} is null then null
        when lower({{ data_type }}) = 'boolean' then 'boolean'
        when lower({{ data_type }}) like 'decimal%' then 'number'
        when lower({{ data_type }}) in ('bigint', 'integer', 'smallint', 'double', 'float') then 'number'
        else 'text'
    end
{%- endmacro %}

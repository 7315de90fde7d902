{# One row per member of a JSON object that is not null, in a select: its name and the kind of its value. #}
{% macro json_members(relation, column) -%}
    {{ return(adapter.dispatch('json_members')(relation, column)) }}
{%- endmacro %}
{% macro duckdb__json_members(relation, column) -%}
    select
        keyed.*,
        case json_type(keyed.{{ column }}, '$."' || keyed.column_name || '"')
            when 'VARCHAR' then 'text'
            when 'BOOLEAN' then 'boolean'
            when 'NULL' then null
            else 'number'
        end as value_kind

    from (
        select
            *,
            unnest(json_keys({{ column }})) as column_name

        from {{ relation }}
    ) as keyed
{%- endmacro %}
{% macro spark__json_members(relation, column) -%}
    select
        keyed.*,
        case
            when keyed.value_text is null then null
            when keyed.value_text in ('true', 'false') then 'boolean'
            when try_cast(keyed.value_text as double) is not null then 'number'
            else 'text'
        end as value_kind

    from (
        select
            rows.*,
            members.key as column_name,
            members.value as value_text

        from {{ relation }} as rows lateral view explode(from_json(rows.{{ column }}, 'map<string,string>')) members as key, value
    ) as keyed
{%- endmacro %}

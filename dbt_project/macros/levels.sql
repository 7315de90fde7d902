{#
    Every row of a relation once for the company and once for each of the given levels, so that one
    grouping by level and member counts for all of them. Columns: those of the relation, level, member.

    relation: a CTE; levels: {level: column}. An empty attribute makes the member unknown.
#}
{% macro by_level(relation, levels) -%}
    select
        {{ relation }}.*,
        levels.level,
        case levels.level
            {%- for level, column in levels.items() %}
            when '{{ level }}' then coalesce({{ relation }}.{{ column }}, 'unknown')
            {%- endfor %}
            else 'all'
        end as member

    from {{ relation }}

    cross join (
        select 'company' as level
        {%- for level in levels %}
        union all
        select '{{ level }}' as level
        {%- endfor %}
    ) as levels
{%- endmacro %}

{# A rate as a column, NULL where fewer than min_n cases stand behind it. #}
{% macro judged_rate(numerator, denominator) -%}
    case when {{ denominator }} >= {{ var('min_n') }} then {{ safe_divide(numerator, denominator) }} end
{%- endmacro %}

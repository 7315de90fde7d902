{#
    One KPI by month in long form: one block for the company and one per level asked for. Numerator
    and denominator are kept, because a ratio cannot be re-aggregated; value is NULL where fewer than
    `least` observations stand behind it. The as-of month is always there for the company, so that a
    KPI without any data is seen to have none.

    relation: a CTE; period: its date; numerator, denominator: SQL per row of it (no denominator: a
    plain sum); levels: {level: column}; observations: how many cases one row of the relation stands for.
#}
{% macro kpi(kpi_id, relation, period, numerator, denominator=none, levels={}, least=1, observations=1) -%}
{%- set ratio = safe_divide('sum(numerator)', 'sum(denominator)') if denominator else 'cast(sum(numerator) as double)' -%}
{%- set judged = 'denominator' if denominator else 'numerator' -%}
{%- set cases = 'coalesce(sum(case when ' ~ judged ~ ' is not null then observations end), 0)' -%}
{%- for level, member in dict({'company': "'all'"}, **levels).items() %}
    select
        '{{ kpi_id }}' as kpi_id,
        'month' as period_grain,
        '{{ level }}' as level,
        member,
        cast(coalesce(sum(numerator), 0) as decimal(28, 6)) as numerator,
        cast({{ 'coalesce(sum(denominator), 0)' if denominator else 'null' }} as decimal(28, 6)) as denominator,
        case when {{ cases }} >= {{ least }} then {{ ratio }} end as value,
        cast({{ cases }} as bigint) as n,
        period_start_date

    from (
        select
            coalesce({{ member }}, 'unknown') as member,
            {{ numerator }} as numerator,
            {{ denominator or 'null' }} as denominator,
            {{ observations }} as observations,
            cast(date_trunc('month', {{ period }}) as date) as period_start_date

        from {{ relation }}
        {%- if level == 'company' %}

        union all

        select 'all', null, null, null, cast(date_trunc('month', {{ as_of_date() }}) as date)
        {%- endif %}
    ) as measured

    group by member, period_start_date
    {% if not loop.last %}
    union all
    {% endif %}
{%- endfor %}
{%- endmacro %}

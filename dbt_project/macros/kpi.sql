{#
    One KPI by day in long form: one block for the company and one per level asked for. kpi_values adds the
    days up to periods, so numerator and denominator are kept: a ratio cannot be added up. The as-of day is
    always there for the company, so that a KPI without any data is seen to have none.

    relation: a CTE; day: its date; numerator, denominator: SQL per row of it (no denominator: a plain
    sum); levels: {level: column}; least: how many cases a period needs for its value to be told;
    observations: how many cases one row of the relation stands for.
    kind: 'flow' counts on every day; 'month' speaks of whole months, so of no week or day in them;
    'stock' is a level at the end of a day, of which a period tells its last one.
    is_proportion: numerator of denominator cases, so that the share has a Wilson interval.
#}
{% macro kpi(
    kpi_id, relation, day, numerator, denominator=none, levels={}, least=1, observations=1, kind='flow',
    is_proportion=false
) -%}
{%- set judged = 'denominator' if denominator else 'numerator' -%}
{%- for level, member in dict({'company': "'all'"}, **levels).items() %}
    select
        '{{ kpi_id }}' as kpi_id,
        '{{ level }}' as level,
        member,
        '{{ kind }}' as kind,
        sum(cast(numerator as decimal(28, 6))) as numerator,
        sum(cast(denominator as decimal(28, 6))) as denominator,
        coalesce(sum(case when {{ judged }} is not null then observations end), 0) as n,
        {{ least }} as least_n,
        {{ 'true' if denominator else 'false' }} as is_ratio,
        {{ 'true' if is_proportion else 'false' }} as is_proportion,
        date_day

    from (
        select
            coalesce({{ member }}, 'unknown') as member,
            {{ numerator }} as numerator,
            {{ denominator or 'null' }} as denominator,
            {{ observations }} as observations,
            {{ day }} as date_day

        from {{ relation }}
        {%- if level == 'company' %}
        union all
        select 'all', null, null, null, {{ as_of_date() }}
        {%- endif %}
    ) as measured

    group by member, date_day
    {% if not loop.last %}
    union all
    {% endif %}
{%- endfor %}
{%- endmacro %}

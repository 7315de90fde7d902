{#
    The open pipeline at the end of every day, by the given columns. What an interval adds on its first
    day it takes away on the day it ends; the running balance holds until the next move of its group,
    and is told for each day until then. No opportunity is ever multiplied by days.
#}
{% macro daily_balances(relation, columns) -%}
{%- set group = columns | join(', ') -%}
{%- set measures = {
    'open_count': ['1', 'integer'],
    'unvalued_count': ['case when amount_doc is not null and plan_rate is null then 1 else 0 end', 'integer'],
    'gross_amount': ['coalesce(amount, 0)', 'decimal(18, 2)'],
    'weighted_amount': ['coalesce(weighted_amount, 0)', 'decimal(18, 2)'],
} -%}
moves as (

    {%- for date, sign in {'from_date': '', 'until_date': '-'}.items() %}
    select
        {{ group }},
        {%- for name, (measure, _) in measures.items() %}
        {{ sign }}{{ measure }} as {{ name }},
        {%- endfor %}
        {{ date }} as move_date

    from {{ relation }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

daily_moves as (

    select
        {{ group }},
        {%- for name in measures %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        move_date

    from moves

    group by {{ group }}, move_date

),

balances as (

    select
        {{ group }},
        {%- for name, (_, data_type) in measures.items() %}
        cast(sum({{ name }}) over so_far as {{ data_type }}) as {{ name }},
        {%- endfor %}
        move_date as from_date,
        lead(move_date) over (partition by {{ group }} order by move_date) as until_date

    from daily_moves

    window so_far as (
        partition by {{ group }}
        order by move_date
        rows between unbounded preceding and current row
    )

),

daily_balances as (

    select
        *,
        {{ each_day('from_date', 'until_date') }} as snapshot_date

    from balances

    where open_count <> 0

)
{%- endmacro %}

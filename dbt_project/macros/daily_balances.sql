{#
    The open pipeline at the end of every day, by the given columns. What an interval adds on its first
    day it takes away on the day it ends; the running balance holds until the next move of its group
    and is joined to the days on which it holds. No opportunity is ever multiplied by days.
#}
{% macro daily_balances(relation, columns) -%}
moves as (

    select
        {{ columns | join(',\n        ') }},
        from_date as move_date,
        1 as open_count,
        coalesce(amount, 0) as gross_amount,
        coalesce(weighted_amount, 0) as weighted_amount

    from {{ relation }}

    union all

    select
        {{ columns | join(',\n        ') }},
        until_date as move_date,
        -1 as open_count,
        -coalesce(amount, 0) as gross_amount,
        -coalesce(weighted_amount, 0) as weighted_amount

    from {{ relation }}

),

daily_moves as (

    select
        {{ columns | join(',\n        ') }},
        move_date,
        sum(open_count) as open_count,
        sum(gross_amount) as gross_amount,
        sum(weighted_amount) as weighted_amount

    from moves

    group by {{ columns | join(', ') }}, move_date

),

balances as (

    select
        {{ columns | join(',\n        ') }},
        cast(sum(open_count) over so_far as integer) as open_count,
        cast(sum(gross_amount) over so_far as decimal(18, 2)) as gross_amount,
        cast(sum(weighted_amount) over so_far as decimal(18, 2)) as weighted_amount,
        move_date as from_date,
        lead(move_date) over (partition by {{ columns | join(', ') }} order by move_date) as until_date

    from daily_moves

    window so_far as (
        partition by {{ columns | join(', ') }}
        order by move_date
        rows between unbounded preceding and current row
    )

),

daily_balances as (

    select
        {%- for column in columns %}
        balances.{{ column }},
        {%- endfor %}
        balances.open_count,
        balances.gross_amount,
        balances.weighted_amount,
        dates.date_day as snapshot_date

    from balances

    inner join {{ ref('dim_dates') }} as dates
        on
            balances.from_date <= dates.date_day
            and balances.until_date > dates.date_day

    where balances.open_count <> 0

)
{%- endmacro %}

{#
    A case counts from the month after its closing was known until the month after its reversal was, so nothing that
    came or was told later ever enters; and not before its visit is mature, since of young ones only the quick losses
    are known. The counts hold until they move, and are joined to the months they hold in.
#}
{%- set mature_date = add_days('cases.entered_date', var('mature_days')) -%}
with

cases as (

    select * from {{ ref('int_stage_cases') }}

),

stages as (

    select * from {{ ref('stages') }}

),

months as (

    select distinct month_start_date

    from {{ ref('dim_dates') }}

    where month_start_date <= {{ as_of_date() }}

),

age_points as (

    select
        stage_id,
        cast(0 as double) as age_multiple,
        cast(-1 as double) as age_days

    from stages

    {%- for multiple in ['0.5', '1.0', '1.5', '2.0'] %}
    union all
    select
        stage_id,
        cast({{ multiple }} as double) as age_multiple,
        {{ multiple }} * cast(expected_days as double) as age_days

    from stages

    where expected_days is not null
    {%- endfor %}

),

moves as (

    {%- for day, sign in {'known_date': '1', 'reversal_known_date': '-1'}.items() %}
    select
        cases.rep_id,
        cases.stage_id,
        age_points.age_multiple,
        age_points.age_days,
        {{ sign }} as resolved_move,
        case when cases.is_won then {{ sign }} else 0 end as won_move,
        cast(date_trunc('month', greatest(cases.{{ day }}, {{ mature_date }})) + interval 1 month as date)
            as move_month_date

    from cases

    inner join age_points
        on
            cases.stage_id = age_points.stage_id
            and cases.days > age_points.age_days

    where cases.{{ day }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

moved as (

    select
        rep_id,
        stage_id,
        age_multiple,
        age_days,
        move_month_date,
        sum(resolved_move) as resolved_move,
        sum(won_move) as won_move

    from moves

    group by rep_id, stage_id, age_multiple, age_days, move_month_date

),

balances as (

    select
        *,
        sum(resolved_move) over so_far as resolved_count,
        sum(won_move) over so_far as won_count,
        lead(move_month_date) over (
            partition by rep_id, stage_id, age_multiple
            order by move_month_date
        ) as until_month_date

    from moved

    window so_far as (
        partition by rep_id, stage_id, age_multiple
        order by move_month_date
        rows between unbounded preceding and current row
    )

)

select
    balances.rep_id,
    balances.stage_id,
    balances.age_multiple,
    balances.age_days,
    cast(balances.resolved_count as integer) as resolved_count,
    cast(balances.won_count as integer) as won_count,
    months.month_start_date

from balances

inner join months
    on
        balances.move_month_date <= months.month_start_date
        and coalesce(balances.until_month_date > months.month_start_date, true)

{#
    A balance holds from the day of its last move until the day before the next one of the same group.
#}
with

daily_moves as (

    select * from {{ ref('int_field_moves') }}

),

dates as (

    select date_day

    from {{ ref('dim_dates') }}

    where date_day <= {{ as_of_date() }}

),

balances as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        cast(sum(due_count) over so_far as integer) as due_count,
        cast(sum(filled_count) over so_far as integer) as filled_count,
        cast(sum(placeholder_count) over so_far as integer) as placeholder_count,
        move_date as from_date,
        coalesce(lead(move_date) over so_on, {{ add_days(as_of_date(), 1) }}) as until_date

    from daily_moves

    window
        so_on as (partition by entity, field, rep_id, stage_id order by move_date),
        so_far as (
            partition by entity, field, rep_id, stage_id
            order by move_date
            rows between unbounded preceding and current row
        )

)

select
    balances.entity,
    balances.field,
    balances.rep_id,
    balances.stage_id,
    balances.due_count,
    balances.filled_count,
    balances.due_count - balances.filled_count as missing_count,
    balances.placeholder_count,
    dates.date_day as snapshot_date

from balances

inner join dates
    on balances.from_date <= dates.date_day and balances.until_date > dates.date_day

where balances.due_count <> 0

order by balances.entity, balances.field, snapshot_date, balances.rep_id, balances.stage_id

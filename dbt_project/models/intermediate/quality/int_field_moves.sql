{#
    An interval adds to its counts on the day it begins to be due and takes away on the day it ends, so
    that no record is ever multiplied by the days it lived. One that begins and ends on the same day is
    never seen at a day's end.
#}
with

field_statuses as (

    select * from {{ ref('int_field_statuses') }}

),

-- A record without a date of birth has been due for ever: since a day before all others.
due_intervals as (

    select
        entity,
        field,
        coalesce(rep_id, 'unassigned') as rep_id,
        coalesce(stage_id, 'none') as stage_id,
        case when status = 'filled' then 1 else 0 end as filled_count,
        case when status = 'placeholder' then 1 else 0 end as placeholder_count,
        greatest(
            coalesce({{ local_date('valid_from') }}, cast('1900-01-01' as date)),
            coalesce(rule_since_date, cast('1900-01-01' as date))
        ) as from_date,
        {{ local_date('valid_to') }} as until_date

    from field_statuses

    where status <> 'not_due'

),

moves as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        1 as due_count,
        filled_count,
        placeholder_count,
        from_date as move_date

    from due_intervals

    where coalesce(from_date < until_date, true)

    union all

    select
        entity,
        field,
        rep_id,
        stage_id,
        -1 as due_count,
        -filled_count as filled_count,
        -placeholder_count as placeholder_count,
        until_date as move_date

    from due_intervals

    where from_date < until_date

),

daily_moves as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        sum(due_count) as due_count,
        sum(filled_count) as filled_count,
        sum(placeholder_count) as placeholder_count,
        move_date

    from moves

    group by entity, field, rep_id, stage_id, move_date

)

select * from daily_moves

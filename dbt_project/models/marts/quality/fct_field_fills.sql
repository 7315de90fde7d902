{#
    A balance holds from the day of its last move until the day before the next one of the same group.
#}
{%- set counts = ['filled', 'missing', 'placeholder', 'invalid', 'waived', 'not_yet_due', 'default'] -%}
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
        {%- for count in counts %}
        cast(sum({{ count }}_count) over so_far as integer) as {{ count }}_count,
        {%- endfor %}
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

),

standing as (

    select
        *,
        filled_count + missing_count + invalid_count + waived_count as due_count

    from balances

)

select
    standing.entity,
    standing.field,
    standing.rep_id,
    standing.stage_id,
    standing.due_count,
    standing.filled_count,
    standing.missing_count,
    standing.placeholder_count,
    standing.invalid_count,
    standing.waived_count,
    standing.not_yet_due_count,
    standing.default_count,
    {{ safe_divide('standing.default_count', 'standing.filled_count') }} as default_share,
    dates.date_day as snapshot_date

from standing

inner join dates
    on standing.from_date <= dates.date_day and standing.until_date > dates.date_day

where standing.due_count <> 0 or standing.not_yet_due_count <> 0

order by standing.entity, standing.field, snapshot_date, standing.rep_id, standing.stage_id

{#
    A balance holds from the day of its last move until the day before the next one of the same group. It
    counts for the team that the rep was of on the day, not for the one of today.
#}
{%- set counts = ['filled', 'missing', 'placeholder', 'invalid', 'waived', 'not_yet_due', 'default'] -%}
with

daily_moves as (

    select * from {{ ref('int_field_moves') }}

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

calendar as (

    select min(date_day) as first_day

    from {{ ref('dim_dates') }}

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
        least(lead(move_date) over so_on, {{ add_days(as_of_date(), 1) }}) as until_date

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

),

teamed as (

    select
        standing.entity,
        standing.field,
        standing.rep_id,
        standing.stage_id,
        standing.due_count,
        {%- for count in counts %}
        standing.{{ count }}_count,
        {%- endfor %}
        teams.team,
        greatest(standing.from_date, teams.from_date) as from_date,
        least(standing.until_date, teams.until_date) as until_date

    from standing

    left outer join teams
        on
            standing.rep_id = teams.rep_id
            and standing.from_date < teams.until_date
            and standing.until_date > teams.from_date

),

daily as (

    select
        teamed.*,
        {{ each_day('greatest(teamed.from_date, calendar.first_day)', 'teamed.until_date') }} as snapshot_date

    from teamed

    cross join calendar

    where
        (teamed.due_count <> 0 or teamed.not_yet_due_count <> 0)
        and teamed.until_date > calendar.first_day

)

select
    entity,
    field,
    rep_id,
    team,
    stage_id,
    due_count,
    filled_count,
    missing_count,
    placeholder_count,
    invalid_count,
    waived_count,
    not_yet_due_count,
    default_count,
    {{ safe_divide('default_count', 'filled_count') }} as default_share,
    snapshot_date

from daily

-- The days of a group beside each other: its counts change seldom, and pack well.
order by entity, field, rep_id, stage_id, snapshot_date

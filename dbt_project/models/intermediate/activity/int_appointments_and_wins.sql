{#
    How many appointments it takes to win a deal: both as events of their own day, with the team and the segment
    of that day.
#}
with

activities as (

    select *

    from {{ ref('fct_activities') }}

    where is_appointment and is_held and activity_date <= {{ as_of_date() }}

),

wins as (

    select *

    from {{ ref('fct_opportunities') }}

    where is_won and closed_date is not null

),

stamped_wins as (

    select
        wins.rep_id,
        teams.team,
        segments.segment_id,
        wins.closed_date

    from wins

    left outer join {{ ref('int_rep_teams_dated') }} as teams
        on
            wins.rep_id = teams.rep_id
            and wins.closed_date >= teams.from_date
            and wins.closed_date < teams.until_date

    left outer join {{ ref('int_account_segments_dated') }} as segments
        on
            wins.account_id = segments.account_id
            and wins.closed_date >= segments.from_date
            and wins.closed_date < segments.until_date

),

events as (

    select
        rep_id,
        team,
        segment_id,
        1 as held,
        0 as won,
        activity_date as event_date

    from activities

    union all

    select
        rep_id,
        team,
        segment_id,
        0 as held,
        1 as won,
        closed_date as event_date

    from stamped_wins

)

select
    rep_id,
    team,
    segment_id,
    sum(held) as held,
    sum(won) as won,
    event_date

from events

group by rep_id, team, segment_id, event_date

with

activities as (

    select
        *,
        {{ local_date('coalesce(planned_at, booked_at)') }} as activity_date

    from {{ ref('int_activities_conformed') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

teams as (

    select * from {{ ref('int_rep_teams_dated') }}

),

segments as (

    select * from {{ ref('int_account_segments_dated') }}

),

stamped as (

    select
        activities.*,
        teams.team,
        segments.segment_id,
        reps.hourly_cost

    from activities

    left outer join reps
        on activities.rep_id = reps.rep_id

    left outer join teams
        on
            activities.rep_id = teams.rep_id
            and activities.activity_date >= teams.from_date
            and activities.activity_date < teams.until_date

    left outer join segments
        on
            activities.account_id = segments.account_id
            and activities.activity_date >= segments.from_date
            and activities.activity_date < segments.until_date

),

judged as (

    select
        *,
        coalesce(activity_status = 'no_show', false) as is_no_show,
        moved_to_id is not null as is_rebooked

    from stamped

)

select
    activity_id,
    rep_id,
    account_id,
    opportunity_id,
    contact_id,
    moved_to_id,
    activity_type,
    coalesce(activity_status, 'unknown') as activity_status,
    team,
    segment_id,
    minutes,
    cast(minutes * hourly_cost / 60 as decimal(18, 4)) as cost,
    cast(
        case
            when is_no_show
                then (minutes + case when is_rebooked then {{ var('rebooking_minutes') }} else 0 end) * hourly_cost / 60
        end as decimal(18, 4)
    ) as no_show_cost,
    coalesce(is_appointment, false) as is_appointment,
    is_no_show,
    coalesce(activity_status = 'held', false) as is_held,
    is_rebooked,
    coalesce(
        activity_status in ('moved', 'cancelled')
        and {{ elapsed_microseconds('status_at', 'planned_at') }} < 86400000000,
        false
    ) as is_short_notice,
    is_selling,
    activity_date,
    booked_at,
    planned_at,
    status_at

from judged

order by activity_date, activity_id

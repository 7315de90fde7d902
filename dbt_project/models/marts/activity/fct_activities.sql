with

activities as (

    select * from {{ ref('int_activities_conformed') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

costed as (

    select
        activities.*,
        cast(activities.minutes * reps.hourly_cost / 60 as decimal(18, 4)) as cost

    from activities

    left outer join reps
        on activities.rep_id = reps.rep_id

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
    minutes,
    cost,
    coalesce(is_appointment, false) as is_appointment,
    coalesce(activity_status = 'no_show', false) as is_no_show,
    coalesce(activity_status = 'held', false) as is_held,
    moved_to_id is not null as is_rebooked,
    is_selling,
    {{ local_date('coalesce(planned_at, booked_at)') }} as activity_date,
    booked_at,
    planned_at,
    status_at

from costed

order by activity_date, activity_id

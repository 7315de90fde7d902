{#
    Where the reps' working time goes. What nobody logged is a row of its own, so that the minutes of a rep and
    month add up to the working time and the share that is not known stays in sight; a rep who logs more
    than that has a negative one.
#}
with

activities as (

    select
        coalesce(rep_id, 'unassigned') as rep_id,
        coalesce(team, 'unknown') as team,
        case when account_id is null then 'none' else coalesce(segment_id, 'unknown') end as segment_id,
        coalesce(activity_type, 'unknown') as activity_type,
        minutes,
        cost,
        is_appointment and is_held as is_held_appointment,
        is_selling,
        cast(date_trunc('month', activity_date) as date) as month_start_date

    from {{ ref('fct_activities') }}

    where activity_date <= {{ as_of_date() }}

),

worked as (

    select * from {{ ref('int_rep_months_worked') }}

),

logged as (

    select
        rep_id,
        team,
        segment_id,
        activity_type,
        count(*) as activity_count,
        count(case when is_held_appointment then 1 end) as held_appointment_count,
        coalesce(sum(minutes), 0) as minutes,
        coalesce(sum(case when not is_selling then minutes end), 0) as administrative_minutes,
        coalesce(sum(case when cost is null then minutes end), 0) as uncosted_minutes,
        coalesce(sum(cost), 0) as cost,
        month_start_date

    from activities

    group by rep_id, team, segment_id, activity_type, month_start_date

),

logged_months as (

    select
        rep_id,
        month_start_date,
        sum(minutes) as minutes

    from logged

    group by rep_id, month_start_date

),

unlogged as (

    select
        worked.rep_id,
        coalesce(worked.team, 'unknown') as team,
        'none' as segment_id,
        'unlogged' as activity_type,
        0 as activity_count,
        0 as held_appointment_count,
        worked.working_minutes - coalesce(logged_months.minutes, 0) as minutes,
        0 as administrative_minutes,
        case
            when worked.hourly_cost is null then worked.working_minutes - coalesce(logged_months.minutes, 0) else 0
        end as uncosted_minutes,
        coalesce((worked.working_minutes - coalesce(logged_months.minutes, 0)) * worked.hourly_cost / 60, 0) as cost,
        worked.month_start_date

    from worked

    left outer join logged_months
        on
            worked.rep_id = logged_months.rep_id
            and worked.month_start_date = logged_months.month_start_date

),

united as (

    select * from logged
    union all
    select * from unlogged

)

select
    rep_id,
    team,
    segment_id,
    activity_type,
    cast(activity_count as bigint) as activity_count,
    cast(held_appointment_count as bigint) as held_appointment_count,
    cast(minutes as bigint) as minutes,
    cast(administrative_minutes as bigint) as administrative_minutes,
    cast(uncosted_minutes as bigint) as uncosted_minutes,
    cast(cost as decimal(18, 4)) as cost,
    activity_type = 'unlogged' as is_unlogged,
    month_start_date

from united

order by month_start_date, rep_id, team, segment_id, activity_type

{#
    The working time of the reps who log activities, from the first day on which anybody did. It is what logged
    time is held against: what a rep does not log is missing from every cost. A month that goes on counts
    to as_of.
#}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        month_start_date,
        max(date_day) as month_end_date

    from dates

    where date_day <= {{ as_of_date() }}

    group by month_start_date

),

logged as (

    select
        rep_id,
        min(min(activity_date)) over () as first_logged_date

    from {{ ref('fct_activities') }}

    where activity_date <= {{ as_of_date() }}

    group by rep_id

),

stays as (

    select
        reps.rep_id,
        reps.hourly_cost,
        months.month_start_date,
        greatest(months.month_start_date, coalesce(reps.hired_date, logged.first_logged_date), logged.first_logged_date)
            as first_date,
        least(months.month_end_date, coalesce(reps.left_date, months.month_end_date)) as last_date

    from {{ ref('dim_reps') }} as reps

    inner join logged
        on reps.rep_id = logged.rep_id

    cross join months

),

worked as (

    select
        stays.*,
        last_days.working_day_number - first_days.working_day_number
        + case when first_days.is_working_day then 1 else 0 end as working_days

    from stays

    inner join dates as first_days
        on stays.first_date = first_days.date_day

    inner join dates as last_days
        on stays.last_date = last_days.date_day

    where stays.first_date <= stays.last_date

)

select
    worked.rep_id,
    teams.team,
    worked.hourly_cost,
    worked.working_days,
    worked.working_days * {{ var('working_day_minutes') }} as working_minutes,
    worked.month_start_date,
    worked.last_date

from worked

left outer join {{ ref('int_rep_teams_dated') }} as teams
    on
        worked.rep_id = teams.rep_id
        and worked.last_date >= teams.from_date
        and worked.last_date < teams.until_date

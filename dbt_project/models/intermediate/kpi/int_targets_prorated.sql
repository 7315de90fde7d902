{#
    A month's revenue target, as far as its working days have passed. A team's is that of its reps of the day.
#}
with

targets as (

    select * from {{ ref('int_targets_conformed') }}

),

memberships as (

    select * from {{ ref('int_rep_memberships') }}

),

working_days as (

    select
        date_day,
        month_start_date,
        count(*) filter (where is_working_day) over (
            partition by month_start_date
            order by date_day
            rows between unbounded preceding and current row
        ) as days_so_far,
        count(*) filter (where is_working_day) over (partition by month_start_date) as days_in_month

    from {{ ref('dim_dates') }}

),

prorated as (

    select
        targets.rep_id,
        targets.target_value as month_target,
        targets.target_value * working_days.days_so_far / working_days.days_in_month as target_to_date,
        working_days.date_day

    from targets

    inner join working_days
        on cast(date_trunc('month', targets.month_start_date) as date) = working_days.month_start_date

    where
        targets.criterion = 'revenue'
        and working_days.date_day <= {{ as_of_date() }}
        and working_days.date_day >= {{ add_days(as_of_date(), -34) }}

)

select
    memberships.level,
    memberships.member,
    cast(sum(prorated.month_target) as decimal(18, 2)) as month_target,
    cast({{ exact_sum('prorated.target_to_date') }} as decimal(18, 2)) as target_to_date,
    prorated.date_day

from prorated

inner join memberships
    on
        prorated.rep_id = memberships.rep_id
        and prorated.date_day >= memberships.from_date
        and prorated.date_day < memberships.until_date

group by memberships.level, memberships.member, prorated.date_day

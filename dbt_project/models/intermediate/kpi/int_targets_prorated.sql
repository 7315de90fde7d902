{#
    A month's revenue target, as far as its working days have passed.
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

monthly_targets as (

    select
        memberships.level,
        memberships.member,
        sum(targets.target_value) as target,
        cast(date_trunc('month', targets.month_start_date) as date) as month_start_date

    from targets

    inner join memberships
        on targets.rep_id = memberships.rep_id

    where targets.criterion = 'revenue'

    group by memberships.level, memberships.member, cast(date_trunc('month', targets.month_start_date) as date)

)

select
    monthly_targets.level,
    monthly_targets.member,
    cast(monthly_targets.target as decimal(18, 2)) as month_target,
    cast(
        monthly_targets.target * working_days.days_so_far / working_days.days_in_month as decimal(18, 2)
    ) as target_to_date,
    working_days.date_day

from monthly_targets

inner join working_days
    on monthly_targets.month_start_date = working_days.month_start_date

where
    working_days.date_day <= {{ as_of_date() }}
    and working_days.date_day >= {{ add_days(as_of_date(), -34) }}

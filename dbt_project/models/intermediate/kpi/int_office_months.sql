{#
    The part of a fiscal month's working days on which a rep was in office, so that who joins on the 15th owes half
    a target; and the part that has passed. A month without any working day counts as a whole.
#}
with

reps as (

    select * from {{ ref('dim_reps') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

months as (

    select
        fiscal_month_start_date as month_start_date,
        max(date_day) as month_end_date,
        sum(case when is_working_day then 1 else 0 end) as working_days

    from dates

    group by fiscal_month_start_date

),

stays as (

    select
        reps.rep_id,
        months.working_days,
        months.month_start_date,
        greatest(months.month_start_date, coalesce(reps.hired_date, months.month_start_date)) as from_date,
        least(months.month_end_date, coalesce(reps.left_date, months.month_end_date)) as until_date

    from reps

    cross join months

)

select
    stays.rep_id,
    case
        when stays.until_date < stays.from_date then 0
        when stays.working_days = 0 then 1
        else cast({{ working_days_between('first_days', 'last_days') }} as decimal(18, 12)) / stays.working_days
    end as office_share,
    case
        when stays.until_date < stays.from_date or {{ as_of_date() }} < stays.from_date then 0
        when stays.working_days = 0 then 1
        else cast({{ working_days_between('first_days', 'days_so_far') }} as decimal(18, 12)) / stays.working_days
    end as passed_share,
    stays.month_start_date

from stays

left outer join dates as first_days
    on stays.from_date = first_days.date_day

left outer join dates as last_days
    on stays.until_date = last_days.date_day

left outer join dates as days_so_far
    on least(stays.until_date, {{ as_of_date() }}) = days_so_far.date_day

{#
    What stands for or against a revenue target, by rep and day: open deals on their expected close date,
    won ones on the day of winning, and the targets themselves: those of a calendar month on its 15th, which
    lies in the fiscal month of the same number in any fiscal calendar. A seller in office has a row of zeros
    in every fiscal month of the horizon, so that nothing in sight is told as nothing. A deal credits its rep
    of today.
#}
with

settled as (

    select * from {{ ref('int_deals_settled') }}

),

targets as (

    select
        coalesce(rep_id, 'unassigned') as rep_id,
        target_value,
        month_start_date

    from {{ ref('int_targets_conformed') }}

    where criterion = 'revenue'

),

reps as (

    select * from {{ ref('dim_reps') }}

),

sellers as (

    select rep_id from settled
    union
    select rep_id from targets

),

dates as (

    select * from {{ ref('dim_dates') }}

),

today as (

    select fiscal_quarter_start_date

    from dates

    where is_as_of_day

),

months as (

    select distinct dates.fiscal_month_start_date

    from dates

    inner join today
        on dates.fiscal_month_start_date >= today.fiscal_quarter_start_date

),

prospects as (

    select
        rep_id,
        case when state = 'open' then amount end as open_amount,
        case when state = 'won' then amount end as won_amount,
        cast(null as decimal(18, 2)) as target,
        is_unvalued,
        case when state = 'open' then expected_close_date else closed_date end as due_date

    from settled

    where state in ('open', 'won')

    union all

    select
        rep_id,
        cast(null as decimal(18, 2)) as open_amount,
        cast(null as decimal(18, 2)) as won_amount,
        target_value as target,
        false as is_unvalued,
        {{ add_days('month_start_date', 14) }} as due_date

    from targets

    union all

    select
        sellers.rep_id,
        cast(0 as decimal(18, 2)) as open_amount,
        cast(0 as decimal(18, 2)) as won_amount,
        cast(null as decimal(18, 2)) as target,
        false as is_unvalued,
        months.fiscal_month_start_date as due_date

    from sellers

    inner join reps
        on sellers.rep_id = reps.rep_id

    cross join months

    where reps.is_employed

)

select
    prospects.rep_id,
    coalesce(reps.team, 'unknown') as team,
    prospects.open_amount,
    prospects.won_amount,
    prospects.target,
    prospects.is_unvalued,
    prospects.due_date

from prospects

left outer join reps
    on prospects.rep_id = reps.rep_id

{#
    Reps hand in months. For a longer period their words are added up, of the month of the day and of those to come; it
    is a word for the period only if none of them is missing. A calendar month is told by its 15th, which lies in the
    fiscal month of the same number in any fiscal calendar.
#}
with

days as (

    select * from {{ ref('int_forecast_days') }}

),

months as (

    select *

    from {{ ref('int_forecast_periods') }}

    where period_grain = 'month'

),

submissions as (

    select
        dated.rep_id,
        dated.amount,
        months.period_start_date as month_start_date,
        dated.from_date,
        dated.until_date

    from {{ ref('int_submissions_dated') }} as dated

    inner join months
        on
            months.period_start_date <= {{ add_days('dated.month_start_date', 14) }}
            and months.period_end_date >= {{ add_days('dated.month_start_date', 14) }}

),

open_months as (

    select
        days.period_grain,
        days.period_start_date,
        days.stated_date,
        months.period_start_date as month_start_date,
        count(*) over (
            partition by days.period_grain, days.period_start_date, days.stated_date
        ) as month_count

    from days

    inner join months
        on
            days.period_start_date <= months.period_start_date
            and days.period_end_date >= months.period_end_date
            and days.stated_date <= months.period_end_date

)

select
    submissions.rep_id,
    open_months.period_grain,
    cast(sum(submissions.amount) as decimal(18, 2)) as amount,
    open_months.period_start_date,
    open_months.stated_date

from open_months

inner join submissions
    on
        open_months.month_start_date = submissions.month_start_date
        and open_months.stated_date >= submissions.from_date
        and coalesce(open_months.stated_date < submissions.until_date, true)

group by submissions.rep_id, open_months.period_grain, open_months.period_start_date, open_months.stated_date

having count(*) = max(open_months.month_count)

{#
    Days on which something happens, and the 35 days of mart_flash whatever happens. When an account, a
    contact or a rep began is no such day: it may lie decades back.
#}
with

first_days as (

    select {{ local_date('min(created_at)') }} as first_day from {{ ref('int_opportunities_conformed') }}
    union all
    select {{ local_date('min(created_at)') }} as first_day from {{ ref('int_leads_conformed') }}
    union all
    select {{ local_date('min(coalesce(planned_at, booked_at))') }} as first_day
    from {{ ref('int_activities_conformed') }}
    union all
    select {{ local_date('min(visited_at)') }} as first_day from {{ ref('int_page_visits_conformed') }}
    union all
    select min(spend_date) as first_day from {{ ref('int_campaign_days_conformed') }}
    union all
    select min(issued_date) as first_day from {{ ref('int_invoice_lines_united') }}
    union all
    select min(month_start_date) as first_day from {{ ref('int_targets_conformed') }}
    union all
    select {{ add_days(as_of_date(), -34) }} as first_day

),

bounds as (

    select
        cast(date_trunc('year', min(first_day)) as date) as first_day,
        cast({{ as_of_date() }} + interval 24 month as date) as last_day

    from first_days

),

days as (

    {{ date_spine('(select first_day from bounds)', '(select last_day from bounds)') }}

),

dated as (

    select
        days.date_day,
        cast(date_trunc('week', days.date_day) as date) as week_start_date,
        cast(date_trunc('month', days.date_day) as date) as month_start_date,
        cast(date_trunc('quarter', days.date_day) as date) as quarter_start_date,
        cast(extract(year from days.date_day) as integer) as year_number,
        {{ fiscal_year('days.date_day') }} as fiscal_year,
        {{ fiscal_quarter('days.date_day') }} as fiscal_quarter,
        cast({{ iso_weekday('days.date_day') }} as integer) as iso_weekday,
        holidays.holiday_date is not null as is_holiday,
        {{ iso_weekday('days.date_day') }} <= 5 and holidays.holiday_date is null as is_working_day

    from days

    left outer join {{ ref('holidays') }} as holidays
        on days.date_day = holidays.holiday_date

),

-- A 4-4-5 year begins on the Monday nearest to the fiscal year's first day; a 53rd week joins its last period.
years_445 as (

    select
        fiscal_year as year_445,
        {{ nearest_monday('min(' ~ fiscal_year_start('fiscal_year') ~ ')') }} as first_monday,
        {{ nearest_monday('min(' ~ fiscal_year_start('fiscal_year + 1') ~ ')') }} as next_first_monday

    from (

        select fiscal_year from dated
        union
        select max(fiscal_year) + 1 as fiscal_year from dated
        union
        select min(fiscal_year) - 1 as fiscal_year from dated

    ) as fiscal_years

    group by fiscal_year

),

weeks_445 as (

    select
        dated.*,
        years_445.year_445,
        cast(
            floor({{ calendar_days('years_445.first_monday', 'dated.date_day') }} / 7.0) + 1 as integer
        ) as week_445

    from dated

    inner join years_445
        on
            dated.date_day >= years_445.first_monday
            and dated.date_day < years_445.next_first_monday

)

select
    year_number,
    fiscal_year,
    fiscal_quarter,
    year_445,
    cast(least(4, floor((week_445 - 1) / 13.0) + 1) as integer) as quarter_445,
    cast(
        3 * least(3, floor((week_445 - 1) / 13.0))
        + case
            when week_445 - 13 * least(3, floor((week_445 - 1) / 13.0)) <= 4 then 1
            when week_445 - 13 * least(3, floor((week_445 - 1) / 13.0)) <= 8 then 2
            else 3
        end as integer
    ) as period_445,
    week_445,
    iso_weekday,
    cast(sum(case when is_working_day then 1 else 0 end) over (
        order by date_day
        rows between unbounded preceding and current row
    ) as integer) as working_day_number,
    is_holiday,
    is_working_day,
    date_day = {{ as_of_date() }} as is_as_of_day,
    date_day,
    week_start_date,
    month_start_date,
    quarter_start_date,
    {{ fiscal_year_start('fiscal_year') }} as fiscal_year_start_date

from weeks_445

order by date_day

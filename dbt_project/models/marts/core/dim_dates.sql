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
        cast({{ iso_weekday('days.date_day') }} as integer) as iso_weekday,
        holidays.holiday_date is not null as is_holiday,
        {{ iso_weekday('days.date_day') }} <= 5 and holidays.holiday_date is null as is_working_day

    from days

    left outer join {{ ref('holidays') }} as holidays
        on days.date_day = holidays.holiday_date

),

in_years as (

    select
        *,
        {{ fiscal_year_start('fiscal_year') }} as fiscal_year_start_date

    from dated

),

in_months as (

    select
        *,
        {{ fiscal_month('date_day', 'fiscal_year_start_date') }} as fiscal_month

    from in_years

)

select
    year_number,
    fiscal_year,
    cast(floor((fiscal_month - 1) / 3.0) + 1 as integer) as fiscal_quarter,
    fiscal_month,
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
    {{ fiscal_month_start('date_day', 'fiscal_year_start_date') }} as fiscal_month_start_date,
    {{ fiscal_quarter_start('date_day', 'fiscal_year_start_date') }} as fiscal_quarter_start_date,
    fiscal_year_start_date,
    case when date_day <= {{ as_of_date() }} then {{ day_start(add_days('date_day', 1)) }} end as ends_at

from in_months

order by date_day

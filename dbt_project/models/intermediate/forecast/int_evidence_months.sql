{#
    Twelve months by number: counted in days they would take in a thirteenth where a year has 53 weeks, or a 29th of
    February.
#}
with

periods as (

    select * from {{ ref('int_forecast_periods') }}

),

months as (

    select
        period_start_date,
        period_end_date,
        row_number() over (order by period_start_date) as month_no

    from periods

    where period_grain = 'month'

),

quarters as (

    select
        periods.period_start_date,
        periods.period_end_date,
        months.month_no as last_month_no

    from periods

    inner join months
        on periods.period_end_date = months.period_end_date

    where periods.period_grain = 'quarter' and periods.is_period_over

)

select
    quarters.period_start_date as quarter_start_date,
    quarters.period_end_date as quarter_end_date,
    months.period_start_date as month_start_date

from quarters

inner join months
    on
        quarters.last_month_no >= months.month_no
        and quarters.last_month_no < months.month_no + 12

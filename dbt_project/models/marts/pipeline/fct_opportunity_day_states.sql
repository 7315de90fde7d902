{#
    A run of days is cut where a fiscal year begins, because the plan rate changes there. Close periods are
    computed from the date and not looked up: a deal may be expected to close on any day there is.
#}
with

day_runs as (

    select * from {{ ref('int_opportunity_day_runs') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

fiscal_years as (

    select
        fiscal_year,
        min(date_day) as first_day,
        {{ add_days('max(date_day)', 1) }} as next_first_day

    from dates

    group by fiscal_year

),

cut as (

    select
        day_runs.*,
        fiscal_years.fiscal_year,
        greatest(day_runs.from_date, fiscal_years.first_day) as cut_from_date,
        least(day_runs.until_date, fiscal_years.next_first_day) as cut_until_date

    from day_runs

    inner join fiscal_years
        on
            day_runs.from_date < fiscal_years.next_first_day
            and day_runs.until_date > fiscal_years.first_day

),

rated as (

    select
        cut.*,
        case
            when cut.currency = '{{ var("reporting_currency") }}' then cast(1 as decimal(18, 6))
            else plan_rates.rate
        end as plan_rate

    from cut

    left outer join plan_rates
        on
            cut.currency = plan_rates.currency
            and cut.fiscal_year = plan_rates.fiscal_year

),

valued as (

    select
        *,
        cast(amount_doc * plan_rate as decimal(18, 2)) as plan_amount,
        {{ fiscal_year_start(fiscal_year('expected_close_date')) }} as close_year_date

    from rated

)

select
    valued.opportunity_id,
    coalesce(valued.rep_id, 'unassigned') as rep_id,
    valued.team,
    valued.stage_id,
    valued.segment_id,
    opportunities.origin,
    valued.state,
    valued.currency,
    valued.forecast_category,
    valued.amount_doc,
    valued.plan_amount as amount,
    cast(valued.plan_amount * valued.win_probability as decimal(18, 2)) as weighted_amount,
    valued.plan_rate,
    valued.win_probability,
    valued.is_reconstructed,
    valued.expected_close_date,
    {{ fiscal_month_start('valued.expected_close_date', 'valued.close_year_date') }} as close_month_date,
    {{ fiscal_quarter_start('valued.expected_close_date', 'valued.close_year_date') }} as close_quarter_date,
    valued.cut_from_date as from_date,
    valued.cut_until_date as until_date

from valued

inner join opportunities
    on valued.opportunity_id = opportunities.opportunity_id

order by valued.opportunity_id, valued.cut_from_date

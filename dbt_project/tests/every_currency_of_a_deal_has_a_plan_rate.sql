{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_opportunities"}}}) }}
-- Without a rate an amount is NULL, never taken as 1. Each row names the line that desk/fx_plan_rates.csv lacks:
-- for today's value that of the fiscal year of closing (of as_of while open), for the past that of the days.
with

unvalued as (

    select
        opportunity_id,
        currency,
        {{ fiscal_year('coalesce(closed_date, ' ~ as_of_date() ~ ')') }} as fiscal_year

    from {{ ref('fct_opportunities') }}

    where amount is null and amount_doc is not null

    union all

    select
        opportunity_id,
        currency,
        {{ fiscal_year('from_date') }} as fiscal_year

    from {{ ref('fct_opportunity_day_states') }}

    where plan_rate is null and amount_doc is not null

)

select
    currency,
    fiscal_year,
    count(distinct opportunity_id) as deals

from unvalued

group by currency, fiscal_year

{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_invoice_lines"}}}) }}
-- Without a rate an amount is NULL, never taken as 1. Each row names the line that desk/fx_plan_rates.csv lacks:
-- that of the fiscal year of issue, or of the day of the spend.
with

unvalued as (

    select
        'fct_invoice_lines' as table_name,
        currency,
        {{ fiscal_year('issued_date') }} as fiscal_year

    from {{ ref('fct_invoice_lines') }}

    where amount is null and amount_doc is not null

    union all

    select
        'fct_campaign_days' as table_name,
        currency,
        {{ fiscal_year('spend_date') }} as fiscal_year

    from {{ ref('int_spendings_valued') }}

    where spend is null and spend_doc is not null

)

select
    table_name,
    currency,
    fiscal_year,
    count(*) as row_count

from unvalued

group by table_name, currency, fiscal_year

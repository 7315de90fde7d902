{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_opportunity_day_states"}}}) }}
-- Without a rate an amount is NULL, never taken as 1; the line is missing in desk/fx_plan_rates.csv.
select
    currency,
    {{ fiscal_year('from_date') }} as fiscal_year,
    count(*) as runs_of_days

from {{ ref('fct_opportunity_day_states') }}

where amount_doc is not null and plan_rate is null

group by currency, {{ fiscal_year('from_date') }}

{#
    One row per version of an opportunity that is won, with the day of the win. A deal that is
    reopened stops being won on that day; won again, it counts from the new day. Whatever is corrected
    later is worth the plan rate of the year in which the deal was won.
#}
with

versions as (

    select * from {{ ref('fct_opportunity_versions') }}

),

spells as (

    select
        *,
        {{ local_date('entered_at') }} as won_date

    from {{ ref('int_stage_spells') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

)

select
    versions.opportunity_id,
    versions.rep_id,
    {{ plan_amount('versions.amount_doc', 'versions.currency', 'plan_rates.rate', scale=2) }} as amount,
    versions.is_stage_reconstructed or versions.is_amount_reconstructed as is_reconstructed,
    spells.won_date,
    dates.fiscal_month_start_date as won_month_date,
    dates.fiscal_quarter_start_date as won_quarter_date,
    versions.valid_from_date,
    versions.valid_to_date

from versions

inner join spells
    on
        versions.opportunity_id = spells.opportunity_id
        and versions.valid_from >= spells.entered_at
        and coalesce(versions.valid_from < spells.left_at, true)

inner join dates
    on spells.won_date = dates.date_day

left outer join plan_rates
    on
        versions.currency = plan_rates.currency
        and dates.fiscal_year = plan_rates.fiscal_year

where versions.state = 'won' and spells.state = 'won'

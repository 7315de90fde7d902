with

campaign_days as (

    select * from {{ ref('int_campaign_days_conformed') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

spendings as (

    select
        campaign_days.campaign_id,
        campaign_days.currency,
        campaign_days.spend_doc,
        {{ plan_amount('campaign_days.spend_doc', 'campaign_days.currency', 'plan_rates.rate') }} as spend,
        campaign_days.impressions,
        campaign_days.clicks,
        campaign_days.spend_date

    from campaign_days

    left outer join plan_rates
        on
            campaign_days.currency = plan_rates.currency
            and {{ fiscal_year('campaign_days.spend_date') }} = plan_rates.fiscal_year

    where campaign_days.spend_date <= {{ as_of_date() }}

)

select * from spendings

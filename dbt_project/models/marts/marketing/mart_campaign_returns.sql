{#
    What each campaign cost and what came of it. Deals that it won are worth their amount; their margin is known only as
    far as they are invoiced, so the return on margin grows for a while.
#}
with

campaign_days as (

    select
        campaign_id,
        sum(spend) as spend,
        count(case when spend is null then 1 end) as unvalued_day_count,
        sum(clicks) as clicks,
        sum(leads_created) as lead_count,
        sum(opportunities_created) as opportunity_count,
        sum(opportunities_won) as won_count,
        sum(won_amount) as won_amount

    from {{ ref('fct_campaign_days') }}

    group by campaign_id

),

qualified_leads as (

    select
        campaign_id,
        count(*) as qualified_count

    from {{ ref('fct_leads') }}

    where is_qualified

    group by campaign_id

),

invoiced as (

    select
        opportunities.campaign_id,
        sum(lines.amount) as invoiced_net,
        sum(lines.margin) as margin

    from {{ ref('fct_invoice_lines') }} as lines

    inner join {{ ref('fct_opportunities') }} as opportunities
        on lines.opportunity_id = opportunities.opportunity_id

    where lines.issued_date <= {{ as_of_date() }}

    group by opportunities.campaign_id

)

select
    campaigns.campaign_id,
    campaigns.channel,
    campaigns.target_segment_id,
    cast(campaign_days.spend as decimal(18, 4)) as spend,
    cast(coalesce(campaign_days.unvalued_day_count, 0) as bigint) as unvalued_day_count,
    cast(coalesce(campaign_days.clicks, 0) as bigint) as clicks,
    cast(coalesce(campaign_days.lead_count, 0) as bigint) as lead_count,
    cast(coalesce(qualified_leads.qualified_count, 0) as bigint) as qualified_count,
    cast(coalesce(campaign_days.opportunity_count, 0) as bigint) as opportunity_count,
    cast(coalesce(campaign_days.won_count, 0) as bigint) as won_count,
    cast(coalesce(campaign_days.won_amount, 0) as decimal(18, 4)) as won_amount,
    cast(coalesce(invoiced.invoiced_net, 0) as decimal(18, 4)) as invoiced_net,
    cast(coalesce(invoiced.margin, 0) as decimal(18, 4)) as margin,
    {{ safe_divide('campaign_days.spend', 'campaign_days.lead_count') }} as cost_per_lead,
    {{ safe_divide('campaign_days.spend', 'campaign_days.won_count') }} as cost_per_win,
    {{ safe_divide('campaign_days.won_amount', 'campaign_days.spend') }} as won_per_spend,
    {{ safe_divide('(coalesce(invoiced.margin, 0) - campaign_days.spend)', 'campaign_days.spend') }} as margin_return

from {{ ref('dim_campaigns') }} as campaigns

left outer join campaign_days
    on campaigns.campaign_id = campaign_days.campaign_id

left outer join qualified_leads
    on campaigns.campaign_id = qualified_leads.campaign_id

left outer join invoiced
    on campaigns.campaign_id = invoiced.campaign_id

order by campaigns.campaign_id

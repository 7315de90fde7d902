{#
    Spend, visits and leads come from three tables that need not have the same days: they are added
    up as events, so that none is lost and none multiplies another.
#}
with

spendings as (

    select * from {{ ref('int_spendings_valued') }}

),

page_visits as (

    select * from {{ ref('int_page_visits_conformed') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

events as (

    select
        campaign_id,
        spend,
        case when spend is null and spend_doc is not null then 1 else 0 end as is_unvalued,
        impressions,
        clicks,
        0 as page_visits,
        0 as leads,
        spend_date

    from spendings

    union all

    select
        campaign_id,
        0 as spend,
        0 as is_unvalued,
        0 as impressions,
        0 as clicks,
        1 as page_visits,
        0 as leads,
        {{ local_date('visited_at') }} as spend_date

    from page_visits

    where campaign_id is not null and not is_bot and visited_at < {{ as_of_at() }}

    union all

    select
        campaign_id,
        0 as spend,
        0 as is_unvalued,
        0 as impressions,
        0 as clicks,
        0 as page_visits,
        1 as leads,
        created_date as spend_date

    from leads

    where campaign_id is not null

)

select
    campaign_id,
    cast(case when max(is_unvalued) = 0 then sum(spend) end as decimal(18, 4)) as spend,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(clicks) as bigint) as clicks,
    cast(sum(page_visits) as bigint) as page_visits,
    cast(sum(leads) as bigint) as leads_created,
    spend_date

from events

group by campaign_id, spend_date

order by spend_date, campaign_id

{#
    Spend, visits, leads and deals come from tables that need not have the same days: they are added up as events, so
    that none is lost and none multiplies another. A deal counts for the campaign credited at its creation.
#}
{%- set sums = {
    'spend': 'decimal(18, 4)', 'impressions': 'bigint', 'clicks': 'bigint', 'page_visits': 'bigint',
    'leads_created': 'bigint', 'opportunities_created': 'bigint', 'opportunities_won': 'bigint', 'won_amount': 'decimal(18, 4)',
} -%}
{%- set events = [
    {
        'relation': 'spendings', 'day': 'spend_date',
        'adds': {'spend': 'spend', 'impressions': 'impressions', 'clicks': 'clicks'},
        'unvalued': 'case when spend is null and spend_doc is not null then 1 else 0 end',
    },
    {'relation': 'page_visits', 'day': local_date('visited_at'), 'adds': {'page_visits': '1'}},
    {'relation': 'leads', 'day': 'created_date', 'adds': {'leads_created': '1'}},
    {'relation': 'deals', 'day': 'created_date', 'adds': {'opportunities_created': '1'}},
    {'relation': 'wins', 'day': 'closed_date', 'adds': {'opportunities_won': '1', 'won_amount': 'amount'}},
] -%}
with

spendings as (

    select * from {{ ref('int_spendings_valued') }}

),

page_visits as (

    select *

    from {{ ref('int_page_visits_conformed') }}

    where not is_bot and visited_at < {{ as_of_at() }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

deals as (

    select *

    from {{ ref('fct_opportunities') }}

    where state is distinct from 'merged' and created_date is not null

),

wins as (

    select *

    from deals

    where is_won and closed_date is not null

),

events as (

    {%- for event in events %}
    select
        campaign_id,
        {%- for name, data_type in sums.items() %}
        cast({{ event.adds.get(name, '0') }} as {{ data_type }}) as {{ name }},
        {%- endfor %}
        {{ event.get('unvalued', '0') }} as is_unvalued,
        {{ event.day }} as spend_date

    from {{ event.relation }}

    where campaign_id is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    campaign_id,
    cast(case when max(is_unvalued) = 0 then sum(spend) end as {{ sums.spend }}) as spend,
    {%- for name in sums if name != 'spend' %}
    cast(coalesce(sum({{ name }}), 0) as {{ sums[name] }}) as {{ name }},
    {%- endfor %}
    spend_date

from events

group by campaign_id, spend_date

order by spend_date, campaign_id

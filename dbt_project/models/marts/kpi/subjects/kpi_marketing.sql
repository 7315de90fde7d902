{# In the first twelve months nobody can be told to be a new customer. #}
with

campaign_days as (

    select * from {{ ref('fct_campaign_days') }}

),

suggestions as (

    select *

    from {{ ref('fct_account_engagements') }}

    where suggested_segment_id is not null

),

segment_days as (

    select * from {{ ref('int_segment_days') }}

),

measured as (

    {{ kpi(
        'cost_per_lead',
        relation='campaign_days',
        day='spend_date',
        numerator='spend',
        denominator='case when spend is not null then leads_created end',
        levels={'campaign': 'campaign_id'},
        observations='leads_created'
    ) }}

    union all

    {{ kpi(
        'accounts_to_requalify', relation='suggestions', day='measured_date', numerator='1', kind='stock'
    ) }}

    union all

    {{ kpi(
        'acquisition_cost',
        relation='segment_days',
        day='date_day',
        numerator='case when is_customer_known then marketing_spend + effort_cost end',
        denominator='case when is_customer_known then new_customer_count end',
        levels={'segment': 'segment_id'},
        observations='new_customer_count'
    ) }}

    union all

    {{ kpi(
        'net_of_acquisition', relation='segment_days', day='date_day',
        numerator='margin - marketing_spend - effort_cost', levels={'segment': 'segment_id'}
    ) }}

)

select * from measured

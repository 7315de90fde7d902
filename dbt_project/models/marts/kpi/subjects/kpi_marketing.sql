{#
    A lead has 180 days to be won and, once routed, 90 to convert: younger ones are not judged yet. In the first twelve
    months nobody can be told to be a new customer.
#}
{%- set is_grown = elapsed_days('created_at', as_of_at()) ~ ' >= 180' -%}
{%- set is_judged = 'is_over_threshold and ' ~ elapsed_days('scored_at', as_of_at()) ~ ' >= 90' -%}
with

leads as (

    select * from {{ ref('fct_leads') }}

),

routed as (

    select
        *,
        {{ local_date('scored_at') }} as routed_date

    from {{ ref('fct_lead_scores') }}

    where is_frozen

),

to_route as (

    select
        *,
        {{ as_of_date() }} as judged_date

    from {{ ref('fct_lead_scores') }}

    where is_over_threshold and not is_frozen

),

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
        'lead_conversion',
        relation='leads',
        day='created_date',
        numerator='case when is_converted then 1 else 0 end',
        denominator='1',
        levels={'origin': 'origin', 'campaign': 'campaign_id', 'rep': 'rep_id'},
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'lead_win_rate',
        relation='leads',
        day='created_date',
        numerator='case when ' ~ is_grown ~ ' then case when days_to_win <= 180 then 1 else 0 end end',
        denominator='case when ' ~ is_grown ~ ' then 1 end',
        levels={'origin': 'origin', 'rep': 'rep_id'},
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'hours_to_route', relation='routed', day='routed_date', numerator='hours_to_route', denominator='1',
        levels={'rep': 'rep_id'}
    ) }}

    union all

    {{ kpi(
        'lead_score_precision',
        relation='routed',
        day='routed_date',
        numerator='case when ' ~ is_judged ~ ' then case when is_converted then 1 else 0 end end',
        denominator='case when ' ~ is_judged ~ ' then 1 end',
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi('leads_to_route', relation='to_route', day='judged_date', numerator='1', kind='stock') }}

    union all

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

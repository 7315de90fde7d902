with

leads as (

    select * from {{ ref('fct_leads') }}

),

segment_days as (

    select * from {{ ref('int_segment_days') }}

),

-- In the first twelve months nobody can be told to be new.
days_with_known_customers as (

    select *

    from segment_days

    where is_customer_known

),

measured as (

    {{ kpi(
        'lead_conversion',
        relation='leads',
        period='created_date',
        numerator='case when is_converted then 1 else 0 end',
        denominator='1',
        levels={'origin': 'origin', 'campaign': 'campaign_id', 'rep': 'rep_id'},
        least=var('min_n')
    ) }}

    union all

    {{ kpi(
        'acquisition_cost',
        relation='days_with_known_customers',
        period='date_day',
        numerator='marketing_spend + effort_cost',
        denominator='new_customer_count',
        levels={'segment': 'segment_id'},
        observations='new_customer_count'
    ) }}

    union all

    {{ kpi(
        'net_of_acquisition',
        relation='segment_days',
        period='date_day',
        numerator='margin - marketing_spend - effort_cost',
        levels={'segment': 'segment_id'}
    ) }}

)

select * from measured

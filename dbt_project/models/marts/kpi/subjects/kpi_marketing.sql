with

leads as (

    select * from {{ ref('fct_leads') }}

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

)

select * from measured

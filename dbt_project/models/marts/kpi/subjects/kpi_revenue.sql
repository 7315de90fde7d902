{%- set levels = {'rep': 'rep_id', 'segment': 'segment_id', 'territory': 'territory'} -%}
with

invoice_lines as (

    select *

    from {{ ref('fct_invoice_lines') }}

    where issued_date is not null

),

segment_days as (

    select * from {{ ref('int_segment_days') }}

),

-- In the first twelve months nobody can be told to be new.
days_with_known_customers as (

    select * from segment_days where is_customer_known

),

measured as (

    {{ kpi(
        'invoiced_net',
        relation='invoice_lines',
        period='issued_date',
        numerator='amount',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'margin_rate',
        relation='invoice_lines',
        period='issued_date',
        numerator='margin',
        denominator='case when margin is not null then amount end',
        levels=levels
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

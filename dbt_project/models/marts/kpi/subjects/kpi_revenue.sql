{%- set levels = {'rep': 'rep_id', 'segment': 'segment_id', 'territory': 'territory'} -%}
with

invoice_lines as (

    select *

    from {{ ref('fct_invoice_lines') }}

    where issued_date is not null

),

measured as (

    {{ kpi(
        'invoiced_net',
        relation='invoice_lines',
        day='issued_date',
        numerator='amount',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'margin_rate',
        relation='invoice_lines',
        day='issued_date',
        numerator='margin',
        denominator='case when margin is not null then amount end',
        levels=levels
    ) }}

)

select * from measured

{# What is due is known of today only; what was paid counts on the day of paying. #}
{%- set sellers = {'rep': 'rep_id', 'segment': 'segment_id'} -%}
with

invoices as (

    select
        *,
        {{ as_of_date() }} as judged_date

    from {{ ref('fct_invoices') }}

),

settled as (

    select *

    from invoices

    where settled_date is not null

),

payments as (

    select * from {{ ref('fct_invoice_payments') }}

),

measured as (

    {{ kpi('collected_net', relation='payments', day='paid_date', numerator='collected_net', levels=sellers) }}

    union all

    {{ kpi(
        'days_to_pay',
        relation='settled',
        day='settled_date',
        numerator='days_to_pay',
        denominator='1',
        levels=sellers
    ) }}

    union all

    {{ kpi(
        'overdue_share',
        relation='invoices',
        day='judged_date',
        numerator='case when is_overdue then open_amount when open_amount > 0 then 0 end',
        denominator='case when open_amount > 0 then open_amount end',
        levels=sellers,
        kind='stock'
    ) }}

    union all

    {{ kpi(
        'disputed_share',
        relation='invoices',
        day='issued_date',
        numerator='case when is_disputed then gross_amount when gross_amount is not null then 0 end',
        denominator='gross_amount',
        levels=sellers
    ) }}

)

select * from measured

{#
    What is invoiced counts in the month of issue, an order in that of its first invoice.
#}
{%- set levels = {'rep': 'rep_id', 'segment': 'segment_id', 'territory': 'territory'} -%}
{%- set sellers = {'rep': 'rep_id', 'segment': 'segment_id'} -%}
with

invoice_lines as (

    select *

    from {{ ref('fct_invoice_lines') }}

    where issued_date is not null

),

orders as (

    select
        min(rep_id) as rep_id,
        min(segment_id) as segment_id,
        sum(amount) as amount,
        min(issued_date) as first_invoiced_date

    from invoice_lines

    where amount is not null

    group by coalesce(order_id, corrected_document_id, document_id)

    -- A credit note that names no invoice is no order.
    having max(case when document_kind <> 'credit_note' then 1 else 0 end) = 1

),

measured as (

    {{ kpi('invoiced_net', relation='invoice_lines', day='issued_date', numerator='amount', levels=levels) }}

    union all

    {{ kpi('margin', relation='invoice_lines', day='issued_date', numerator='margin', levels=levels) }}

    union all

    {{ kpi(
        'margin_rate',
        relation='invoice_lines',
        day='issued_date',
        numerator='margin',
        denominator='case when margin is not null then amount end',
        levels=levels
    ) }}

    union all

    {{ kpi(
        'order_basket',
        relation='orders',
        day='first_invoiced_date',
        numerator='amount',
        denominator='1',
        levels=sellers
    ) }}

    union all

    {{ kpi(
        'unlinked_share',
        relation='invoice_lines',
        day='issued_date',
        numerator='case when opportunity_id is null then amount when amount is not null then 0 end',
        denominator='amount',
        levels=sellers
    ) }}

    union all

    {{ kpi(
        'unattributed_share',
        relation='invoice_lines',
        day='issued_date',
        numerator='case when account_id is null then 1 else 0 end',
        denominator='1',
        least=var('min_n'),
        is_proportion=true
    ) }}

    union all

    {{ kpi(
        'exact_duplicate_lines', relation='invoice_lines', day='issued_date',
        numerator='case when is_exact_duplicate then 1 else 0 end'
    ) }}

)

select * from measured

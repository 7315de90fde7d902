{#
    When an account became a customer, and by whom: with its first invoice, or, where a company delivers no
    invoices, with its first deal won. A credit note makes no customer.
#}
{%- set by_invoice = revenue_measure() == 'invoiced_net' -%}
with

sales as (

    select
        account_id,
        rep_id,
        {{ 'document_id' if by_invoice else 'opportunity_id' }} as sale_id,
        {{ 'issued_date' if by_invoice else 'closed_date' }} as sold_date

    from {{ ref('fct_invoice_lines') if by_invoice else ref('fct_opportunities') }}

    where {{ "amount > 0 and corrected_document_id is null" if by_invoice else 'is_won' }}

)

select
    account_id,
    rep_id,
    sold_date as customer_since_date

from sales

where account_id is not null and sold_date is not null

qualify row_number() over (partition by account_id order by sold_date, sale_id, rep_id) = 1

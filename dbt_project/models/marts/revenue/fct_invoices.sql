{#
    Paid money is allocated to the invoice up to what it asks for after credit notes; what is beyond is a credit of the
    customer, not revenue. All amounts are worth the plan rate of the invoice, so that what is paid equals
    what was asked. Where no payments are delivered, nothing is known of them.
#}
{%- set is_paid_known = var('conformed').get('payments') -%}
{%- set amounts = ['net', 'tax', 'gross', 'credited', 'paid', 'allocated', 'open'] -%}
with

documents as (

    select
        document_id,
        min(order_id) as order_id,
        min(opportunity_id) as opportunity_id,
        min(account_id) as account_id,
        min(rep_id) as rep_id,
        min(document_kind) as document_kind,
        min(segment_id) as segment_id,
        min(currency) as currency,
        min(issued_date) as issued_date

    from {{ ref('fct_invoice_lines') }}

    where document_kind <> 'credit_note' and issued_date <= {{ as_of_date() }}

    group by document_id

),

settlements as (

    select
        document_id,
        net_doc,
        tax_doc,
        gross_doc,
        credited_doc,
        {%- if is_paid_known %}
        settled_date,
        paid_doc,
        least(paid_doc, greatest(gross_doc - credited_doc, 0)) as allocated_doc,
        case when settled_date is null then greatest(gross_doc - credited_doc - paid_doc, 0) else 0 end as open_doc
        {%- else %}
        cast(null as date) as settled_date,
        cast(null as decimal(18, 2)) as paid_doc,
        cast(null as decimal(18, 2)) as allocated_doc,
        cast(null as decimal(18, 2)) as open_doc
        {%- endif %}

    from {{ ref('int_invoice_settlements') }}

),

valued as (

    select
        documents.*,
        settlements.gross_doc,
        headers.due_date,
        coalesce(headers.is_disputed, false) as is_disputed,
        {%- for name in amounts %}
        {{ plan_amount('settlements.' ~ name ~ '_doc', 'documents.currency', 'plan_rates.rate') }} as {{ name }}_amount,
        {%- endfor %}
        settlements.settled_date

    from documents

    inner join settlements
        on documents.document_id = settlements.document_id

    left outer join {{ ref('int_invoices_conformed') }} as headers
        on documents.document_id = headers.document_id

    left outer join {{ ref('int_fx_plan_rates') }} as plan_rates
        on
            documents.currency = plan_rates.currency
            and {{ fiscal_year('documents.issued_date') }} = plan_rates.fiscal_year

),

judged as (

    select
        *,
        coalesce(open_amount > 0 and due_date < {{ as_of_date() }}, false) as is_overdue

    from valued

)

select
    document_id,
    order_id,
    opportunity_id,
    account_id,
    rep_id,
    document_kind,
    segment_id,
    currency,
    gross_doc,
    {%- for name in amounts %}
    {{ name }}_amount,
    {%- endfor %}
    cast(paid_amount - allocated_amount as decimal(18, 4)) as overpaid_amount,
    cast(allocated_amount * {{ safe_divide('net_amount', 'gross_amount') }} as decimal(18, 4)) as collected_net,
    cast({{ calendar_days('issued_date', 'settled_date') }} as integer) as days_to_pay,
    cast(case when is_overdue then {{ calendar_days('due_date', as_of_date()) }} end as integer) as overdue_days,
    is_overdue,
    is_disputed,
    issued_date,
    due_date,
    settled_date

from judged

order by issued_date, document_id

{#
    Lines of invoices, deposits and credit notes in one table, so that net is a plain sum. Some sources
    print the customer, the day and the currency on the line, others on the header only: the line wins.
#}
with

invoice_lines as (

    select * from {{ ref('int_invoice_lines_conformed') }}

),

invoices as (

    select * from {{ ref('int_invoices_conformed') }}

),

credit_notes as (

    select * from {{ ref('int_credit_notes_conformed') }}

),

headed_lines as (

    select
        invoice_lines.line_id,
        invoice_lines.document_id,
        coalesce(invoice_lines.order_id, invoices.order_id) as order_id,
        coalesce(invoice_lines.account_id, invoices.account_id) as account_id,
        coalesce(invoice_lines.rep_id, invoices.rep_id) as rep_id,
        invoice_lines.product_id,
        cast(null as varchar) as corrected_document_id,
        coalesce(invoice_lines.document_kind, invoices.document_kind, 'invoice') as document_kind,
        invoice_lines.territory,
        invoice_lines.region,
        coalesce(invoice_lines.currency, invoices.currency) as currency,
        invoice_lines.line_number,
        invoice_lines.repetition_no,
        invoice_lines.quantity,
        invoice_lines.unit_price_doc,
        invoice_lines.amount_doc,
        invoice_lines.cost_doc,
        coalesce(invoice_lines.issued_date, invoices.issued_date) as issued_date,
        invoice_lines.source_name

    from invoice_lines

    left outer join invoices
        on
            invoice_lines.document_id = invoices.document_id
            and invoice_lines.source_name = invoices.source_name

),

-- A credit note knows the invoice it corrects, and the invoice its order: so the deal behind it.
corrected_orders as (

    select
        document_id,
        source_name,
        min(order_id) as order_id

    from headed_lines

    group by document_id, source_name

),

-- A credit note is printed positive and counts against the turnover. What the returned goods had
-- cost is not on it, so its cost is unknown and not 0.
credit_lines as (

    select
        credit_notes.document_id || '-credit' as line_id,
        credit_notes.document_id,
        corrected_orders.order_id,
        credit_notes.account_id,
        credit_notes.rep_id,
        credit_notes.product_id,
        credit_notes.corrected_document_id,
        'credit_note' as document_kind,
        cast(null as varchar) as territory,
        cast(null as varchar) as region,
        credit_notes.currency,
        cast(1 as bigint) as line_number,
        cast(null as bigint) as repetition_no,
        cast(null as decimal(18, 3)) as quantity,
        cast(null as decimal(18, 4)) as unit_price_doc,
        cast(-credit_notes.amount_doc as decimal(18, 4)) as amount_doc,
        cast(null as decimal(18, 4)) as cost_doc,
        credit_notes.issued_date,
        credit_notes.source_name

    from credit_notes

    left outer join corrected_orders
        on
            credit_notes.corrected_document_id = corrected_orders.document_id
            and credit_notes.source_name = corrected_orders.source_name

),

united as (

    select * from headed_lines
    union all
    select * from credit_lines

)

select * from united

{#
    What was taken off what a document asks for, day by day: payments, and credit notes with the tax that the document
    bears. The document is settled on the day from which nothing is left; a cent may be lost in rounding a tax.
#}
with

lines as (

    select
        document_id,
        sum(amount_doc) as net_doc

    from {{ ref('int_invoice_lines_united') }}

    where document_kind <> 'credit_note' and issued_date <= {{ as_of_date() }}

    group by document_id

),

invoices as (

    select
        lines.document_id,
        lines.net_doc,
        coalesce(headers.tax_doc, 0) as tax_doc,
        lines.net_doc + coalesce(headers.tax_doc, 0) as gross_doc

    from lines

    left outer join {{ ref('int_invoices_conformed') }} as headers
        on lines.document_id = headers.document_id

),

credits as (

    select
        credit_notes.corrected_document_id as document_id,
        credit_notes.amount_doc
        * (1 + coalesce({{ safe_divide('invoices.tax_doc', 'invoices.net_doc') }}, 0)) as credited,
        credit_notes.issued_date as settling_date

    from {{ ref('int_credit_notes_conformed') }} as credit_notes

    inner join invoices
        on credit_notes.corrected_document_id = invoices.document_id

    where credit_notes.issued_date <= {{ as_of_date() }}

),

settlements as (

    select
        document_id,
        amount_doc as paid,
        cast(0 as decimal(18, 2)) as credited,
        paid_date as settling_date

    from {{ ref('int_payments_conformed') }}

    where paid_date <= {{ as_of_date() }}

    union all

    select
        document_id,
        cast(0 as decimal(18, 2)) as paid,
        cast(credited as decimal(18, 2)) as credited,
        settling_date

    from credits

),

settled_days as (

    select
        document_id,
        sum(paid) as paid,
        sum(credited) as credited,
        settling_date

    from settlements

    group by document_id, settling_date

),

added_up as (

    select
        *,
        sum(paid + credited) over (
            partition by document_id
            order by settling_date
            rows between unbounded preceding and current row
        ) as settled_so_far

    from settled_days

)

select
    invoices.document_id,
    invoices.net_doc,
    invoices.tax_doc,
    invoices.gross_doc,
    coalesce(sum(added_up.paid), 0) as paid_doc,
    coalesce(sum(added_up.credited), 0) as credited_doc,
    min(case when added_up.settled_so_far >= invoices.gross_doc - 0.01 then added_up.settling_date end) as settled_date

from invoices

left outer join added_up
    on invoices.document_id = added_up.document_id

group by invoices.document_id, invoices.net_doc, invoices.tax_doc, invoices.gross_doc

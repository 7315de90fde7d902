{{ config(severity='warn', meta={"dagster": {"ref": {"name": "int_invoices_conformed"}}}) }}
-- An invoice whose header states another amount than its lines: a line was refused, or delivered late.
select
    invoices.source_name,
    invoices.document_id,
    max(invoices.amount_doc) as header_amount,
    coalesce(sum(invoice_lines.amount_doc), 0) as lines_amount

from {{ ref('int_invoices_conformed') }} as invoices

left outer join {{ ref('int_invoice_lines_conformed') }} as invoice_lines
    on
        invoices.document_id = invoice_lines.document_id
        and invoices.source_name = invoice_lines.source_name

where invoices.amount_doc is not null

group by invoices.source_name, invoices.document_id

having max(invoices.amount_doc) <> coalesce(sum(invoice_lines.amount_doc), 0)

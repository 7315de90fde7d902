{#
    What of each day's payments belongs to the invoice and not to the customer as a credit, without tax, at the plan rate of
    the invoice. It is what a day adds to the sum so far, so that the days of an invoice add up to its collected_net.
#}
with

paid_days as (

    select
        document_id,
        sum(amount_doc) as paid_doc,
        paid_date

    from {{ ref('int_payments_conformed') }}

    where paid_date <= {{ as_of_date() }}

    group by document_id, paid_date

),

so_far as (

    select
        document_id,
        sum(paid_doc) over (
            partition by document_id
            order by paid_date
            rows between unbounded preceding and current row
        ) as paid_doc,
        paid_date

    from paid_days

),

valued as (

    select
        so_far.document_id,
        invoices.rep_id,
        invoices.segment_id,
        {{ plan_amount(
            'least(so_far.paid_doc, greatest(settlements.gross_doc - settlements.credited_doc, 0))',
            'invoices.currency', 'plan_rates.rate'
        ) }} as allocated_amount,
        {{ safe_divide('invoices.net_amount', 'invoices.gross_amount') }} as net_share,
        so_far.paid_date

    from so_far

    inner join {{ ref('fct_invoices') }} as invoices
        on so_far.document_id = invoices.document_id

    inner join {{ ref('int_invoice_settlements') }} as settlements
        on so_far.document_id = settlements.document_id

    left outer join {{ ref('int_fx_plan_rates') }} as plan_rates
        on
            invoices.currency = plan_rates.currency
            and {{ fiscal_year('invoices.issued_date') }} = plan_rates.fiscal_year

),

collected as (

    select
        document_id,
        rep_id,
        segment_id,
        cast(allocated_amount * net_share as decimal(18, 4)) as collected_so_far,
        paid_date

    from valued

)

select
    document_id,
    rep_id,
    segment_id,
    cast(
        collected_so_far
        - coalesce(lag(collected_so_far) over (partition by document_id order by paid_date), 0) as decimal(18, 4)
    ) as collected_net,
    paid_date

from collected

order by paid_date, document_id

{{ config(meta={"dagster": {"ref": {"name": "mart_rep_months"}}}) }}
-- No money gets lost on the way from the lines to the months.
with

months as (

    select coalesce(sum(invoiced_net), 0) as amount

    from {{ ref('mart_rep_months') }}

),

invoice_lines as (

    select coalesce(sum(amount), 0) as amount

    from {{ ref('fct_invoice_lines') }}

    where issued_date is not null

)

select
    months.amount as months_amount,
    invoice_lines.amount as lines_amount

from months

cross join invoice_lines

where months.amount <> invoice_lines.amount

{#
    When each account first won, was first invoiced and first paid. What was bought before the data begin is not
    known, so within their first twelve months nobody can be told to be new.
#}
with

first_wins as (

    select
        account_id,
        min(closed_date) as first_won_date

    from {{ ref('fct_opportunities') }}

    where is_won

    group by account_id

),

documents as (

    select distinct
        document_id,
        account_id

    from {{ ref('fct_invoice_lines') }}

),

first_invoices as (

    select
        account_id,
        min(issued_date) as first_invoiced_date

    from {{ ref('fct_invoice_lines') }}

    where document_kind in ('invoice', 'deposit') and issued_date <= {{ as_of_date() }}

    group by account_id

),

first_payments as (

    select
        documents.account_id,
        min(payments.paid_date) as first_paid_date

    from {{ ref('int_payments_conformed') }} as payments

    inner join documents
        on payments.document_id = documents.document_id

    where payments.paid_date <= {{ as_of_date() }}

    group by documents.account_id

),

events as (

    select
        accounts.account_id,
        first_wins.first_won_date,
        first_invoices.first_invoiced_date,
        first_payments.first_paid_date,
        {{ customer_event() }}_date as customer_date

    from {{ ref('dim_accounts') }} as accounts

    left outer join first_wins
        on accounts.account_id = first_wins.account_id

    left outer join first_invoices
        on accounts.account_id = first_invoices.account_id

    left outer join first_payments
        on accounts.account_id = first_payments.account_id

)

select
    events.account_id,
    segments.segment_id,
    events.customer_date
    >= cast(date_trunc('month', min(events.customer_date) over ()) + interval 12 month as date) as is_new,
    events.customer_date,
    events.first_won_date,
    events.first_invoiced_date,
    events.first_paid_date

from events

left outer join {{ ref('int_account_segments_dated') }} as segments
    on
        events.account_id = segments.account_id
        and events.customer_date >= segments.from_date
        and events.customer_date < segments.until_date

where events.customer_date is not null

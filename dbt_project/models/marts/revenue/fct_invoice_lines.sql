with

lines as (

    select * from {{ ref('int_invoice_lines_united') }}

),

orders as (

    select * from {{ ref('int_orders_conformed') }}

),

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

segments as (

    select * from {{ ref('int_account_segments_dated') }}

),

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

-- A credit note may come in a later month than what it takes back.
original_days as (

    select
        document_id,
        source_name,
        min(issued_date) as issued_date

    from lines

    group by document_id, source_name

),

priced as (

    select
        lines.*,
        orders.opportunity_id,
        coalesce(lines.territory, accounts.territory) as known_territory,
        coalesce(lines.region, accounts.region) as known_region,
        segments.segment_id,
        accounts.segment_id as segment_id_current,
        coalesce(original_days.issued_date, lines.issued_date) as restated_date,
        {{ plan_amount('lines.amount_doc', 'lines.currency', 'plan_rates.rate') }} as amount,
        {{ plan_amount('lines.cost_doc', 'lines.currency', 'plan_rates.rate') }} as cost

    from lines

    left outer join orders
        on lines.order_id = orders.order_id

    left outer join accounts
        on lines.account_id = accounts.account_id

    left outer join segments
        on
            lines.account_id = segments.account_id
            and lines.issued_date >= segments.from_date
            and lines.issued_date < segments.until_date

    left outer join original_days
        on
            lines.corrected_document_id = original_days.document_id
            and lines.source_name = original_days.source_name

    left outer join plan_rates
        on
            lines.currency = plan_rates.currency
            and {{ fiscal_year('lines.issued_date') }} = plan_rates.fiscal_year

)

select
    line_id,
    document_id,
    order_id,
    opportunity_id,
    account_id,
    rep_id,
    product_id,
    corrected_document_id,
    document_kind,
    known_territory as territory,
    known_region as region,
    segment_id,
    segment_id_current,
    currency,
    line_number,
    quantity,
    unit_price_doc,
    amount_doc,
    cost_doc,
    amount,
    cost,
    cast(amount - cost as decimal(18, 4)) as margin,
    document_kind = 'deposit' as is_deposit,
    coalesce(repetition_no > 1, false) as is_exact_duplicate,
    issued_date,
    restated_date

from priced

order by issued_date, line_id

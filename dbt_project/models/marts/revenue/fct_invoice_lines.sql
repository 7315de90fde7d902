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

plan_rates as (

    select * from {{ ref('int_fx_plan_rates') }}

),

priced as (

    select
        lines.*,
        orders.opportunity_id,
        coalesce(lines.territory, accounts.territory) as known_territory,
        coalesce(lines.region, accounts.region) as known_region,
        accounts.segment_id,
        {{ plan_amount('lines.amount_doc', 'lines.currency', 'plan_rates.rate') }} as amount,
        {{ plan_amount('lines.cost_doc', 'lines.currency', 'plan_rates.rate') }} as cost

    from lines

    left outer join orders
        on lines.order_id = orders.order_id

    left outer join accounts
        on lines.account_id = accounts.account_id

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
    issued_date

from priced

order by issued_date, line_id

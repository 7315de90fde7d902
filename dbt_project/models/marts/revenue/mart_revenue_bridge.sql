{#
    From what was won to what was paid. Each step is added up from its own documents as events, so that none multiplies
    another: a deal with three orders is booked once. A deposit is deducted on its final invoice and so is never an
    extra sale.
#}
{%- set invoiced = [
    'booked_amount', 'ordered_amount', 'gross_invoiced', 'credit_note_amount', 'invoiced_net', 'deposit_net', 'unlinked_net',
    'costed_net', 'margin',
] -%}
{%- set paid = ['collected_net', 'open_amount', 'overdue_amount', 'disputed_amount', 'overpaid_amount'] -%}
{%- set sums = invoiced + paid -%}
{#- What nobody delivers is not known, and not 0. -#}
{%- set known = sums if var('conformed').get('payments') else invoiced -%}
{%- set steps = [
    {'relation': 'wins', 'adds': {'booked_amount': 'amount'}},
    {'relation': 'orders', 'adds': {'ordered_amount': 'amount'}},
    {
        'relation': 'invoice_lines',
        'adds': {
            'gross_invoiced': "case when document_kind <> 'credit_note' then amount end",
            'credit_note_amount': "case when document_kind = 'credit_note' then -amount end",
            'invoiced_net': 'amount',
            'deposit_net': 'case when is_deposit then amount end',
            'unlinked_net': 'case when opportunity_id is null then amount end',
            'costed_net': 'case when margin is not null then amount end',
            'margin': 'margin',
        },
    },
    {
        'relation': 'invoices',
        'adds': {
            'collected_net': 'collected_net',
            'open_amount': 'open_amount',
            'overdue_amount': 'case when is_overdue then open_amount end',
            'disputed_amount': 'case when is_disputed then open_amount end',
            'overpaid_amount': 'overpaid_amount',
        },
    },
] -%}
with

wins as (

    select *

    from {{ ref('fct_opportunities') }}

    where is_won

),

orders as (

    select
        orders.opportunity_id,
        orders.account_id,
        orders.rep_id,
        {{ plan_amount('orders.amount_doc', 'orders.currency', 'plan_rates.rate') }} as amount

    from {{ ref('int_orders_conformed') }} as orders

    left outer join {{ ref('int_fx_plan_rates') }} as plan_rates
        on
            orders.currency = plan_rates.currency
            and {{ fiscal_year('orders.order_date') }} = plan_rates.fiscal_year

    where orders.order_date <= {{ as_of_date() }}

),

invoice_lines as (

    select *

    from {{ ref('fct_invoice_lines') }}

    where issued_date <= {{ as_of_date() }}

),

invoices as (

    select * from {{ ref('fct_invoices') }}

),

steps as (

    {%- for step in steps %}
    select
        coalesce(opportunity_id, 'unlinked') as deal_id,
        account_id,
        {%- for name in sums %}
        cast({{ step.adds.get(name, 'null') }} as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        rep_id

    from {{ step.relation }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

member_steps as (

    {{ by_level('steps', {'rep': 'rep_id', 'account': 'account_id', 'deal': 'deal_id'}) }}

),

summed as (

    select
        level,
        {%- for name in sums %}
        cast({{ 'coalesce(sum(' ~ name ~ '), 0)' if name in known else 'null' }} as decimal(18, 4)) as {{ name }},
        {%- endfor %}
        member

    from member_steps

    group by level, member

)

select
    level,
    member,
    {%- for name in sums %}
    {{ name }},
    {%- endfor %}
    {{ safe_divide('margin', 'costed_net') }} as margin_rate

from summed

order by level, member

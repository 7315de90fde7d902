{#
    What each rep reached in a fiscal month, in every measure that an objective may be about and whose data the
    company delivers. The share of an offer is that of its products in the turnover whose product is known: a credit
    note often names none.
#}
{%- set knows_offers = var('conformed').get('invoice_lines') and var('conformed').get('products') -%}
with

rep_days as (

    select * from {{ ref('int_rep_days') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

monthly as (

    select
        rep_days.rep_id,
        {%- for name in [
            'created_count', 'won_count', 'lost_count', 'meetings_held_count', 'proposal_count', 'new_customer_count',
            'won_amount', 'invoiced_net', 'costed_net', 'margin',
        ] %}
        sum(rep_days.{{ name }}) as {{ name }},
        {%- endfor %}
        dates.fiscal_month_start_date as month_start_date

    from rep_days

    inner join dates
        on rep_days.date_day = dates.date_day

    where rep_days.date_day <= {{ as_of_date() }}

    group by rep_days.rep_id, dates.fiscal_month_start_date

),

{%- if knows_offers %}
-- A name that no product's category bears is mistyped: it has no data, which is not a share of 0.
offers as (

    select distinct
        schemes.offer,
        {{ comparable_text('schemes.offer') }} as category

    from {{ ref('objective_schemes') }} as schemes

    inner join {{ ref('dim_products') }} as products
        on {{ comparable_text('schemes.offer') }} = {{ comparable_text('products.category') }}

),

sold as (

    select
        coalesce(invoice_lines.rep_id, 'unassigned') as rep_id,
        {{ comparable_text('products.category') }} as category,
        sum(invoice_lines.amount) as amount,
        dates.fiscal_month_start_date as month_start_date

    from {{ ref('fct_invoice_lines') }} as invoice_lines

    inner join {{ ref('dim_products') }} as products
        on invoice_lines.product_id = products.product_id

    inner join dates
        on invoice_lines.issued_date = dates.date_day

    where invoice_lines.issued_date <= {{ as_of_date() }} and products.category is not null

    group by coalesce(invoice_lines.rep_id, 'unassigned'), {{ comparable_text('products.category') }}, dates.fiscal_month_start_date

),

offered as (

    select
        sold.rep_id,
        offers.offer,
        sum(case when sold.category = offers.category then sold.amount else 0 end) as reached,
        sum(sold.amount) as reached_of,
        sold.month_start_date

    from sold

    cross join offers

    group by sold.rep_id, offers.offer, sold.month_start_date

),
{%- endif %}

measured as (

    {% for measure, source in objective_measures().items() if var('conformed').get(source.entity) %}
    select
        rep_id,
        '{{ measure }}' as measure,
        cast(null as varchar) as offer,
        cast({{ source.reached }} as decimal(18, 4)) as reached,
        cast({{ source.of or 'null' }} as decimal(18, 4)) as reached_of,
        {{ 'true' if source.of else 'false' }} as is_rate,
        month_start_date

    from monthly
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        rep_id,
        cast(null as varchar) as measure,
        cast(null as varchar) as offer,
        cast(null as decimal(18, 4)) as reached,
        cast(null as decimal(18, 4)) as reached_of,
        false as is_rate,
        month_start_date

    from monthly

    where 1 = 0
    {%- endfor %}
    {%- if knows_offers %}

    union all

    select
        rep_id,
        'offer_share' as measure,
        offer,
        cast(reached as decimal(18, 4)) as reached,
        cast(reached_of as decimal(18, 4)) as reached_of,
        true as is_rate,
        month_start_date

    from offered
    {%- endif %}

)

select * from measured

{#
    What a customer buys, by type of account: per order, per quarter and year, and in the whole time that it is known. The last is
    cut short for everybody who still buys, so tenure and the share of those stand beside it. Where no orders
    are delivered, a document is one.
#}
with

invoice_lines as (

    select
        account_id,
        coalesce(order_id, corrected_document_id, document_id) as order_key,
        coalesce(segment_id, 'unknown') as segment_id,
        coalesce(segment_id_current, 'unknown') as segment_id_current,
        document_kind,
        amount,
        issued_date

    from {{ ref('fct_invoice_lines') }}

    where issued_date <= {{ as_of_date() }} and amount is not null

),

tenures as (

    select
        account_id,
        {{ calendar_days('min(issued_date)', as_of_date()) }} as tenure_days,
        max(issued_date) > {{ add_days(as_of_date(), -365) }} as is_active

    from invoice_lines

    where document_kind <> 'credit_note' and account_id is not null

    group by account_id

),

in_periods as (

    {%- for grain in ['quarter', 'year'] %}
    select
        invoice_lines.account_id,
        invoice_lines.order_key,
        invoice_lines.segment_id,
        '{{ grain }}' as period_grain,
        invoice_lines.document_kind,
        invoice_lines.amount,
        dates.fiscal_{{ grain }}_start_date as period_start_date

    from invoice_lines

    inner join {{ ref('dim_dates') }} as dates
        on invoice_lines.issued_date = dates.date_day

    union all
    {%- endfor %}

    select
        account_id,
        order_key,
        segment_id_current as segment_id,
        'lifetime' as period_grain,
        document_kind,
        amount,
        min(issued_date) over () as period_start_date

    from invoice_lines

),

counted as (

    select
        segment_id,
        period_grain,
        count(distinct case when document_kind <> 'credit_note' then order_key end) as order_count,
        count(distinct account_id) as customer_count,
        sum(amount) as invoiced_net,
        coalesce(sum(case when account_id is null then amount end), 0) as unattributed_net,
        period_start_date

    from in_periods

    group by segment_id, period_grain, period_start_date

),

-- A customer counts once in its type of today, however many lines it has.
customers as (

    select distinct
        invoice_lines.segment_id_current as segment_id,
        tenures.account_id,
        tenures.tenure_days,
        tenures.is_active

    from invoice_lines

    inner join tenures
        on invoice_lines.account_id = tenures.account_id

),

known_since as (

    select
        segment_id,
        sum(tenure_days) as tenure_days,
        count(*) as known_count,
        count(case when is_active then 1 end) as active_count

    from customers

    group by segment_id

)

select
    counted.segment_id,
    counted.period_grain,
    counted.order_count,
    counted.customer_count,
    cast(counted.invoiced_net as decimal(18, 4)) as invoiced_net,
    cast(counted.unattributed_net as decimal(18, 4)) as unattributed_net,
    {{ safe_divide('counted.invoiced_net', 'counted.order_count') }} as basket_per_order,
    {{ safe_divide('(counted.invoiced_net - counted.unattributed_net)', 'counted.customer_count') }}
        as basket_per_customer,
    {{ safe_divide('known_since.tenure_days', 'known_since.known_count') }} as average_tenure_days,
    {{ safe_divide('known_since.active_count', 'known_since.known_count') }} as still_buying_share,
    counted.period_start_date

from counted

left outer join known_since
    on case when counted.period_grain = 'lifetime' then counted.segment_id end = known_since.segment_id

order by counted.period_grain, counted.period_start_date, counted.segment_id

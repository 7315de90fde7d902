{#
    What is missing on what was invoiced. Nothing is dropped for it: every line counts in every total, and
    here stands how much of the total cannot be traced.
#}
{%- set gaps = {
    'no_account': 'account_id is null',
    'no_rep': 'rep_id is null',
    'no_order': 'order_id is null',
    'no_deal': 'opportunity_id is null',
    'no_cost': "cost is null and document_kind <> 'credit_note'",
    'exact_duplicate': 'is_exact_duplicate',
    'uncorrected_credit': "document_kind = 'credit_note' and corrected_document_id is null",
} -%}
with

invoice_lines as (

    select
        *,
        cast(date_trunc('month', issued_date) as date) as month_start_date

    from {{ ref('fct_invoice_lines') }}

    where issued_date <= {{ as_of_date() }}

),

counted as (

    select
        count(*) as line_count,
        {%- for gap, is_so in gaps.items() %}
        count(case when {{ is_so }} then 1 end) as {{ gap }}_count,
        {%- endfor %}
        count(case when amount is null then 1 end) as no_rate_count,
        cast(sum(amount) as decimal(18, 4)) as invoiced_net,
        {%- for gap, is_so in gaps.items() %}
        cast(coalesce(sum(case when {{ is_so }} then amount end), 0) as decimal(18, 4)) as {{ gap }}_net,
        {%- endfor %}
        month_start_date

    from invoice_lines

    group by month_start_date

)

select * from counted

order by month_start_date

{#
    What each segment cost and brought on each day, added up from tables of different grain as events, so that
    none multiplies another. A cost counts for the day on which it is to bear fruit (company.yml:
    acquisition_lag_months). What is aimed at no segment is unallocated, an account without one unknown.
#}
{%- set sums = {
    'marketing_spend': 'decimal(18, 4)', 'effort_cost': 'decimal(18, 4)', 'unvalued_spend_count': 'bigint',
    'uncosted_minutes': 'bigint', 'new_customer_count': 'bigint', 'invoiced_net': 'decimal(18, 4)',
    'costed_net': 'decimal(18, 4)', 'margin': 'decimal(18, 4)', 'uncosted_line_count': 'bigint',
} -%}
{%- set lag = 'interval ' ~ var('acquisition_lag_months') ~ ' month' -%}
{%- set events = [
    {
        'relation': 'spendings', 'segment': "coalesce(target_segment_id, 'unallocated')",
        'day': 'cast(spend_date + ' ~ lag ~ ' as date)',
        'adds': {
            'marketing_spend': 'spend',
            'unvalued_spend_count': 'case when spend is null and spend_doc is not null then 1 end',
        },
    },
    {
        'relation': 'activities',
        'segment': "case when account_id is null then 'unallocated' else coalesce(segment_id, 'unknown') end",
        'day': 'cast(activity_date + ' ~ lag ~ ' as date)',
        'adds': {'effort_cost': 'cost', 'uncosted_minutes': 'case when cost is null then minutes end'},
    },
    {
        'relation': 'customers', 'segment': "coalesce(segment_id, 'unknown')", 'day': 'customer_date',
        'adds': {'new_customer_count': 'case when is_new then 1 end'},
    },
    {
        'relation': 'invoice_lines', 'segment': "coalesce(segment_id, 'unknown')", 'day': 'issued_date',
        'adds': {
            'invoiced_net': 'amount', 'margin': 'margin', 'costed_net': 'case when margin is not null then amount end',
            'uncosted_line_count': 'case when margin is null then 1 end',
        },
    },
] -%}
with

spendings as (

    select
        spendings.*,
        campaigns.target_segment_id

    from {{ ref('int_spendings_valued') }} as spendings

    left outer join {{ ref('dim_campaigns') }} as campaigns
        on spendings.campaign_id = campaigns.campaign_id

),

activities as (

    select * from {{ ref('fct_activities') }}

),

customers as (

    select * from {{ ref('int_customers_dated') }}

),

invoice_lines as (

    select * from {{ ref('fct_invoice_lines') }}

),

events as (

    {%- for event in events %}
    select
        {{ event.segment }} as segment_id,
        {%- for name, data_type in sums.items() %}
        cast({{ event.adds.get(name, 'null') }} as {{ data_type }}) as {{ name }},
        {%- endfor %}
        {{ event.day }} as date_day

    from {{ event.relation }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

known_from as (

    select cast(date_trunc('month', min(customer_date)) + interval 12 month as date) as known_from_date

    from customers

)

select
    events.segment_id,
    {%- for name, data_type in sums.items() %}
    cast(coalesce(sum(events.{{ name }}), 0) as {{ data_type }}) as {{ name }},
    {%- endfor %}
    coalesce(events.date_day >= known_from.known_from_date, false) as is_customer_known,
    events.date_day

from events

cross join known_from

where events.date_day <= {{ as_of_date() }}

group by events.segment_id, events.date_day, known_from.known_from_date

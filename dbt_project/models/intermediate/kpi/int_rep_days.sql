{#
    What each rep did on each day, added up from tables of different grain as events, so that none
    multiplies another. What is created credits the rep of that day, what is closed the rep of today; what has no
    rep counts for unassigned.
#}
{%- set sums = {
    'created_count': 'bigint',
    'won_count': 'bigint',
    'lost_count': 'bigint',
    'meetings_held_count': 'bigint',
    'no_show_count': 'bigint',
    'minutes': 'bigint',
    'administrative_minutes': 'bigint',
    'proposal_count': 'bigint',
    'new_customer_count': 'bigint',
    'won_amount': 'decimal(18, 4)',
    'created_amount': 'decimal(18, 4)',
    'invoiced_net': 'decimal(18, 4)',
    'costed_net': 'decimal(18, 4)',
    'margin': 'decimal(18, 4)',
    'opportunity_cost': 'decimal(18, 4)',
} -%}
{%- set events = [
    {
        'relation': 'created', 'day': 'created_date',
        'adds': {'created_count': '1', 'created_amount': 'amount'},
    },
    {
        'relation': 'opportunities', 'day': 'closed_date',
        'adds': {
            'won_count': 'case when is_won then 1 end',
            'lost_count': 'case when is_lost and not is_unqualified then 1 end',
            'won_amount': 'case when is_won then amount end',
        },
    },
    {
        'relation': 'activities', 'day': 'activity_date',
        'adds': {
            'meetings_held_count': 'case when is_appointment and is_held then 1 end',
            'no_show_count': 'case when is_appointment and is_no_show then 1 end',
            'minutes': 'nullif(minutes, 0)',
            'administrative_minutes': 'case when not is_selling then nullif(minutes, 0) end',
            'opportunity_cost': 'case when opportunity_id is not null then nullif(cost, 0) end',
        },
    },
    {'relation': 'quotes', 'day': 'sent_date', 'adds': {'proposal_count': 'case when version_no = 1 then 1 end'}},
    {'relation': 'customers', 'day': 'customer_since_date', 'adds': {'new_customer_count': '1'}},
    {
        'relation': 'invoice_lines', 'day': 'issued_date',
        'adds': {
            'invoiced_net': 'amount',
            'costed_net': 'case when margin is not null then amount end',
            'margin': 'margin',
        },
    },
] -%}
with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

created as (

    select
        opportunities.created_date,
        opportunities.amount,
        day_states.rep_id

    from opportunities

    left outer join {{ ref('fct_opportunity_day_states') }} as day_states
        on
            opportunities.opportunity_id = day_states.opportunity_id
            and opportunities.created_date >= day_states.from_date
            and opportunities.created_date < day_states.until_date

    where opportunities.state is distinct from 'merged'

),

activities as (

    select * from {{ ref('fct_activities') }}

),

invoice_lines as (

    select * from {{ ref('fct_invoice_lines') }}

),

customers as (

    select * from {{ ref('int_customers_begun') }}

),

-- One that replaces an earlier one is the same proposal.
quotes as (

    select * from {{ ref('int_quotes_followed') }}

),

events as (

    {%- for event in events %}
    select
        coalesce(rep_id, 'unassigned') as rep_id,
        {%- for name, data_type in sums.items() %}
        cast({{ event.adds.get(name, 'null') }} as {{ data_type }}) as {{ name }},
        {%- endfor %}
        {{ event.day }} as date_day

    from {{ event.relation }}

    where {{ event.day }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

summed as (

    select
        rep_id,
        {%- for name, data_type in sums.items() %}
        cast(coalesce(sum({{ name }}), 0) as {{ data_type }}) as {{ name }},
        {%- endfor %}
        date_day

    from events

    group by rep_id, date_day

    having count({{ sums | join(') + count(') }}) > 0

)

select *

from summed

order by date_day, rep_id

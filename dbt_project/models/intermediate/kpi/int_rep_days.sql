{#
    What each rep did on each day, added up from tables of different grain as events, so that none
    multiplies another. A deal credits its rep of today; what has no rep counts for unassigned.
#}
{%- set sums = {
    'created_count': 'bigint',
    'won_count': 'bigint',
    'lost_count': 'bigint',
    'meetings_held_count': 'bigint',
    'minutes': 'bigint',
    'won_amount': 'decimal(18, 4)',
    'invoiced_net': 'decimal(18, 4)',
} -%}
{%- set events = [
    {
        'relation': 'opportunities', 'day': 'created_date',
        'adds': {'created_count': "case when state is distinct from 'merged' then 1 end"},
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
        'adds': {'meetings_held_count': 'case when is_appointment and is_held then 1 end', 'minutes': 'nullif(minutes, 0)'},
    },
    {'relation': 'invoice_lines', 'day': 'issued_date', 'adds': {'invoiced_net': 'amount'}},
] -%}
with

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

activities as (

    select * from {{ ref('fct_activities') }}

),

invoice_lines as (

    select * from {{ ref('fct_invoice_lines') }}

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

{#
    By whose word the past of a deal is known: when its first load told of it, and which of the fields that
    measures stand on its log tells.
#}
{%- set logged = {'stage': 'stage_id', 'amount': 'amount_doc', 'close_date': 'expected_close_date'} -%}
with

first_loads as (

    select *

    from {{ ref('int_opportunities_loaded') }}

    where load_no = 1

),

logs as (

    select
        opportunity_id,
        {%- for name, field in logged.items() %}
        bool_or(field = '{{ field }}') as has_{{ name }}_log,
        {%- endfor %}
        count(*) as change_count

    from {{ ref('int_opportunity_values_logged') }}

    group by opportunity_id

)

select
    first_loads.opportunity_id,
    {%- for name in logged %}
    coalesce(logs.has_{{ name }}_log, false) as has_{{ name }}_log,
    {%- endfor %}
    first_loads.known_at as first_known_at

from first_loads

left outer join logs
    on first_loads.opportunity_id = logs.opportunity_id

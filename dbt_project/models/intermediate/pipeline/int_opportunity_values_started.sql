{#
    What each tracked field held when the opportunity was created: the old value of its first change,
    or, where it never changed, what the first load said. Empty text stands for no value.
#}
with

opportunities as (

    select * from {{ ref('int_opportunities_conformed') }}

),

changes as (

    select * from {{ ref('int_opportunity_values_changed') }}

),

first_loads as (

    select *

    from {{ ref('int_opportunities_loaded') }}

    where load_no = 1

),

first_segments as (

    select *

    from {{ ref('int_opportunity_segments_loaded') }}

    where is_start

),

first_changes as (

    select
        {%- for field in tracked_fields() %}
        {{ first_by('old_value', ['valid_from', 'sequence']) }} filter (where field = '{{ field }}') as {{ field }},
        {%- endfor %}
        opportunity_id

    from changes

    group by opportunity_id

)

select
    first_loads.opportunity_id,
    {%- for field in tracked_fields() %}
    {%- set told = 'first_loads.' ~ field if field != 'is_deleted' else 'coalesce(first_loads.is_deleted, false)' %}
    coalesce(first_changes.{{ field }}, cast({{ told }} as varchar), '') as {{ field }},
    {%- endfor %}
    coalesce(first_segments.segment_id, '') as segment_id,
    greatest(first_loads.known_at, coalesce(first_segments.known_at, first_loads.known_at)) as known_at,
    {{ told_at('first_loads.known_at', 'opportunities.created_at') }} as told_at,
    opportunities.created_at as valid_from

from first_loads

inner join opportunities
    on first_loads.opportunity_id = opportunities.opportunity_id

left outer join {{ ref('int_sources_begun') }} as begun
    on opportunities.source_name = begun.source_name

left outer join first_changes
    on first_loads.opportunity_id = first_changes.opportunity_id

left outer join first_segments
    on first_loads.opportunity_id = first_segments.opportunity_id

where opportunities.created_at < {{ as_of_at() }}

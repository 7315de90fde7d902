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

loaded as (

    select * from {{ ref('int_opportunity_values_loaded') }}

),

segments as (

    select * from {{ ref('int_opportunity_segments_loaded') }}

),

first_values as (

    select
        opportunity_id,
        field,
        field_value,
        known_at

    from loaded

    where load_no = 1

    union all

    select
        opportunity_id,
        'segment_id' as field,
        segment_id as field_value,
        known_at

    from segments

    where is_start

),

first_changes as (

    select *

    from changes

    qualify row_number() over (
        partition by opportunity_id, field
        order by valid_from, sequence
    ) = 1

)

select
    first_values.opportunity_id,
    first_values.field,
    coalesce(first_changes.old_value, first_values.field_value) as new_value,
    opportunities.created_at as valid_from,
    cast(-1 as bigint) as sequence,
    first_values.known_at,
    {{ told_at('first_values.known_at', 'opportunities.created_at') }} as told_at

from first_values

inner join opportunities
    on first_values.opportunity_id = opportunities.opportunity_id

left outer join {{ ref('int_sources_begun') }} as begun
    on opportunities.source_name = begun.source_name

left outer join first_changes
    on
        first_values.opportunity_id = first_changes.opportunity_id
        and first_values.field = first_changes.field

where opportunities.created_at < {{ as_of_at() }}

{#
    A deal that is closed when we first hear of it was open before: in its last open stage, or, where
    the source does not say which, in the first stage of the process.
#}
with

first_loads as (

    select *

    from {{ ref('int_opportunities_loaded') }}

    where load_no = 1

),

stages as (

    select * from {{ ref('stages') }}

),

first_stage as (

    select min_by(stage_id, position) as stage_id

    from stages

    where not is_closed and not coalesce(is_dormant, false)

)

select
    first_loads.opportunity_id,
    'stage_id' as field,
    coalesce(first_loads.last_open_stage_id, first_stage.stage_id) as old_value,
    first_loads.stage_id as new_value,
    greatest(first_loads.closed_at, first_loads.created_at) as valid_from,
    cast(0 as bigint) as sequence,
    first_loads.known_at,
    {{ told_at('first_loads.known_at', 'greatest(first_loads.closed_at, first_loads.created_at)') }} as told_at

from first_loads

cross join first_stage

inner join stages
    on first_loads.stage_id = stages.stage_id

left outer join {{ ref('int_sources_begun') }} as begun
    on first_loads.source_name = begun.source_name

where stages.is_closed and first_loads.closed_at is not null

{{ config(materialized='view') }}
{#
    Every change of a tracked field, from the best witness: the source's log; where that is silent about
    the field, successive loads; before the first of them, the closing that the deal's dates tell. A
    record that its source stops delivering is deleted from then on, whoever keeps the log. A view: most of its
    rows stand in int_opportunity_values_logged already.
#}
with

logged as (

    select * from {{ ref('int_opportunity_values_logged') }}

),

loaded as (

    select * from {{ ref('int_opportunity_values_loaded') }}

),

closings as (

    select * from {{ ref('int_opportunity_closings_reconstructed') }}

),

segments as (

    select * from {{ ref('int_opportunity_segments_loaded') }}

),

logged_fields as (

    select distinct
        opportunity_id,
        field

    from logged

),

learnt as (

    select
        loaded.opportunity_id,
        loaded.field,
        loaded.previous_value as old_value,
        loaded.field_value as new_value,
        loaded.valid_from,
        loaded.load_no as sequence,
        loaded.known_at,
        loaded.known_at as told_at

    from loaded

    left outer join logged_fields
        on
            loaded.opportunity_id = logged_fields.opportunity_id
            and loaded.field = logged_fields.field

    where
        loaded.field_value <> loaded.previous_value
        and (
            logged_fields.field is null
            or (loaded.field = 'is_deleted' and loaded.is_vanished <> loaded.was_vanished)
        )

),

unlogged_closings as (

    select closings.*

    from closings

    left outer join logged_fields
        on
            closings.opportunity_id = logged_fields.opportunity_id
            and closings.field = logged_fields.field

    where logged_fields.field is null

),

united as (

    select * from logged
    union all
    select * from learnt
    union all
    select * from unlogged_closings
    union all
    select
        opportunity_id,
        'segment_id' as field,
        previous_segment_id as old_value,
        segment_id as new_value,
        known_at as valid_from,
        load_no as sequence,
        known_at,
        known_at as told_at

    from segments

    where not is_start

)

select
    opportunity_id,
    field,
    old_value,
    new_value,
    sequence,
    valid_from,
    known_at,
    told_at

from united

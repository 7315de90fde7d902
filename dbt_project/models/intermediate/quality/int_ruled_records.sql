{#
    Every field of a record ends in the same interval, so that any one of them tells how the record stands.
#}
with

field_values as (

    select * from {{ ref('int_field_values') }}

),

telling as (

    select
        entity,
        min(field) as field

    from field_values

    group by entity

),

deals as (

    select
        'opportunities' as entity,
        opportunity_id as record_id,
        amount as open_amount

    from {{ ref('fct_opportunity_day_states') }}

    where state = 'open' and until_date > {{ as_of_date() }}

)

select
    field_values.entity,
    field_values.record_id,
    coalesce(field_values.rep_id, 'unassigned') as rep_id,
    coalesce(field_values.stage_id, 'none') as stage_id,
    deals.open_amount,
    field_values.is_subject

from field_values

inner join telling
    on
        field_values.entity = telling.entity
        and field_values.field = telling.field

left outer join deals
    on
        field_values.entity = deals.entity
        and field_values.record_id = deals.record_id

where field_values.is_current

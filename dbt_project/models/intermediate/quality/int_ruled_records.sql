{#
    Every field of a record ends in the same interval, so that any one of them tells how the record stands.
#}
with

field_values as (

    select * from {{ ref('int_field_values') }}

    where is_current

),

deals as (

    select * from {{ ref('fct_opportunity_day_states') }}

    where state = 'open' and until_date > {{ as_of_date() }}

),

records as (

    select
        entity,
        record_id,
        max(rep_id) as rep_id,
        max(stage_id) as stage_id,
        bool_or(is_subject) as is_subject

    from field_values

    group by entity, record_id

)

select
    records.entity,
    records.record_id,
    coalesce(records.rep_id, 'unassigned') as rep_id,
    coalesce(records.stage_id, 'none') as stage_id,
    deals.amount as open_amount,
    records.is_subject

from records

left outer join deals
    on
        records.entity = 'opportunities'
        and records.record_id = deals.opportunity_id

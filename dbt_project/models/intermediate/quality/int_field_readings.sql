{#
    A rule that compares a field with another one of its record reads both, as of the same instants.
#}
with

field_values as (

    select * from {{ ref('int_field_values') }}

),

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

),

record_types as (

    select * from {{ ref('int_rule_items') }}

    where list_name = 'record_types'

),

compared as (

    select distinct
        entity,
        compared_with as field

    from rules

    where compared_with is not null

),

others as (

    select field_values.*

    from field_values

    inner join compared
        on
            field_values.entity = compared.entity
            and field_values.field = compared.field

)

select
    rules.rule_id,
    field_values.entity,
    field_values.record_id,
    field_values.field,
    field_values.rep_id,
    field_values.stage_id,
    field_values.record_type,
    field_values.field_value,
    field_values.value_kind,
    coalesce(others.field_value, '') as compared_value,
    coalesce(others.value_kind, 'text') as compared_kind,
    field_values.is_subject,
    field_values.born_at,
    field_values.valid_from,
    field_values.valid_to

from field_values

inner join rules
    on
        field_values.entity = rules.entity
        and field_values.field = rules.field

left outer join record_types
    on
        rules.rule_id = record_types.rule_id
        and field_values.record_type = record_types.item

left outer join others
    on
        rules.entity = others.entity
        and rules.compared_with = others.field
        and field_values.record_id = others.record_id
        and field_values.valid_from = others.valid_from

where
    (rules.record_types is null or record_types.item is not null)
    and (rules.compared_with is null or others.record_id is not null)

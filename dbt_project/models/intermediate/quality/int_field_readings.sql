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

bound as (

    select
        rules.rule_id,
        rules.compared_with,
        field_values.*

    from field_values

    inner join rules
        on
            field_values.entity = rules.entity
            and field_values.field = rules.field

    left outer join record_types
        on
            rules.rule_id = record_types.rule_id
            and field_values.record_type = record_types.item

    where rules.record_types is null or record_types.item is not null

),

united as (

    select
        bound.*,
        '' as compared_value,
        'text' as compared_kind

    from bound

    where bound.compared_with is null

    union all

    select
        bound.*,
        others.field_value as compared_value,
        others.value_kind as compared_kind

    from bound

    inner join field_values as others
        on
            bound.entity = others.entity
            and bound.compared_with = others.field
            and bound.record_id = others.record_id
            and bound.valid_from = others.valid_from

)

select
    rule_id,
    entity,
    record_id,
    field,
    rep_id,
    stage_id,
    record_type,
    field_value,
    value_kind,
    compared_value,
    compared_kind,
    is_subject,
    born_at,
    valid_from,
    valid_to

from united

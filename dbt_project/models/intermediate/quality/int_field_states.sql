with

statuses as (

    select * from {{ ref('int_field_statuses') }}

),

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

)

select
    statuses.rule_id,
    statuses.entity,
    statuses.record_id,
    statuses.field,
    statuses.rep_id,
    statuses.stage_id,
    rules.severity,
    statuses.status,
    rules.weight

from statuses

inner join rules
    on statuses.rule_id = rules.rule_id

where statuses.is_current and statuses.status <> 'gone'

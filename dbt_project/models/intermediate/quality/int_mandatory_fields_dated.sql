with

rules as (

    select * from {{ ref('mandatory_fields') }}

),

stages as (

    select * from {{ ref('stages') }}

)

select
    rules.rule_id,
    rules.entity,
    rules.field,
    rules.record_types,
    rules.required_from,
    rules.required_in,
    rules.severity,
    rules.accountable,
    rules.owner,
    rules.allowed_values,
    rules.min_value,
    rules.max_value,
    rules.pattern,
    rules.comparison,
    rules.compared_with,
    stages.position as required_position,
    rules.weight,
    coalesce(rules.grace_days, 0) as grace_days,
    rules.min_length,
    {{ day_start('rules.since') }} as since_at,
    {{ day_start(add_days('rules.until', 1)) }} as until_at

from rules

left outer join stages
    on rules.required_from = stages.stage_id

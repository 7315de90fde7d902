with

field_values as (

    select * from {{ ref('int_field_values') }}

),

rules as (

    select * from {{ ref('mandatory_fields') }}

),

stages as (

    select * from {{ ref('stages') }}

),

placeholders as (

    select distinct {{ comparable_text('placeholder') }} as placeholder

    from {{ ref('placeholders') }}

),

positioned_rules as (

    select
        rules.*,
        stages.position as required_position

    from rules

    left outer join stages
        on rules.required_from = stages.stage_id

),

judged as (

    select
        field_values.entity,
        field_values.record_id,
        field_values.field,
        field_values.rep_id,
        field_values.stage_id,
        positioned_rules.severity,
        case
            when not field_values.is_subject then 'not_due'
            when
                positioned_rules.required_from is not null
                and not coalesce(field_values.furthest_position >= positioned_rules.required_position, false)
                then 'not_due'
            when nullif(trim(field_values.field_value), '') is null then 'missing'
            when placeholders.placeholder is not null then 'placeholder'
            else 'filled'
        end as status,
        positioned_rules.weight,
        field_values.is_current,
        positioned_rules.since as rule_since_date,
        field_values.valid_from,
        field_values.valid_to

    from field_values

    inner join positioned_rules
        on
            field_values.entity = positioned_rules.entity
            and field_values.field = positioned_rules.field

    left outer join placeholders
        on {{ comparable_text('field_values.field_value') }} = placeholders.placeholder

)

select * from judged

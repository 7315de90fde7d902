{#
    When a deal came under a rule that waits for a stage. required_from: from the first instant at which
    it ever stood there or further on, for good, so that moving it back does not help. Being lost or
    dormant is not being further on: who loses a deal early never owed what is asked later. required_in: as often and
    as long as it stands in one of the stages.
#}
with

versions as (

    select * from {{ ref('int_opportunities_versioned') }}

),

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

),

required_stages as (

    select * from {{ ref('int_rule_items') }}

    where list_name = 'required_in'

),

stages as (

    select * from {{ ref('stages') }}

),

reaching_stages as (

    select distinct
        rules.required_from,
        stages.stage_id

    from rules

    inner join stages
        on
            rules.required_from = stages.stage_id
            or (
                rules.required_position <= stages.position
                and (stages.is_won or not (stages.is_closed or coalesce(stages.is_dormant, false)))
            )

),

reached as (

    select
        versions.opportunity_id,
        reaching_stages.required_from,
        min(versions.valid_from) as reached_at

    from versions

    inner join reaching_stages
        on versions.stage_id = reaching_stages.stage_id

    group by versions.opportunity_id, reaching_stages.required_from

),

stays as (

    select
        required_stages.rule_id,
        versions.opportunity_id,
        versions.valid_from,
        versions.valid_to,
        versions.version_no - row_number() over (
            partition by required_stages.rule_id, versions.opportunity_id
            order by versions.version_no
        ) as stay_no

    from versions

    inner join required_stages
        on versions.stage_id = required_stages.item

),

united as (

    select
        rules.rule_id,
        reached.opportunity_id as record_id,
        reached.reached_at,
        cast(null as timestamp) as left_at

    from rules

    inner join reached
        on rules.required_from = reached.required_from

    union all

    select
        rule_id,
        opportunity_id as record_id,
        min(valid_from) as reached_at,
        case when count(valid_to) = count(*) then max(valid_to) end as left_at

    from stays

    group by rule_id, opportunity_id, stay_no

)

select * from united

{{ config(meta={"dagster": {"ref": {"name": "fct_field_violations"}}}) }}
-- What is missing or invalid today, by field, rep and stage, is what is open: no fault without its
-- violation, no violation without its fault.
with

fills as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        missing_count + invalid_count as fault_count

    from {{ ref('fct_field_fills') }}

    where snapshot_date = {{ as_of_date() }} and missing_count + invalid_count <> 0

),

violations as (

    select
        entity,
        field,
        rep_id_current as rep_id,
        stage_id,
        count(*) as violation_count

    from {{ ref('fct_field_violations') }}

    where is_open

    group by entity, field, rep_id_current, stage_id

)

select
    coalesce(fills.entity, violations.entity) as entity,
    coalesce(fills.field, violations.field) as field,
    coalesce(fills.rep_id, violations.rep_id) as rep_id,
    coalesce(fills.stage_id, violations.stage_id) as stage_id,
    fills.fault_count,
    violations.violation_count

from fills

full outer join violations
    on
        fills.entity = violations.entity
        and fills.field = violations.field
        and fills.rep_id = violations.rep_id
        and fills.stage_id = violations.stage_id

where fills.fault_count is distinct from violations.violation_count

{{ config(meta={"dagster": {"ref": {"name": "fct_field_fills"}}}) }}
-- Two ways to the same count: the running balance of all moves, and the records as they stand.
with

balances as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        filled_count,
        missing_count,
        placeholder_count,
        invalid_count,
        waived_count,
        not_yet_due_count

    from {{ ref('fct_field_fills') }}

    where snapshot_date = {{ as_of_date() }}

),

states as (

    select
        entity,
        field,
        rep_id,
        stage_id,
        count(*) filter (where status = 'filled') as filled_count,
        count(*) filter (where status in ('missing', 'placeholder')) as missing_count,
        count(*) filter (where status = 'placeholder') as placeholder_count,
        count(*) filter (where status = 'invalid') as invalid_count,
        count(*) filter (where status = 'waived') as waived_count,
        count(*) filter (where status = 'not_yet_due') as not_yet_due_count

    from {{ ref('int_field_states') }}

    group by entity, field, rep_id, stage_id

)

select
    coalesce(balances.entity, states.entity) as entity,
    coalesce(balances.field, states.field) as field,
    coalesce(balances.rep_id, states.rep_id) as rep_id,
    coalesce(balances.stage_id, states.stage_id) as stage_id,
    balances.filled_count as balance_filled_count,
    states.filled_count as state_filled_count,
    balances.missing_count as balance_missing_count,
    states.missing_count as state_missing_count,
    balances.placeholder_count as balance_placeholder_count,
    states.placeholder_count as state_placeholder_count,
    balances.invalid_count as balance_invalid_count,
    states.invalid_count as state_invalid_count,
    balances.waived_count as balance_waived_count,
    states.waived_count as state_waived_count,
    balances.not_yet_due_count as balance_not_yet_due_count,
    states.not_yet_due_count as state_not_yet_due_count

from balances

full outer join states
    on
        balances.entity = states.entity
        and balances.field = states.field
        and balances.rep_id = states.rep_id
        and balances.stage_id = states.stage_id

where
    balances.filled_count is distinct from states.filled_count
    or balances.missing_count is distinct from states.missing_count
    or balances.placeholder_count is distinct from states.placeholder_count
    or balances.invalid_count is distinct from states.invalid_count
    or balances.waived_count is distinct from states.waived_count
    or balances.not_yet_due_count is distinct from states.not_yet_due_count

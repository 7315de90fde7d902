{{ config(meta={"dagster": {"ref": {"name": "fct_field_fills"}}}) }}
-- Two ways to the same count: the running balance of all moves, and the records as they stand.
with

balances as (

    select
        entity,
        field,
        sum(due_count) as due_count,
        sum(filled_count) as filled_count,
        sum(placeholder_count) as placeholder_count

    from {{ ref('fct_field_fills') }}

    where snapshot_date = {{ as_of_date() }}

    group by entity, field

),

states as (

    select
        entity,
        field,
        count(*) as due_count,
        count(*) filter (where status = 'filled') as filled_count,
        count(*) filter (where status = 'placeholder') as placeholder_count

    from {{ ref('int_field_states') }}

    where status <> 'not_due'

    group by entity, field

)

select
    coalesce(balances.entity, states.entity) as entity,
    coalesce(balances.field, states.field) as field,
    balances.due_count as balance_due_count,
    states.due_count as state_due_count,
    balances.filled_count as balance_filled_count,
    states.filled_count as state_filled_count

from balances

full outer join states
    on balances.entity = states.entity and balances.field = states.field

where
    balances.due_count is distinct from states.due_count
    or balances.filled_count is distinct from states.filled_count
    or balances.placeholder_count is distinct from states.placeholder_count

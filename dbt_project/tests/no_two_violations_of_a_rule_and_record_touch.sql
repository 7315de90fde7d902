{{ config(meta={"dagster": {"ref": {"name": "fct_field_violations"}}}) }}
-- Intervals that touch are one violation, and at most one is open: the last.
with

followed as (

    select
        rule_id,
        record_id,
        resolved_at,
        lead(first_seen_at) over (partition by rule_id, record_id order by first_seen_at) as next_seen_at

    from {{ ref('fct_field_violations') }}

)

select *

from followed

where next_seen_at is not null and not coalesce(resolved_at < next_seen_at, false)

{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "fct_drift_events"}}}) }}
-- Columns that nobody declared are told by dim_custom_fields. What to do: docs/alerts.md, drift.
select
    source_name,
    table_name,
    column_name,
    drift_kind,
    detail

from {{ ref('fct_drift_events') }}

where is_newest and drift_kind not in ('new_column', 'vanished_column')

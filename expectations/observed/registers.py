"""Custom fields that drifted, and checks of Great Expectations that broke."""

from datetime import date, datetime

from expectations.alerts.observation import Observation
from expectations.observed.views import IDS_KEPT, View
from expectations.sql import text_literal

_CHECKS = "marts.fct_check_results"
_FINE = ("registered", "awaited")
_CUSTOM_FIELDS = "marts.dim_custom_fields"
_DRIFT = "marts.fct_drift_events"
_TOLD_BY_THE_REGISTER = ("new_column", "vanished_column")
# Of each column the load that drifted last, as long as its declaration has not changed since.
_DRIFT_BY_COLUMN = f"""
with tables as (
    select distinct source_name, table_name from marts.fct_loads where status = 'landed'
),
unaccepted as (
    select events.*
    from {_DRIFT} as events
    inner join marts.fct_loads as loads on events.load_id = loads.load_id
    where
        events.drift_kind not in {_TOLD_BY_THE_REGISTER}
        and not exists (
            select 1
            from marts.fct_loads as later
            where
                later.status = 'landed'
                and later.source_name = loads.source_name
                and later.table_name = loads.table_name
                and later.extracted_at >= loads.extracted_at
                and later.contract_version <> loads.contract_version
        )
),
newest as (
    select *
    from unaccepted
    qualify
        extracted_at = max(extracted_at) over (partition by source_name, table_name, column_name)
)
select
    tables.source_name,
    tables.table_name,
    newest.column_name,
    count(newest.load_id),
    string_agg(distinct newest.drift_kind, ', ' order by newest.drift_kind),
    max(newest.extracted_date),
    max(newest.extracted_at)
from tables
left outer join newest
    on tables.source_name = newest.source_name and tables.table_name = newest.table_name
group by all
order by all
"""
# Told by the rules and by the thresholds themselves, with their members and owners.
_TOLD_ELSEWHERE = ("mandatory_fields", "deliveries")
# Who acts where no line of the desk names an owner (docs/alerts.md).
CHECKS_OWNER = "data_engineering"


def observe_custom_fields(view: View) -> list[Observation]:
    """One observation per custom field known today: bad unless it is as the register says."""
    if not view.is_today or not view.has("dim_custom_fields"):
        return []
    return [
        Observation(
            family="custom_fields",
            rule="custom_fields",
            entity=f"{source}.{table}",
            field=column,
            scope="company",
            severity="warn",
            is_bad=state not in _FINE,
            owner=owner or CHECKS_OWNER,
            title=f"The custom field {column} of {source}.{table} is {state}.",
            failed_count=int(state not in _FINE),
            evaluated_count=1,
            since=first_seen if state == "unregistered" else None,
            rows_query=(
                f"select * from {_CUSTOM_FIELDS} where source_name = {text_literal(source)}"
                f" and table_name = {text_literal(table)} and column_name = {text_literal(column)}"
            ),
        )
        for source, table, column, owner, state, first_seen in view.rows(
            "select source_name, table_name, column_name, owner, state, first_seen_date"
            f" from {_CUSTOM_FIELDS} order by all"
        )
    ]


def observe_drift(view: View) -> list[Observation]:
    """One observation per delivered column that ever drifted: what of it nobody has accepted.

    A drift happens with one load and would be forgotten with the next one. It is accepted where
    the table's declaration has changed since. Columns that nobody declared are left to the register
    of custom fields. A table without drift has one observation, without a field.
    """
    if not view.is_today or not view.has("fct_drift_events", "fct_loads"):
        return []
    return [_drift_observation(*found) for found in view.rows(_DRIFT_BY_COLUMN)]


def _drift_observation(
    source: str,
    table: str,
    column: str | None,
    events: int,
    kinds: str | None,
    day: date | None,
    happened_at: datetime | None,
) -> Observation:
    name = f"{source}.{table}"
    what = "" if kinds is None else kinds.replace("_", " ")
    return Observation(
        family="drift",
        rule="drift",
        entity=name,
        field=column or "",
        scope="company",
        severity="warn",
        is_bad=events > 0,
        owner=CHECKS_OWNER,
        title=f"{name}.{column} drifted with the load of {day}: {what}."
        if events
        else f"The loads of {name} are like those before them.",
        failed_count=events,
        evaluated_count=0,
        since=day,
        rows_query=(
            f"select * from {_DRIFT} where source_name = {text_literal(source)}"
            f" and table_name = {text_literal(table)}"
            + (f" and column_name = {text_literal(column)}" if column else "")
            + " order by extracted_at desc"
        ),
        happened_at=happened_at,
    )


def observe_checks(view: View) -> list[Observation]:
    """One observation per check and rule of today, whatever came of it."""
    if not view.is_today or not view.has("fct_check_results"):
        return []
    return [
        Observation(
            family=family,
            rule=check if not rule else f"{check}.{rule}",
            entity=check.partition("__")[2],
            field=field,
            scope="company",
            severity=severity,
            is_bad=None if status == "not_evaluated" else failed > 0,
            owner=CHECKS_OWNER,
            title=f"{description.rstrip('.')}: {failed} of {evaluated} are not so."
            if status != "not_evaluated"
            else f"{check} could not be evaluated.",
            failed_count=failed,
            evaluated_count=evaluated,
            rows_query=f"select * from {_CHECKS} where check_name = {text_literal(check)}",
            record_ids=tuple(filter(None, ids.split(",")))[:IDS_KEPT],
        )
        for check, family, rule, field, severity, status, ids, description, failed, evaluated
        in view.rows(
            "select check_name, rule_family, rule, field, severity,"
            " status, record_ids, description, failed_count, evaluated_count"
            f" from {_CHECKS} where rule_family not in {_TOLD_ELSEWHERE}"
            " order by check_result_id"
        )
    ]  # fmt: skip

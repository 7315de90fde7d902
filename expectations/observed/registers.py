"""Custom fields that drifted, and checks of Great Expectations that broke."""

from expectations.alerts.observation import Observation
from expectations.observed.views import IDS_KEPT, View
from expectations.sql import text_literal

_CHECKS = "marts.fct_check_results"
_FINE = ("registered", "awaited")
_CUSTOM_FIELDS = "marts.dim_custom_fields"
_DRIFT = "marts.fct_drift_events"
_TOLD_BY_THE_REGISTER = ("new_column", "vanished_column")
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
    """One observation per delivered table: bad while its newest load drifted.

    Columns that nobody declared are left to the register of custom fields.
    """
    if not view.is_today or not view.has("fct_drift_events", "fct_loads"):
        return []
    found = view.rows(
        "select loads.source_name, loads.table_name, count(events.load_id),"
        " string_agg(distinct events.column_name, ', ' order by events.column_name),"
        " min(events.extracted_date)"
        " from (select distinct source_name, table_name from marts.fct_loads) as loads"
        f" left join {_DRIFT} as events on loads.source_name = events.source_name"
        " and loads.table_name = events.table_name and events.is_newest"
        f" and events.drift_kind not in {_TOLD_BY_THE_REGISTER}"
        " group by all order by all"
    )
    return [
        Observation(
            family="drift",
            rule="drift",
            entity=f"{source}.{table}",
            field="",
            scope="company",
            severity="warn",
            is_bad=events > 0,
            owner=CHECKS_OWNER,
            title=f"The newest load of {source}.{table} drifted: {columns}."
            if events
            else f"The newest load of {source}.{table} is like those before it.",
            failed_count=events,
            evaluated_count=1,
            since=since,
            rows_query=(
                f"select * from {_DRIFT} where is_newest"
                f" and source_name = {text_literal(source)} and table_name = {text_literal(table)}"
            ),
        )
        for source, table, events, columns, since in found
    ]


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

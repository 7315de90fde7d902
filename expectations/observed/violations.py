"""Open violations: of every rule of the desk, and counted against a threshold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from expectations.alerts.observation import Observation
from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk.thresholds import Threshold
from expectations.observed.strays import stray_types
from expectations.observed.views import (
    IDS_KEPT,
    NOBODY,
    View,
    in_fields,
    in_stages,
    member,
    members_join,
    open_on,
    quoted,
    who,
    words,
)
from expectations.sql import day_literal, text_literal

_VIOLATIONS = "marts.fct_field_violations"
_FILLS = "marts.fct_field_fills"


@dataclass(frozen=True)
class OpenRows:
    """The violations of one scope that are open on a day: how to see them, what hangs on them."""

    rows_query: str
    record_ids: tuple[str, ...] = ()
    money_at_risk: Decimal | None = None
    since: date | None = None


def observe_rules(view: View, rules: Sequence[MandatoryField]) -> list[Observation]:
    """One observation per rule of the desk: bad as long as any violation of it is open.

    Bad too, a warning, where it names a record type that is not there: a slip of the pen must not
    pass for a rule that all keep.
    """
    if not rules or not view.has("fct_field_violations", "fct_field_fills"):
        return []
    open_now = {row[0]: row[1:] for row in view.rows(_open_by_rule(view.day))}
    trends = _trends_by_rule(view)
    due = _due_by_rule(view, rules)
    return [
        _rule_observation(
            rule,
            open_now.get(rule.rule_id, (0, None, None, [])),
            trends.get(rule.rule_id, _flat(view)),
            due.get(rule.rule_id),
            view,
        )
        for rule in rules
    ]


def observe_open_violations(view: View, threshold: Threshold) -> list[Observation]:
    """One observation per member that ever had a violation of the fields, and per living member."""
    if not view.has("fct_field_violations", "fct_field_fills", "dim_reps"):
        return []
    scopes = _all_scopes(view, threshold)
    rows = open_rows(view, threshold, scopes)
    trends, due = _trends_by_member(view, threshold), _due_by_member(view, threshold)
    return [
        _count_observation(
            threshold, scope, due.get(scope, 0), rows[scope], trends.get(scope, _flat(view))
        )
        for scope in scopes
    ]  # fmt: skip


def open_rows(view: View, threshold: Threshold, scopes: Sequence[str]) -> dict[str, OpenRows]:
    """Scope -> its violations open on the day, for these scopes.

    A record counts once, however many of its fields are empty. The rep is the one in charge today.
    """
    if not scopes or not view.has("fct_field_violations"):
        return {}
    where = (
        f"{in_fields(threshold)} and {in_stages(threshold, view.stages)} and {open_on(view.day)}"
    )
    found = view.rows(
        f"select scope, min(record_id, {IDS_KEPT}), sum(amount), min(seen_date) from ("
        f"select {member(threshold.scope, 'rep_id_current')} as scope, record_id,"
        " max(amount_at_risk) as amount, min(first_seen_date) as seen_date"
        f" from {_VIOLATIONS}"
        f"{members_join(threshold.scope, 'rep_id_current', _teams_of_the_day(view.day))}"
        f" where {where} group by scope, record_id) as records group by scope"
    )
    known = {scope: (tuple(ids or ()), money, since) for scope, ids, money, since in found}
    return {
        scope: OpenRows(
            f"select * from {_VIOLATIONS} where {where}{_of_member(scope, view.day)}",
            *known.get(scope, ((), None, None)),
        )
        for scope in scopes
    }


def _of_member(scope: str, day: date) -> str:
    """A condition that a person can paste: the rows of one scope."""
    kind, _, name = scope.partition(":")
    if kind == "rep":
        return f" and rep_id_current = {quoted(name)}"
    reps = f"select rep_id from {_FILLS} where snapshot_date = {day_literal(day)} and team"
    if kind == "team" and name == NOBODY:
        return f" and rep_id_current not in ({reps} is not null)"
    if kind == "team":
        return f" and rep_id_current in ({reps} = {quoted(name)})"
    return ""


def _teams_of_the_day(day: date) -> str:
    """A relation: rep_id and team of whoever had a record with a ruled field on that day."""
    return f"(select distinct rep_id, team from {_FILLS} where snapshot_date = {day_literal(day)})"


def _open_by_rule(day: date) -> str:
    return (
        "select rule_id, count(*), min(first_seen_date), sum(amount_at_risk),"
        f" min(record_id, {IDS_KEPT}) from {_VIOLATIONS} where {open_on(day)} group by rule_id"
    )


def _due_by_rule(view: View, rules: Sequence[MandatoryField]) -> dict[str, int]:
    """Rule -> in how many records it is due.

    The fills know the fields of a day and not their rules: where two rules share a field (of two
    record types, say), that of today alone is known.
    """
    if view.is_today and view.has("mart_field_quality"):
        return dict(view.rows("select rule_id, due_count from marts.mart_field_quality"))
    by_field = {
        (entity, field): due
        for entity, field, due in view.rows(
            f"select entity, field, cast(sum(due_count) as bigint) from {_FILLS}"
            f" where snapshot_date = {day_literal(view.day)} group by entity, field"
        )
    }
    shared = Counter((rule.entity, rule.field) for rule in rules)
    return {
        rule.rule_id: by_field.get((rule.entity, rule.field), 0)
        for rule in rules
        if shared[rule.entity, rule.field] == 1
    }


def _trends_by_rule(view: View) -> dict[str, tuple[float, ...]]:
    """Rule -> how many violations were open at the end of each of the eight days."""
    counts = ", ".join(f"count(*) filter (where {open_on(day)})" for day in view.trend_days)
    found = view.rows(f"select rule_id, {counts} from {_VIOLATIONS} group by rule_id")
    return {row[0]: tuple(map(float, row[1:])) for row in found}


def _trends_by_member(view: View, threshold: Threshold) -> dict[str, tuple[float, ...]]:
    """Member -> how many violations were open at the end of each of the eight days.

    They are the faults of the fills, which know whose a record was on the day, and in which team.
    """
    faults = "missing_count + invalid_count"
    counts = ", ".join(
        f"coalesce(sum({faults}) filter (where snapshot_date = {day_literal(day)}), 0)"
        for day in view.trend_days
    )
    found = view.rows(
        f"select {member(threshold.scope)} as scope, {counts} from {_FILLS}"
        f" where {in_fields(threshold)} and {in_stages(threshold, view.stages)} group by scope"
    )
    return {row[0]: tuple(map(float, row[1:])) for row in found}


def _flat(view: View) -> tuple[float, ...]:
    return tuple(0.0 for _ in view.trend_days)


def _all_scopes(view: View, threshold: Threshold) -> list[str]:
    scope = threshold.scope
    if scope == "company":
        return [scope]
    known = view.rows(f"select distinct {member(scope)} as scope from marts.dim_reps")
    owing = view.rows(
        f"select distinct {member(scope)} as scope from {_FILLS} where {in_fields(threshold)}"
        " and missing_count + invalid_count > 0"
    )
    return sorted({row[0] for row in [*known, *owing]})


def _due_by_member(view: View, threshold: Threshold) -> dict[str, int]:
    return dict(
        view.rows(
            f"select {member(threshold.scope)} as scope, cast(sum(due_count) as bigint)"
            f" from {_FILLS} where {in_fields(threshold)} and {in_stages(threshold, view.stages)}"
            f" and snapshot_date = {day_literal(view.day)} group by scope"
        )
    )


def _rule_observation(
    rule: MandatoryField,
    found: tuple[int, date | None, Decimal | None, list[str] | None],
    trend: tuple[float, ...],
    due: int | None,
    view: View,
) -> Observation:
    failed, since, money, record_ids = found
    told = failed if due is None else f"{failed} of {due} due"
    strays = stray_types(view, rule)
    bound = f" {words(strays)}." if strays else ""
    return Observation(
        family="mandatory_fields",
        rule=rule.rule_id,
        entity=rule.entity,
        field=rule.field,
        scope="company",
        severity=rule.severity if failed else "warn",
        is_bad=failed > 0 or bool(strays),
        owner=rule.owner,
        title=f"{rule.field} of {rule.entity}: {told} are empty or invalid.{bound}",
        failed_count=failed,
        evaluated_count=due or 0,
        trend=trend,
        since=since,
        money_at_risk=money,
        rows_query=(
            f"select * from {_VIOLATIONS} where rule_id = {text_literal(rule.rule_id)}"
            f" and {open_on(view.day)}"
        ),
        record_ids=tuple(record_ids or ()),
    )


def _count_observation(
    threshold: Threshold,
    scope: str,
    due: int,
    rows: OpenRows,
    trend: tuple[float, ...],
) -> Observation:
    count = int(trend[-1])
    maximum = threshold.maximum or Decimal(0)
    fields = words(threshold.fields) or "all ruled fields"
    too_few = due < threshold.min_records
    return Observation(
        family=threshold.metric,
        rule=threshold.threshold_id,
        entity=threshold.entity,
        field="|".join(threshold.fields),
        scope=scope,
        severity=threshold.severity,
        is_bad=None if too_few else count > maximum,
        owner=threshold.owner,
        title=(
            f"{who(scope)} has {count} open violations of {fields} of {threshold.entity};"
            f" {maximum} are the maximum."
        ),
        failed_count=count,
        evaluated_count=due,
        trend=trend,
        since=rows.since if count > maximum else None,
        money_at_risk=rows.money_at_risk,
        rows_query=rows.rows_query,
        record_ids=rows.record_ids,
    )

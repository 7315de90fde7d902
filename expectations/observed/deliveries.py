"""Volume and freshness of what came in, out of marts.fct_loads."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from expectations.alerts.observation import Observation
from expectations.desk.thresholds import Threshold
from expectations.observed.views import TREND_POINTS, View
from expectations.sql import text_literal

_LOADS = "marts.fct_loads"
# Instants of extraction with the rows delivered, newest first.
Loads = Sequence[tuple[datetime, int]]


def observe_deliveries(view: View, thresholds: Sequence[Threshold]) -> list[Observation]:
    """One observation per threshold on a delivered table."""
    if not thresholds or not view.has("fct_loads"):
        return []
    loads = _loads(view)
    return [_observation(view, each, loads.get(each.entity, [])) for each in thresholds]


def _loads(view: View) -> Mapping[str, Loads]:
    loads: dict[str, list[tuple[datetime, int]]] = {}
    for table, extracted_at, rows in view.rows(
        f"select source_name || '.' || table_name, extracted_at, delivered_rows from {_LOADS}"
        " where delivery_mode <> 'replay'"
        " order by extracted_at desc, load_id desc"
    ):
        loads.setdefault(table, []).append((extracted_at, rows))
    return loads


def _figure(threshold: Threshold, loads: Loads, instant: datetime) -> float | None:
    """Hours since the newest load, or its rows over the mean of those of the window before it."""
    known = [load for load in loads if load[0] < instant]
    if not known:
        return None
    newest, rows = known[0]
    if threshold.metric == "freshness":
        return (instant - newest) / timedelta(hours=1)
    first = newest - timedelta(days=threshold.window_days or 0)
    usual = [count for at, count in known if first <= at < newest]
    mean = sum(usual) / len(usual) if usual else 0
    return rows / mean if mean and mean >= threshold.min_records else None


def _is_bad(threshold: Threshold, figure: float | None) -> bool | None:
    if figure is None:
        return None
    lowest, highest = threshold.minimum, threshold.maximum
    too_low = lowest is not None and figure < float(lowest)
    return too_low or (highest is not None and figure > float(highest))


def _observation(view: View, threshold: Threshold, loads: Loads) -> Observation:
    instants = [view.instant - timedelta(weeks=week) for week in reversed(range(TREND_POINTS))]
    trend = tuple(_figure(threshold, loads, instant) for instant in instants)
    is_bad = _is_bad(threshold, trend[-1])
    source, _, table = threshold.entity.partition(".")
    return Observation(
        family=threshold.metric,
        rule=threshold.threshold_id,
        entity=threshold.entity,
        field="",
        scope="company",
        severity=threshold.severity,
        is_bad=is_bad,
        owner=threshold.owner,
        title=_title(threshold, trend[-1]),
        failed_count=1 if is_bad else 0,
        evaluated_count=0 if is_bad is None else 1,
        trend=trend,
        rows_query=(
            f"select * from {_LOADS} where source_name = {text_literal(source)}"
            f" and table_name = {text_literal(table)} order by extracted_at desc"
        ),
    )


def _title(threshold: Threshold, figure: float | None) -> str:
    if figure is None:
        return f"{threshold.entity}: there are no deliveries to judge its {threshold.metric} by."
    if threshold.metric == "freshness":
        return (
            f"{threshold.entity} was last delivered {figure:.0f} hours ago;"
            f" {threshold.maximum} are the maximum."
        )
    limits = [
        f"{limit} is the {name}"
        for name, limit in (("minimum", threshold.minimum), ("maximum", threshold.maximum))
        if limit is not None
    ]
    return (
        f"{threshold.entity} delivered {figure:.3g} times the usual number of rows;"
        f" {', '.join(limits)}."
    )

"""Volume and freshness of what came in, out of marts.fct_loads."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from expectations.alerts.observation import Observation
from expectations.deliveries import LEAST_DELIVERIES
from expectations.desk.thresholds import Threshold
from expectations.observed.views import TREND_POINTS, View
from expectations.sql import text_literal

_LOADS = "marts.fct_loads"


@dataclass(frozen=True)
class Loads:
    """What came of one table: instants of extraction with the rows delivered, newest first.

    begins_at: when the first delivery of any table was extracted, if any was. is_awaited: a source
    that the company enables declares the table.
    """

    known: Sequence[tuple[datetime, int]]
    begins_at: datetime | None
    is_awaited: bool


def observe_deliveries(view: View, thresholds: Sequence[Threshold]) -> list[Observation]:
    """One observation per threshold on a delivered table."""
    if not thresholds or not view.has("fct_loads"):
        return []
    loads = _loads(view)
    begins_at = min((known[-1][0] for known in loads.values()), default=None)
    return [
        _observation(
            view,
            threshold,
            Loads(
                known=loads.get(threshold.entity, []),
                begins_at=begins_at,
                is_awaited=threshold.entity.partition(".")[0] in view.sources,
            ),
        )
        for threshold in thresholds
    ]


def _loads(view: View) -> Mapping[str, Sequence[tuple[datetime, int]]]:
    loads: dict[str, list[tuple[datetime, int]]] = {}
    for table, extracted_at, rows in view.rows(
        f"select source_name || '.' || table_name, extracted_at, delivered_rows from {_LOADS}"
        " where delivery_mode <> 'replay' and status = 'landed'"
        " order by extracted_at desc, load_id desc"
    ):
        loads.setdefault(table, []).append((extracted_at, rows))
    return loads


def _figure(threshold: Threshold, loads: Loads, instant: datetime) -> float | None:
    """Hours since the newest load, or its rows over the median of those of the window before it.

    A table that is awaited and never came while others did is infinitely old.
    """
    known = [load for load in loads.known if load[0] < instant]
    if threshold.metric == "freshness":
        if known:
            return (instant - known[0][0]) / timedelta(hours=1)
        has_begun = loads.begins_at is not None and loads.begins_at < instant
        return math.inf if loads.is_awaited and has_begun else None
    return _volume(threshold, known) if known else None


def _volume(threshold: Threshold, known: Sequence[tuple[datetime, int]]) -> float | None:
    newest, rows = known[0]
    first = newest - timedelta(days=threshold.window_days or 0)
    usual = [count for at, count in known if first <= at < newest]
    if len(usual) < LEAST_DELIVERIES:
        return None
    median = statistics.median(usual)
    return rows / median if median and median >= threshold.min_records else None


def _is_bad(threshold: Threshold, figure: float | None) -> bool | None:
    if figure is None:
        return None
    lowest, highest = threshold.minimum, threshold.maximum
    too_low = lowest is not None and figure < float(lowest)
    return too_low or (highest is not None and figure > float(highest))


def _observation(view: View, threshold: Threshold, loads: Loads) -> Observation:
    instants = [view.instant - timedelta(weeks=week) for week in reversed(range(TREND_POINTS))]
    figures = [_figure(threshold, loads, instant) for instant in instants]
    is_bad = _is_bad(threshold, figures[-1])
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
        title=_title(threshold, figures[-1], view.day),
        failed_count=1 if is_bad else 0,
        evaluated_count=0 if is_bad is None else 1,
        trend=tuple(None if figure == math.inf else figure for figure in figures),
        rows_query=(
            f"select * from {_LOADS} where source_name = {text_literal(source)}"
            f" and table_name = {text_literal(table)} order by extracted_at desc"
        ),
    )


def _title(threshold: Threshold, figure: float | None, day: date) -> str:
    if figure is None:
        return f"{threshold.entity}: there are no deliveries to judge its {threshold.metric} by."
    if figure == math.inf:
        return f"{threshold.entity} was never delivered, other tables were."
    if threshold.metric == "freshness":
        return (
            f"{threshold.entity} was last delivered {figure:.0f} hours before the end of {day};"
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

"""Fill rates, their fall, and the share of a field's commonest value, out of the fills by day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from expectations.alerts.observation import Observation
from expectations.desk.thresholds import Threshold
from expectations.observed.views import (
    View,
    in_fields,
    in_stages,
    member,
    percent,
    share,
    who,
    words,
)
from expectations.observed.violations import OpenRows, open_rows
from expectations.sql import day_literal

# Who had no records for longer is not observed.
_LOOK_BACK = timedelta(days=90)

# Metric -> what is counted, and out of what.
_COUNTS = {
    "fill_rate": ("filled_count", "due_count"),
    "fill_rate_drop": ("filled_count", "due_count"),
    "default_share": ("default_count", "filled_count"),
}


@dataclass(frozen=True)
class Series:
    """A member's figures: day -> part, whole. A day that is not there had no records."""

    threshold: Threshold
    figures: Mapping[date, tuple[int, int]]

    def rate(self, day: date) -> float | None:
        """Part / whole; None where there was nothing, or less than the threshold asks for."""
        part, whole = self.figures.get(day, (0, 0))
        return share(part, whole) if whole >= self.threshold.min_records else None

    def is_bad(self, day: date) -> bool | None:
        """Whether the threshold was crossed on that day; None where that cannot be told."""
        value = self.value(day)
        if value is None:
            return None
        if self.threshold.metric == "fill_rate":
            return value < float(self.threshold.minimum or 0)
        return value > float(self.threshold.maximum or 0)

    def value(self, day: date) -> float | None:
        """What is held against the limit: the rate itself, or how far it fell in the window."""
        rate = self.rate(day)
        if self.threshold.metric != "fill_rate_drop":
            return rate
        before = self.rate(day - timedelta(days=self.threshold.window_days or 0))
        # Thousandths of a per mille are noise of the division, not a fall.
        return None if rate is None or before is None else round(before - rate, 9)

    def bad_since(self, day: date) -> date | None:
        """The first day of the spell of bad days that lasts until that day."""
        since = None
        first = min(self.figures)
        while day >= first and self.is_bad(day):
            since, day = day, day - timedelta(days=1)
        return since


def observe_rates(view: View, threshold: Threshold) -> list[Observation]:
    """One observation per member that had records within the last 90 days."""
    if not view.has("fct_field_fills"):
        return []
    series = _series(view, threshold)
    seen = [_observation(view, scope, each) for scope, each in series.items()]
    rows = open_rows(view, threshold, [each.scope for each in seen if each.is_bad])
    return [_with_rows(each, rows.get(each.scope)) for each in seen]


def _series(view: View, threshold: Threshold) -> dict[str, Series]:
    part, whole = _COUNTS[threshold.metric]
    found = view.rows(
        f"select {member(threshold.scope)} as scope, snapshot_date,"
        f" cast(sum({part}) as bigint), cast(sum({whole}) as bigint)"
        " from marts.fct_field_fills"
        f" where {in_fields(threshold)} and {in_stages(threshold, view.stages)}"
        f" and snapshot_date <= {day_literal(view.day)}"
        " group by scope, snapshot_date order by scope, snapshot_date"
    )
    figures: dict[str, dict[date, tuple[int, int]]] = {}
    for scope, day, counted, out_of in found:
        figures.setdefault(scope, {})[day] = (counted, out_of)
    oldest = view.day - _LOOK_BACK
    return {
        scope: Series(threshold, each) for scope, each in figures.items() if max(each) >= oldest
    }


def _with_rows(seen: Observation, rows: OpenRows | None) -> Observation:
    if rows is None or seen.family == "default_share":
        return seen
    return replace(
        seen,
        money_at_risk=rows.money_at_risk,
        rows_query=rows.rows_query,
        record_ids=rows.record_ids,
    )


def _observation(view: View, scope: str, series: Series) -> Observation:
    threshold, day = series.threshold, view.day
    part, whole = series.figures.get(day, (0, 0))
    is_default = threshold.metric == "default_share"
    return Observation(
        family=threshold.metric,
        rule=threshold.threshold_id,
        entity=threshold.entity,
        field="|".join(threshold.fields),
        scope=scope,
        severity=threshold.severity,
        is_bad=series.is_bad(day),
        owner=threshold.owner,
        title=_title(scope, series, day),
        failed_count=part if is_default else whole - part,
        evaluated_count=whole,
        trend=tuple(share(*series.figures.get(each, (0, 0))) for each in view.trend_days),
        since=series.bad_since(day),
    )


def _title(scope: str, series: Series, day: date) -> str:
    threshold = series.threshold
    fields = words(threshold.fields) or "all ruled fields"
    what = f"{fields} of {threshold.entity}"
    if series.value(day) is None:
        return f"{who(scope)}: too few records to judge {what}."
    if threshold.metric == "fill_rate":
        limit = f"{percent(float(threshold.minimum or 0))} is the minimum"
        return f"{who(scope)} fills {percent(series.rate(day))} of {what}; {limit}."
    limit = f"{percent(float(threshold.maximum or 0))} is the maximum"
    if threshold.metric == "default_share":
        return f"{who(scope)}: {percent(series.rate(day))} of {what} hold one value; {limit}."
    days = threshold.window_days or 0
    before = percent(series.rate(day - timedelta(days=days)))
    return (
        f"{who(scope)}: the fill rate of {what} went from {before} to"
        f" {percent(series.rate(day))} within {days} days; a fall of {limit}."
    )

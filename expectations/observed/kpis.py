"""KPIs against the limits of the desk: the company's figure of the last month that is over."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import takewhile

from expectations.alerts.observation import Observation, Severity
from expectations.desk.kpis import ENTITY
from expectations.observed.views import COMPANY, TREND_POINTS, View, percent
from expectations.sql import day_literal, text_literal

_MARTS = ("kpi_values", "metrics_catalogue")


@dataclass(frozen=True)
class Limited:
    """A KPI and where its limits lie; a value at a limit has reached it."""

    kpi_id: str
    label: str
    unit: str
    good_direction: str
    warn_at: Decimal | None
    alert_at: Decimal | None
    owner: str

    def severity(self, value: float) -> Severity | None:
        """How bad the value is; None where it is not."""
        if self._reaches(value, self.alert_at):
            return "error"
        return "warn" if self._reaches(value, self.warn_at) else None

    def _reaches(self, value: float, limit: Decimal | None) -> bool:
        if limit is None:
            return False
        if self.good_direction == "up":
            return value <= float(limit)
        return (abs(value) if self.good_direction == "zero" else value) >= float(limit)

    def shown(self, value: float | Decimal) -> str:
        """A value of this KPI for people."""
        return percent(float(value)) if self.unit in ("share", "ratio") else f"{float(value):,.6g}"


@dataclass(frozen=True)
class Month:
    """The company's figure of one month; None where too little stands behind it."""

    start: date
    value: float | None


def observe_kpis(view: View) -> list[Observation]:
    """One observation per KPI with a limit, judged by the last month that the day has seen end."""
    if not view.has(*_MARTS):
        return []
    catalogue = view.rows(
        "select kpi_id, label_en, unit, good_direction, warn_at, alert_at, owner"
        " from marts.metrics_catalogue where coalesce(warn_at, alert_at) is not null"
        " order by kpi_id"
    )
    months = _months(view)
    return [_observation(Limited(*row), months.get(row[0], [])) for row in catalogue]


def _months(view: View) -> dict[str, list[Month]]:
    """KPI -> its months that are over, oldest first."""
    found = view.rows(
        "select kpi_id, period_start_date, value from marts.kpi_values"
        " where level = 'company' and period_grain = 'month'"
        f" and period_end_date <= {day_literal(view.day)} order by kpi_id, period_start_date"
    )
    months: dict[str, list[Month]] = {}
    for kpi_id, *figures in found:
        months.setdefault(kpi_id, []).append(Month(*figures))
    return months


def _observation(kpi: Limited, months: list[Month]) -> Observation:
    last = months[-1] if months else None
    value = last.value if last else None
    severity = None if value is None else kpi.severity(value)
    return Observation(
        family="kpi",
        rule=kpi.kpi_id,
        entity=ENTITY,
        field="",
        scope=COMPANY,
        severity=severity or "warn",
        is_bad=None if value is None else severity is not None,
        owner=kpi.owner,
        title=_title(kpi, last, severity),
        # One figure is judged; the cases behind it are neither good nor bad.
        failed_count=0,
        evaluated_count=0,
        trend=tuple(month.value for month in months[-TREND_POINTS:]) or None,
        since=_bad_since(kpi, months, severity),
        rows_query=(
            f"select * from marts.kpi_values where kpi_id = {text_literal(kpi.kpi_id)}"
            " and period_grain = 'month' order by level, member, period_start_date"
        ),
    )


def _title(kpi: Limited, month: Month | None, severity: Severity | None) -> str:
    if month is None or month.value is None:
        return f"{kpi.label}: too few cases to judge."
    limit = kpi.alert_at if severity == "error" or kpi.warn_at is None else kpi.warn_at
    either_side = "±" if kpi.good_direction == "zero" else ""
    return (
        f"{kpi.label} was {kpi.shown(month.value)} in {month.start:%Y-%m};"
        f" {either_side}{kpi.shown(limit or Decimal(0))} is the limit."
    )


def _bad_since(kpi: Limited, months: list[Month], severity: Severity | None) -> date | None:
    """The first day of the first of the months up to the last that are all as bad, or worse."""
    as_bad = {severity, "error"} if severity else set()
    bad = takewhile(
        lambda month: month.value is not None and kpi.severity(month.value) in as_bad,
        reversed(months),
    )
    return min((month.start for month in bad), default=None)

"""The state of data quality as Prometheus text files, for a node exporter's textfile folder.

Two files, as no gauge may stand in two: what a run has measured, and what the book of alerts holds,
which moves between runs too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.alerts.book import Book
from expectations.alerts.instants import utc
from expectations.alerts.outbox import depths

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


@dataclass(frozen=True)
class QualityFacts:
    """What the warehouse knows and the book does not.

    open_violations: by (entity, severity). fill_rates: by (entity, field), 0 to 1, None where
    nothing is due. freshness_hours: by (source, table). last_run_at: UTC, None before the first.
    """

    open_violations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    fill_rates: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    freshness_hours: Mapping[tuple[str, str], float] = field(default_factory=dict)
    last_run_at: datetime | None = None


def write_quality_gauges(path: Path, facts: QualityFacts) -> None:
    """Write what a run has measured; a reader sees the old file or the new one. Raises OSError."""
    from prometheus_client import CollectorRegistry, Gauge  # noqa: PLC0415

    registry = CollectorRegistry()
    rates = {key: rate for key, rate in facts.fill_rates.items() if rate is not None}
    _add(registry, "pilotage_open_violations", ("entity", "severity"), facts.open_violations)
    _add(registry, "pilotage_fill_rate", ("entity", "field"), rates)
    _add(registry, "pilotage_freshness_hours", ("source", "table"), facts.freshness_hours)
    if facts.last_run_at is not None:
        name = "pilotage_last_run_timestamp_seconds"
        gauge = Gauge(name, _HELP[name], registry=registry)
        gauge.set(utc(facts.last_run_at).replace(tzinfo=UTC).timestamp())
    _write(path, registry)


def write_book_gauges(path: Path, book: Book, channels: Collection[str] = ()) -> None:
    """Write what the book holds, likewise. Raises OSError, BookError.

    channels: those of the routes; one to which nothing was ever told has a depth of 0.
    """
    from prometheus_client import CollectorRegistry  # noqa: PLC0415

    registry = CollectorRegistry()
    _add(registry, "pilotage_outbox_depth", ("channel", "status"), depths(book, channels))
    _add(registry, "pilotage_alerts", ("severity", "state"), alert_counts(book))
    _write(path, registry)


def _write(path: Path, registry: "CollectorRegistry") -> None:
    from prometheus_client import generate_latest  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    # The exporter reads names that end in .prom only, and is another user.
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(generate_latest(registry))
    fresh.chmod(0o644)
    fresh.replace(path)


def alert_counts(book: Book) -> dict[tuple[str, str], int]:
    """Alerts by severity and state, 0 where there is none."""
    rows = book.rows(
        "select severity, state, count(*) as alerts from alerts"
        " where state != 'pending' or bad_streak > 0 group by severity, state"
    )
    found = {(row["severity"], row["state"]): int(row["alerts"]) for row in rows}
    states = ("pending", "open", "acknowledged", "snoozed", "resolved")
    return {(s, state): found.get((s, state), 0) for s in ("error", "warn") for state in states}


_HELP = {
    "pilotage_open_violations": "Open violations of mandatory fields",
    "pilotage_fill_rate": "Filled of what is due, 0 to 1",
    "pilotage_freshness_hours": "Hours since the newest extraction",
    "pilotage_outbox_depth": "Notices that are not through",
    "pilotage_alerts": "Alerts of the book",
    "pilotage_last_run_timestamp_seconds": "When the last run ended",
}


def _add(
    registry: "CollectorRegistry",
    name: str,
    labels: tuple[str, str],
    values: Mapping[tuple[str, str], float],
) -> None:
    from prometheus_client import Gauge  # noqa: PLC0415

    gauge = Gauge(name, _HELP[name], labels, registry=registry)
    for key in sorted(values):
        gauge.labels(*key).set(values[key])

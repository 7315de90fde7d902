"""The book as BI sees it: the table marts.fct_alerts.

It shows what was known at the as_of of the run, also where later days have been judged since.
It tells days that were judged and what people decided, never when a machine did something: the same
deliveries, desk, as_of and decisions give the same table. So runs and heartbeats, whose only clock
is the wall's, are not in it; `pilotage alerts list` shows them.
"""

from datetime import datetime
from pathlib import Path

from expectations.alerts.book import Book
from expectations.alerts.entries import Alert
from expectations.alerts.evaluation import APART
from expectations.alerts.instants import day_before
from expectations.alerts.past import alerts_known_at
from expectations.written_tables import WrittenTable

ALERTS = WrittenTable(
    "fct_alerts",
    "One row per alert: one rule in one scope that is or was broken, with its state and history."
    " Comes from the book of alerts, which also holds what people decided.",
    # Ids, strings, numerics, booleans, dates, timestamps.
    (
        ("alert_id", "varchar", "Primary key: the fingerprint of rule, entity, field and scope."),
        ("rule", "varchar", "The rule or threshold of the desk, or the check."),
        ("family", "varchar", "The kind of rule; docs/alerts.md has an entry for each."),
        ("entity", "varchar", "What the rule is about."),
        ("field", "varchar", "The field, empty where the rule is about none."),
        ("scope", "varchar", "company, or one member: team:..., rep:..."),
        ("severity", "varchar", "error or warn."),
        (
            "state",
            "varchar",
            "pending (bad, but too few times), open, acknowledged, snoozed, resolved.",
        ),
        ("owner", "varchar", "The team that is told."),
        ("title", "varchar", "What is wrong, in one sentence, as last evaluated."),
        ("failed_count", "bigint", "Records that break the rule, as last evaluated."),
        ("evaluated_count", "bigint", "Records that the rule applied to, as last evaluated."),
        ("reopened_n", "bigint", "How often it came back after a resolution."),
        (
            "money_at_risk",
            "decimal(18, 2)",
            "Amount of the open deals concerned; NULL without any.",
        ),
        ("is_flapping", "boolean", "Opened and closed too often of late."),
        (
            "since_date",
            "date",
            "Since when the data say so, which may be long before anybody judged it; NULL where the"
            " rule does not tell.",
        ),
        ("first_bad_date", "date", "First local day of the newest series of bad evaluations."),
        ("opened_date", "date", "Local day that was judged when it opened last."),
        (
            "resolved_date",
            "date",
            "Local day that was judged when it resolved; NULL while it lives.",
        ),
        ("last_evaluated_date", "date", "Local day of the newest evaluation with a verdict."),
        ("acknowledged_at", "timestamp", "When somebody took it up since (UTC)."),
        ("snoozed_until", "timestamp", "Silent until then (UTC); NULL unless snoozed."),
        ("last_evaluated_at", "timestamp", "As-of instant of the newest verdict (UTC, exclusive)."),
    ),
)


def alerts_rows(book: Book, as_of: datetime, zone: str) -> list[tuple[object, ...]]:
    """The rows of marts.fct_alerts, sorted by alert_id.

    as_of: UTC, exclusive; zone: of the local days.
    """
    alerts = alerts_known_at(book, as_of)
    shown = [a for a in alerts.values() if a.life.state != "pending" or a.life.bad_streak]
    return [_row(alert, zone) for alert in shown if alert.seen.family not in APART]


def write_alerts(warehouse: Path, book: Book, as_of: datetime, zone: str) -> int:
    """Replace marts.fct_alerts by what the book knew then; returns its number of rows."""
    return ALERTS.replace(warehouse, alerts_rows(book, as_of, zone))


def _row(alert: Alert, zone: str) -> tuple[object, ...]:
    seen, life = alert.seen, alert.life
    days = (life.first_bad_as_of, life.opened_as_of, life.resolved_as_of, life.counted_as_of)
    return (
        alert.fingerprint,
        *(seen.rule, seen.family, seen.entity, seen.field, seen.scope),
        *(seen.severity, life.state, seen.owner, seen.title),
        *(seen.failed_count, seen.evaluated_count, life.reopened_n),
        seen.money_at_risk,
        alert.is_flapping,
        seen.since,
        *(_local_day(instant, zone) for instant in days),
        *(life.acknowledged_at, life.snoozed_until),
        life.counted_as_of,
    )


def _local_day(as_of: datetime | None, zone: str) -> object:
    return None if as_of is None else day_before(as_of, zone)

"""Alerts as the book keeps them: reading and writing its entries."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from sqlite3 import Row
from typing import Any

from expectations.alerts.book import Book
from expectations.alerts.instants import kept, read_kept
from expectations.alerts.lifecycle import Kind, Life
from expectations.alerts.observation import Observation
from expectations.errors import ExpectationsError

_LIFE = tuple(field.name for field in fields(Life))
_INSTANTS = tuple(field.name for field in fields(Life) if "datetime" in str(field.type))
_SHORTEST_ID = 4


@dataclass(frozen=True)
class Alert:
    """An entry of the book: what was last seen, where it stands, and who has been told.

    channels: those told since it was opened; what follows goes there, too, whatever the routes say.
    """

    seen: Observation
    life: Life
    channels: tuple[str, ...] = ()
    is_flapping: bool = False

    @property
    def fingerprint(self) -> str:
        """The alert's key."""
        return self.seen.fingerprint


def all_alerts(book: Book) -> dict[str, Alert]:
    """Every entry by its fingerprint."""
    rows = book.rows("select * from alerts order by fingerprint")
    return {row["fingerprint"]: read_entry(row) for row in rows}


def find_alert(book: Book, start_of_id: str) -> Alert:
    """The one alert whose fingerprint begins like this (at least 4 digits).

    Raises ExpectationsError where there is none, or more than one.
    """
    listed = "`pilotage alerts list --all` shows them all."
    if len(start_of_id) < _SHORTEST_ID:
        raise ExpectationsError(
            f"{start_of_id!r} is too short for an alert's id.",
            str(book.path),
            f"Give at least its first {_SHORTEST_ID} digits; {listed}",
        )
    found = [a for key, a in all_alerts(book).items() if key.startswith(start_of_id.lower())]
    if len(found) != 1:
        raise ExpectationsError(
            f"{len(found) or 'No'} alerts have an id that begins with {start_of_id!r}.",
            str(book.path),
            f"Give the id of one alert; {listed}",
        )
    return found[0]


def save_alert(book: Book, alert: Alert) -> None:
    """Write the entry, new or changed; within a transaction of the caller."""
    values = entry_values(alert)
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    changed = ", ".join(f"{name} = excluded.{name}" for name in values if name != "fingerprint")
    book.connection.execute(
        f"insert into alerts ({names}) values ({marks})"
        f" on conflict (fingerprint) do update set {changed}",
        tuple(values.values()),
    )


def entry_values(alert: Alert) -> dict[str, Any]:
    """The entry as the book writes it: column -> text or number."""
    return {
        **_seen_values(alert.seen),
        **_life_values(alert.life),
        "channels": json.dumps(alert.channels),
        "is_flapping": int(alert.is_flapping),
    }


def read_entry(row: Row | Mapping[str, Any]) -> Alert:
    """The inverse of `entry_values`."""
    life: dict[str, Any] = {name: row[name] for name in _LIFE}
    life |= {name: read_kept(row[name]) for name in _INSTANTS}
    return Alert(
        seen=_seen(row),
        life=Life(**life),
        channels=tuple(json.loads(row["channels"])),
        is_flapping=bool(row["is_flapping"]),
    )


def save_transition(
    book: Book, alert: Alert, kind: Kind, now: datetime, as_of: datetime | None = None
) -> None:
    """Write that the alert has moved; its number is the one that the life has reached."""
    book.connection.execute(
        "insert into transitions values (?, ?, ?, ?, ?, ?, ?)",
        (
            alert.fingerprint,
            alert.life.transition_n,
            kind,
            alert.seen.severity,
            alert.seen.failed_count,
            kept(as_of),
            kept(now),
        ),
    )


def _seen_values(seen: Observation) -> dict[str, Any]:
    return {
        "fingerprint": seen.fingerprint,
        "family": seen.family,
        "rule": seen.rule,
        "entity": seen.entity,
        "field": seen.field,
        "scope": seen.scope,
        "severity": seen.severity,
        "owner": seen.owner,
        "title": seen.title,
        "failed_count": seen.failed_count,
        "evaluated_count": seen.evaluated_count,
        "trend": None if seen.trend is None else json.dumps(seen.trend),
        "since": seen.since.isoformat() if seen.since else None,
        "money_at_risk": None if seen.money_at_risk is None else str(seen.money_at_risk),
        "rows_query": seen.rows_query,
        "record_ids": json.dumps(seen.record_ids),
        "remedy": seen.remedy,
        "happened_at": kept(seen.happened_at),
    }


def _life_values(life: Life) -> dict[str, Any]:
    values = {name: getattr(life, name) for name in _LIFE}
    return values | {name: kept(values[name]) for name in _INSTANTS}


def _seen(row: Row | Mapping[str, Any]) -> Observation:
    money, since, trend = row["money_at_risk"], row["since"], row["trend"]
    return Observation(
        family=row["family"],
        rule=row["rule"],
        entity=row["entity"],
        field=row["field"],
        scope=row["scope"],
        severity=row["severity"],
        is_bad=row["bad_streak"] > 0,
        owner=row["owner"],
        title=row["title"],
        failed_count=row["failed_count"],
        evaluated_count=row["evaluated_count"],
        trend=None if trend is None else tuple(json.loads(trend)),
        since=None if since is None else date.fromisoformat(since),
        money_at_risk=None if money is None else Decimal(money),
        rows_query=row["rows_query"],
        record_ids=tuple(json.loads(row["record_ids"])),
        remedy=row["remedy"],
        happened_at=read_kept(row["happened_at"]),
    )

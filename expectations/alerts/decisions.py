"""What people decide about an alert: who, when, until when, and why. Kept for good."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from sqlite3 import Row

from expectations.alerts import lifecycle
from expectations.alerts.book import Book
from expectations.alerts.documents import Source, one_line
from expectations.alerts.entries import Alert, find_alert, save_alert, save_transition
from expectations.alerts.instants import kept, stamp, utc
from expectations.alerts.lifecycle import LIVING, Kind, Life
from expectations.alerts.notices import Story, write_notices
from expectations.errors import ExpectationsError

_LONGEST_NOTE = 500


@dataclass(frozen=True)
class Person:
    """Who decides, when, and with which words."""

    name: str
    now: datetime
    note: str = ""


def acknowledge(book: Book, alert_id: str, by: Person) -> Alert:
    """Somebody works on it: no repeats, escalations are still told.

    alert_id: the fingerprint or its beginning. Raises ExpectationsError where it names no alert, or
    one that is not open.
    """
    return _decide(book, alert_id, by, "acknowledged", lambda a: lifecycle.acknowledge(a, by.now))


def snooze(book: Book, alert_id: str, by: Person, until: datetime) -> Alert:
    """Silent until an instant (UTC); then told again if it is still bad. Raises like acknowledge,
    and for an instant that has passed."""
    until = utc(until)
    if until <= utc(by.now):
        raise ExpectationsError(
            f"{stamp(until)} has passed.", "the end of the snooze", "Give a day that is to come."
        )
    return _decide(book, alert_id, by, "snoozed", lambda a: lifecycle.snooze(a, until), until)


def resolve(book: Book, alert_id: str, by: Person, company: str) -> Alert:
    """It is mended: told where it was told before. It opens again if evaluations are bad again.

    Raises like acknowledge.
    """
    with book.transaction():
        alert = _moved(
            book, alert_id, by, "resolved", lambda a: lifecycle.resolve_by_hand(a, utc(by.now))
        )
        _keep(book, alert, by, "resolved", None)
        note = f"resolved by {one_line(by.name)}: {one_line(by.note, _LONGEST_NOTE)}".rstrip(": ")
        source = Source(company, book.book_id)
        story = Story(source, utc(by.now), None, alert.life.told_severity, note)
        write_notices(book, alert, "resolved", alert.channels, story)
    return alert


def decisions_of(book: Book, fingerprint: str) -> list[Row]:
    """What people have decided about one alert, the oldest first."""
    return book.rows(
        "select number, decision, decided_by, decided_at, until, note from decisions"
        " where fingerprint = ? order by decision_id",
        (fingerprint,),
    )


def transitions_of(book: Book, fingerprint: str) -> list[Row]:
    """What has happened to one alert, the oldest first."""
    return book.rows(
        "select number, kind, severity, failed_count, as_of, moved_at from transitions"
        " where fingerprint = ? order by number",
        (fingerprint,),
    )


def _decide(
    book: Book,
    alert_id: str,
    by: Person,
    kind: Kind,
    change: Callable[[Life], Life],
    until: datetime | None = None,
) -> Alert:
    with book.transaction():
        alert = _moved(book, alert_id, by, kind, change)
        _keep(book, alert, by, kind, until)
    return alert


def _moved(
    book: Book, alert_id: str, by: Person, kind: Kind, change: Callable[[Life], Life]
) -> Alert:
    alert = find_alert(book, alert_id)
    if alert.life.state not in LIVING:
        raise ExpectationsError(
            f"The alert {alert.fingerprint} is {alert.life.state}: there is nothing to decide.",
            str(book.path),
            "`pilotage alerts list` shows the open ones.",
        )
    moved = replace(alert, life=change(alert.life))
    save_alert(book, moved)
    save_transition(book, moved, kind, utc(by.now))
    return moved


def _keep(book: Book, alert: Alert, by: Person, kind: Kind, until: datetime | None) -> None:
    book.connection.execute(
        "insert into decisions (fingerprint, number, decision, decided_by, decided_at, until, note)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            alert.fingerprint,
            alert.life.transition_n,
            kind,
            one_line(by.name),
            kept(by.now),
            kept(until),
            one_line(by.note, _LONGEST_NOTE),
        ),
    )

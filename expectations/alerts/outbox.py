"""The outbox: notices written with the change that they tell, and kept until they are through."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import Any, Literal

from expectations.alerts.book import Book
from expectations.alerts.instants import kept

# Minutes after the first, second ... attempt that failed; the last one from then on.
_BACKOFF_MINUTES = (1, 2, 5, 15, 60)
MOST_ATTEMPTS = 24
# A receiver may ask for patience, not for silence.
_LONGEST_PAUSE = timedelta(days=1)

Status = Literal["pending", "sent", "dead", "superseded"]


@dataclass(frozen=True)
class Notice:
    """One notice to one channel. `body` is the JSON document, the same text at every attempt."""

    notice_id: int
    key: str
    fingerprint: str
    number: int
    kind: str
    channel: str
    thread_key: str
    body: str
    attempts: int

    @property
    def document(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Draft:
    """A notice that is to be written."""

    key: str
    fingerprint: str
    number: int
    kind: str
    channel: str
    thread_key: str
    document: dict[str, Any]


def enqueue(book: Book, draft: Draft, now: datetime) -> bool:
    """Write the notice, once per key; whether it is new. Within a transaction of the caller."""
    body = json.dumps({"key": draft.key, **draft.document}, ensure_ascii=False)
    done = book.connection.execute(
        "insert into outbox (idempotency_key, fingerprint, number, kind, channel, thread_key, body,"
        " status, created_at, due_at) values (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)"
        " on conflict (idempotency_key) do nothing",
        (
            draft.key,
            draft.fingerprint,
            draft.number,
            draft.kind,
            draft.channel,
            draft.thread_key,
            body,
            kept(now),
            kept(now),
        ),
    )
    return done.rowcount == 1


def next_due(book: Book, now: datetime, without: Sequence[str] = ()) -> Notice | None:
    """The notice that waits longest, of the channels that are not left out.

    A notice waits while an earlier one of the same alert to the same channel is not through.
    """
    marks = ", ".join("?" for _ in without)
    rows = book.rows(
        "select * from outbox as later where status = 'pending' and due_at <= ?"
        f" and channel not in ({marks}) and not exists (select 1 from outbox as earlier"
        " where earlier.fingerprint = later.fingerprint and earlier.channel = later.channel"
        " and earlier.status = 'pending' and earlier.number < later.number)"
        " order by due_at, notice_id limit 1",
        (kept(now), *without),
    )
    return _notice(rows[0]) if rows else None


def keep_sent(book: Book, notice: Notice, now: datetime) -> None:
    """The receiver has taken it."""
    with book.transaction() as connection:
        connection.execute(
            "update outbox set status = 'sent', attempts = attempts + 1, sent_at = ?,"
            " waits_for = null, last_error = null where notice_id = ?",
            (kept(now), notice.notice_id),
        )


def keep_refused(book: Book, notice: Notice, error: str) -> None:
    """It will never be taken: a dead letter."""
    with book.transaction() as connection:
        connection.execute(
            "update outbox set status = 'dead', attempts = attempts + 1, last_error = ?,"
            " waits_for = null where notice_id = ?",
            (error, notice.notice_id),
        )


def keep_failed(
    book: Book, notice: Notice, error: str, now: datetime, pause: timedelta | None = None
) -> bool:
    """It could not be delivered now: tried again later, or given up; whether it was given up.

    pause: what the receiver asked for (Retry-After); the whole channel then waits.
    """
    attempts = notice.attempts + 1
    if attempts >= MOST_ATTEMPTS:
        keep_refused(book, notice, f"given up after {attempts} attempts: {error}")
        return True
    asked = min(pause or timedelta(), _LONGEST_PAUSE)
    due = now + max(backoff(attempts), asked)
    with book.transaction() as connection:
        connection.execute(
            "update outbox set attempts = ?, due_at = ?, last_error = ?, waits_for = null"
            " where notice_id = ?",
            (attempts, kept(due), error, notice.notice_id),
        )
        if asked:
            connection.execute(
                "update outbox set due_at = max(due_at, ?) where status = 'pending'"
                " and channel = ?",
                (kept(now + asked), notice.channel),
            )
    return False


def keep_waiting(book: Book, channel: str, complaint: str) -> None:
    """The channel has no usable address: its notices wait, and say for what."""
    with book.transaction() as connection:
        connection.execute(
            "update outbox set waits_for = ? where status = 'pending' and channel = ?",
            (complaint, channel),
        )


def forget_waiting(book: Book) -> None:
    """A new attempt finds out anew what is missing."""
    with book.transaction() as connection:
        connection.execute("update outbox set waits_for = null where waits_for is not null")


def requeue_dead(book: Book, now: datetime) -> tuple[int, int]:
    """Give dead letters another life; (queued again, superseded).

    One whose alert has told the channel something later since would turn back time (a resolved
    incident would open again): it is kept as superseded.
    """
    with book.transaction() as connection:
        superseded = connection.execute(
            "update outbox set status = 'superseded' where status = 'dead' and exists ("
            "select 1 from outbox as later where later.fingerprint = outbox.fingerprint"
            " and later.channel = outbox.channel and later.status = 'sent'"
            " and later.number > outbox.number)"
        ).rowcount
        queued = connection.execute(
            "update outbox set status = 'pending', attempts = 0, due_at = ? where status = 'dead'",
            (kept(now),),
        ).rowcount
    return queued, superseded


def unsent(book: Book) -> list[Row]:
    """Every notice that is not through: pending, then dead; with what it waits for."""
    return book.rows(
        "select idempotency_key, fingerprint, number, kind, channel, status, attempts, waits_for,"
        " last_error, created_at, due_at from outbox where status in ('pending', 'dead')"
        " order by status desc, created_at, notice_id"
    )


def depths(book: Book, channels: Collection[str] = ()) -> dict[tuple[str, str], int]:
    """Notices not through by channel and status; 0 for the channels named and those once used.

    pending: will be tried; waiting: for an address that can be used; dead: given up.
    """
    rows = book.rows(
        "select channel, sum(status = 'pending' and waits_for is null) as pending,"
        " sum(status = 'pending' and waits_for is not null) as waiting,"
        " sum(status = 'dead') as dead from outbox group by channel order by channel"
    )
    statuses = ("pending", "waiting", "dead")
    none = {(channel, status): 0 for channel in channels for status in statuses}
    found = {(row["channel"], status): int(row[status]) for row in rows for status in statuses}
    return none | found


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return timedelta(minutes=_BACKOFF_MINUTES[min(attempts, len(_BACKOFF_MINUTES)) - 1])


def _notice(row: Row) -> Notice:
    return Notice(
        notice_id=row["notice_id"],
        key=row["idempotency_key"],
        fingerprint=row["fingerprint"],
        number=row["number"],
        kind=row["kind"],
        channel=row["channel"],
        thread_key=row["thread_key"],
        body=row["body"],
        attempts=row["attempts"],
    )

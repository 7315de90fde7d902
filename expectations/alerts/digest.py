"""The daily digest: the warnings that are not told at once, in one notice per day and channel."""

from collections import defaultdict
from datetime import datetime, timedelta

from expectations.alerts.book import Book
from expectations.alerts.documents import Source, digest_document
from expectations.alerts.entries import Alert, all_alerts
from expectations.alerts.instants import local_day, read_kept, utc
from expectations.alerts.outbox import Draft, enqueue
from expectations.alerts.policy import Policy

_FIRST_LOOK_BACK = timedelta(days=1)
_NAMES = ("new", "open", "resolved")


def digest(book: Book, now: datetime, policy: Policy) -> int:
    """Write today's digest for every channel that has something to hear; how many were written.

    Once per local day and channel, however often it is called. New and resolved: since the last
    digest of that channel. Snoozed warnings are left out. Raises BookError.
    """
    now = utc(now)
    with book.transaction():
        by_channel: dict[str, list[Alert]] = defaultdict(list)
        for alert in all_alerts(book).values():
            seen = alert.seen
            if policy.settings[seen.severity].notify == "digest":
                by_channel[policy.channel(seen.owner, seen.severity, seen.entity)].append(alert)
        return sum(_write(book, now, policy, c, by_channel[c]) for c in sorted(by_channel))


def _write(book: Book, now: datetime, policy: Policy, channel: str, alerts: list[Alert]) -> int:
    day = local_day(now, policy.business_tz)
    last = _last_digest(book, channel) or now - _FIRST_LOOK_BACK
    items: dict[str, list[Alert]] = {name: [] for name in _NAMES}
    for alert in alerts:
        if name := _item(alert, last):
            items[name].append(alert)
    if not any(items.values()):
        return 0
    source = Source(policy.company, book.book_id)
    draft = Draft(
        key=source.idempotency_key("digest", day.isoformat(), channel),
        fingerprint="digest",
        number=day.toordinal(),
        kind="digest",
        channel=channel,
        thread_key=source.thread_key("digest"),
        document={"channel": channel, **digest_document(source, day, now, items)},
    )
    return int(enqueue(book, draft, now))


def _item(alert: Alert, last: datetime) -> str | None:
    """Where the digest names the alert: new, open, resolved, or nowhere."""
    life = alert.life
    if life.state in ("open", "acknowledged"):
        return "new" if life.opened_at and life.opened_at > last else "open"
    if life.state != "resolved" or life.resolved_at is None or alert.channels:
        return None  # an alert that was told at once was resolved there as well
    return "resolved" if life.resolved_at > last else None


def _last_digest(book: Book, channel: str) -> datetime | None:
    rows = book.rows(
        "select max(created_at) as created_at from outbox where kind = 'digest' and channel = ?",
        (channel,),
    )
    return read_kept(rows[0]["created_at"])

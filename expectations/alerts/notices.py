"""Which channels hear of a transition, and the notices that go out to them."""

from dataclasses import dataclass, replace
from datetime import datetime

from expectations.alerts.book import Book
from expectations.alerts.documents import Source, alert_document
from expectations.alerts.entries import Alert
from expectations.alerts.instants import stamp
from expectations.alerts.lifecycle import Kind
from expectations.alerts.observation import Severity
from expectations.alerts.outbox import Draft, enqueue
from expectations.alerts.policy import Policy


@dataclass(frozen=True)
class Story:
    """What a notice tells beside the alert itself: who found it, when, and what a person said.

    previous_severity: as the channels were told last, None where they were not told.
    """

    source: Source
    now: datetime
    as_of: datetime | None
    previous_severity: Severity | None = None
    note: str = ""


def with_channels(alert: Alert, kind: Kind, policy: Policy, before: Severity | None) -> Alert:
    """The alert with the channels that are to hear of this transition.

    A new opening follows the routes. What comes after goes where the opening went, so that one
    alert is one thread; an alert that has become graver than it was `before` also goes where the
    routes lead by now.
    """
    seen = alert.seen
    if kind not in ("opened", "reopened", "escalated", "repeated"):
        return alert
    told = () if kind in ("opened", "reopened") else alert.channels
    is_graver = kind == "escalated" and seen.severity != before
    if policy.settings[seen.severity].notify == "at_once" and (is_graver or not told):
        told = (*told, policy.channel(seen.owner, seen.severity, seen.entity))
    return replace(alert, channels=tuple(dict.fromkeys(told)))


def hearers(alert: Alert, kind: Kind, policy: Policy) -> tuple[str, ...]:
    """The channels that get a notice: none for what only the digest tells."""
    if kind in ("acknowledged", "snoozed"):
        return ()
    if kind == "resolved":
        return alert.channels
    return alert.channels if policy.settings[alert.seen.severity].notify == "at_once" else ()


def write_notices(
    book: Book, alert: Alert, kind: Kind, channels: tuple[str, ...], story: Story
) -> int:
    """Write one notice per channel; how many are new. Within a transaction of the caller."""
    number = alert.life.transition_n
    document = {
        "kind": kind,
        "number": number,
        "company": story.source.company,
        "thread_key": story.source.thread_key(alert.fingerprint),
        "told_at": stamp(story.now),
        "as_of": None if story.as_of is None else stamp(story.as_of),
        "previous_severity": story.previous_severity,
        "note": story.note,
        "run_link": story.source.run_link,
        **alert_document(alert),
    }
    return sum(
        enqueue(
            book,
            Draft(
                key=story.source.idempotency_key(alert.fingerprint, number, channel),
                fingerprint=alert.fingerprint,
                number=number,
                kind=kind,
                channel=channel,
                thread_key=story.source.thread_key(alert.fingerprint),
                document={"channel": channel, **document},
            ),
            story.now,
        )
        for channel in channels
    )

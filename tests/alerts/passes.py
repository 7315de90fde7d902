"""One pass of the sender, and where it is led."""

from datetime import datetime, timedelta

from alert_book import CANARY, Told, at, seen
from receivers import Receiver

from expectations.alerts.book import open_book
from expectations.alerts.sending import SendReport, send_due

BAD, GOOD = seen(True), seen(False)


def send(told: Told, hour: float, environment: dict[str, str], **options: object) -> SendReport:
    """One pass of the sender."""
    with open_book(told.path) as book:
        return send_due(book, environment, at(hour), **options)  # type: ignore[arg-type]


def to(receiver: Receiver, kind: str = "webhook", path: str = "/hook") -> dict[str, str]:
    """The environment that leads the pager there."""
    address = receiver.url.replace("http://", f"{kind}+http://") + path
    return {"PILOTAGE_CHANNEL_PAGER": address, "PILOTAGE_CHANNEL_PAGER_SECRET": CANARY}


def minutes_until_due(told: Told, hour: float) -> float:
    due = told.rows("select due_at from outbox")[0]["due_at"]
    return (datetime.fromisoformat(due) - at(hour)) / timedelta(minutes=1)

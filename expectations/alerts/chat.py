"""Chat, e-mail and paging through apprise (Slack, Teams, SMTP, PagerDuty and many more)."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from expectations.alerts.delivery import Outcome
from expectations.alerts.messages import Message, message
from expectations.alerts.outbox import Notice

if TYPE_CHECKING:
    from apprise import NotifyBase, NotifyType

# Loggers that name addresses, or whole payloads, when somebody turns their level up.
_TALKATIVE = ("apprise", "urllib3", "requests")
# What PagerDuty shows beside its summary of 1,024 characters.
_DETAILS = (
    "rows_query",
    "record_ids",
    "owner",
    "money_at_risk",
    "run_link",
    "remedy",
    "runbook",
    "key",
)
_WORTH_ANOTHER_TRY = {408, 425, 429}


@dataclass(frozen=True)
class Chat:
    """One apprise address."""

    address: str = field(repr=False)

    def deliver(self, notice: Notice, now: datetime) -> Outcome:
        """Send the text form. apprise hides Retry-After; its status is read from its warning."""
        from apprise import NotifyFormat  # noqa: PLC0415 - takes a second to import

        told = message(notice.document)
        with _silenced() as complaints:
            plugin = _plugin(self.address)
            if plugin is None:
                return Outcome("later", "the address cannot be used")
            title = _join_thread(plugin, notice, told)
            try:
                is_sent = plugin.notify(
                    body=told.text,
                    title=title,
                    notify_type=_notify_type(notice),
                    body_format=NotifyFormat.TEXT,
                )
            except Exception as error:  # plugins raise what their libraries raise
                return Outcome("later", f"apprise failed ({type(error).__name__})")
        return Outcome("sent") if is_sent else _refusal(complaints)


def is_usable(address: str) -> bool:
    """Whether apprise can read the address."""
    with _silenced():
        return _plugin(address) is not None


def _plugin(address: str) -> "NotifyBase | None":
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - takes a second to import
    from apprise.common import PersistentStoreMode  # noqa: PLC0415

    asset = AppriseAsset(
        app_id="Pilotage",
        app_desc="Pilotage alerts",
        async_mode=False,
        http_redirects=False,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    found = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    return found or None


def _join_thread(plugin: "NotifyBase", notice: Notice, told: Message) -> str:
    """Tie the notice to the earlier ones of its alert, where the channel can; returns the title.

    A mail program groups by References and subject, PagerDuty by its dedup key. What is too long
    for a channel is cut (alerts: the rest is detail) or split (digests), unless its address says
    otherwise: else the receiver would refuse it.
    """
    from apprise import OverflowMode  # noqa: PLC0415
    from apprise.plugins.email import NotifyEmail  # noqa: PLC0415
    from apprise.plugins.pagerduty import NotifyPagerDuty, PagerDutyAction  # noqa: PLC0415

    if plugin.overflow_mode == OverflowMode.UPSTREAM:
        is_digest = notice.kind == "digest"
        plugin.overflow_mode = OverflowMode.SPLIT if is_digest else OverflowMode.TRUNCATE
    if isinstance(plugin, NotifyPagerDuty):
        document = notice.document
        plugin.details |= {name: document[name] for name in _DETAILS if document.get(name)}
        plugin.dedup = notice.thread_key
        plugin.action = PagerDutyAction.MAP
    if isinstance(plugin, NotifyEmail):
        root = f"<{notice.thread_key}@pilotage.invalid>"
        plugin.headers |= {"References": root, "In-Reply-To": root, "X-Pilotage-Key": notice.key}
        return told.thread
    return told.headline


def _notify_type(notice: Notice) -> "NotifyType":
    from apprise import NotifyType  # noqa: PLC0415

    if notice.kind == "digest":
        return NotifyType.INFO
    if notice.kind == "resolved":
        return NotifyType.SUCCESS
    is_error = notice.document["severity"] == "error"
    return NotifyType.FAILURE if is_error else NotifyType.WARNING


def _refusal(complaints: list[str]) -> Outcome:
    """apprise says only yes or no; the status of an HTTP answer stands in its warning."""
    found = [int(code) for line in complaints for code in re.findall(r"\berror=(\d{3})\b", line)]
    if not found:
        return Outcome("later", "apprise could not deliver it", is_channel_down=True)
    status = found[-1]
    if 400 <= status < 500 and status not in _WORTH_ANOTHER_TRY:
        return Outcome("never", f"answered {status}: refused")
    return Outcome("later", f"answered {status}", is_channel_down=status in (429, 503))


@contextmanager
def _silenced() -> Iterator[list[str]]:
    """Keep apprise's warnings to ourselves: they name hosts and addresses."""
    complaints: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [(logger.level, logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.handlers = [handler]
    try:
        yield complaints
    finally:
        for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate
            logger.handlers = handlers

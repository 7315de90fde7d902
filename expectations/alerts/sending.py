"""The sender: takes due notices out of the outbox, one after the other, at least once."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from expectations.alerts import outbox
from expectations.alerts.book import Book, BookError
from expectations.alerts.channels import open_channel
from expectations.alerts.delivery import Channel, ChannelError, Outcome
from expectations.alerts.instants import utc

ChannelOpener = Callable[[str, Mapping[str, str]], Channel]


@dataclass
class SendReport:
    """What one pass did. `complaints`: one text per channel that has no usable address.

    failed: will be tried again; dead: given up in this pass. is_busy: another sender is at work,
    nothing was done.
    """

    sent: int = 0
    failed: int = 0
    dead: int = 0
    is_busy: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    complaints: dict[str, str] = field(default_factory=dict)


def send_due(
    book: Book,
    environment: Mapping[str, str],
    now: datetime,
    channel_opener: ChannelOpener = open_channel,
) -> SendReport:
    """Send every notice that is due at `now`, each at most once per pass.

    The result of an attempt is kept before the next begins: killed at any instant, the sender loses
    nothing, and what was delivered but not noted is sent again under the same key.
    environment: where the addresses are. Raises BookError.
    """
    report = SendReport()
    with _sole_sender(book.path) as is_alone:
        if not is_alone:
            report.is_busy = True
            return report
        outbox.forget_waiting(book)
        _send_all(book, _Channels(environment, channel_opener), utc(now), report)
    return report


class _Channels:
    """Each channel is opened once per pass."""

    def __init__(self, environment: Mapping[str, str], opener: ChannelOpener) -> None:
        self._environment = environment
        self._opener = opener
        self._open: dict[str, Channel] = {}

    def open(self, name: str) -> Channel:
        if name not in self._open:
            self._open[name] = self._opener(name, self._environment)
        return self._open[name]


def _send_all(book: Book, channels: _Channels, now: datetime, report: SendReport) -> None:
    left_out: list[str] = []
    while (notice := outbox.next_due(book, now, left_out)) is not None:
        try:
            outcome = _attempt(channels, notice, now)
        except ChannelError as error:
            complaint = f"{error.what} ({error.where})"
            outbox.keep_waiting(book, notice.channel, complaint)
            report.complaints[notice.channel] = complaint
            left_out.append(notice.channel)
            continue
        _keep(book, notice, outcome, now, report)
        if outcome.is_channel_down:  # the others of it need not be tried in this pass
            left_out.append(notice.channel)


def _keep(
    book: Book, notice: outbox.Notice, outcome: Outcome, now: datetime, report: SendReport
) -> None:
    if outcome.status == "sent":
        outbox.keep_sent(book, notice, now)
        report.sent += 1
        return
    report.errors[notice.channel] = outcome.error
    if outcome.status == "never":
        outbox.keep_refused(book, notice, outcome.error)
        report.dead += 1
    elif outbox.keep_failed(book, notice, outcome.error, now, outcome.pause):
        report.dead += 1
    else:
        report.failed += 1


def _attempt(channels: _Channels, notice: outbox.Notice, now: datetime) -> Outcome:
    """What became of an attempt; a fault that no channel foresaw is one more reason to try again,
    be it in making the channel or in using it: the notices to other channels must go out.

    Only its name is kept: its text may quote the address. Raises ChannelError.
    """
    try:
        channel = channels.open(notice.channel)
    except ChannelError:
        raise
    except Exception as fault:
        told = f"the channel could not be made ({type(fault).__name__})"
        return Outcome("later", told, is_channel_down=True)
    try:
        return channel.deliver(notice, now)
    except Exception as fault:
        return Outcome("later", f"the channel failed ({type(fault).__name__})")


@contextmanager
def _sole_sender(path: Path) -> Iterator[bool]:
    """One sender at a time. The lock goes with the process, so a killed one leaves none behind."""
    lock = path.with_name(f"{path.name}.sender")
    try:
        file = lock.open("a", encoding="utf-8")
    except OSError as error:
        raise BookError(
            f"The sender's lock cannot be made: {error.strerror}.", str(lock), "Check its rights."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True

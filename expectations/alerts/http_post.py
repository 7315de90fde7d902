"""One POST within a time limit: no redirect is followed, no answer's body is trusted or kept."""

import base64
import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from expectations.alerts.delivery import Outcome
from expectations.alerts.instants import utc

SECONDS = 10.0
_MOST_ANSWER_BYTES = 64 * 1024
# Timeouts and overload on the other side: all others of 4xx are a no for good.
_WORTH_ANOTHER_TRY = {408, 425, 429}


class NoAnswerError(Exception):
    """There was no answer; the text names neither host nor address."""


@dataclass(frozen=True)
class Target:
    """Where to post; nothing of it is shown."""

    is_secure: bool
    host: str = field(repr=False)
    port: int | None = field(repr=False)
    path: str = field(repr=False)
    login: str | None = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """The status line, and the header Retry-After as it came."""

    status: int
    retry_after: str | None


def read_target(address: str) -> Target:
    """Read http(s)://[user:password@]host[:port][/path]. Raises ValueError, without the address."""
    if not re.fullmatch(r"https?://[\x21-\x7e]+", address):
        raise ValueError("no web address")
    parts = urlsplit(address)
    if not parts.hostname or not re.fullmatch(r"[\w.:%-]+", parts.hostname):
        raise ValueError("no host")
    login = None
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        is_secure=parts.scheme == "https",
        host=parts.hostname,
        # Named, for the library would look for one in what follows the last colon of a host.
        port=parts.port or (443 if parts.scheme == "https" else 80),
        path=f"{parts.path or '/'}{query}",
        login=login,
    )


def post(
    target: Target, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS
) -> Answer:
    """Post the JSON body. Raises NoAnswerError where no whole status line came in time."""
    sent = {"Content-Type": "application/json", "User-Agent": "pilotage", **headers}
    if target.login is not None:
        login = base64.b64encode(target.login.encode()).decode()
        sent.setdefault("Authorization", f"Basic {login}")
    connection = _connection(target, seconds)
    try:
        with _time_limit(connection, seconds) as is_over:
            try:
                connection.request("POST", target.path, body=body, headers=sent)
                response = connection.getresponse()
            # UnicodeError: a host that cannot be a name is noticed only when it is looked up.
            except (OSError, http.client.HTTPException, UnicodeError) as error:
                raise NoAnswerError(_reason(error, is_over.is_set(), seconds)) from None
            if is_over.is_set():  # the library takes headers that were cut for whole ones
                raise NoAnswerError(_reason(TimeoutError(), True, seconds))
            # The status is the verdict. A body that is cut short or endless changes nothing of it.
            with suppress(OSError, http.client.HTTPException):
                response.read(_MOST_ANSWER_BYTES)
            return Answer(response.status, response.getheader("Retry-After"))
    finally:
        connection.close()


def outcome(answer: Answer, now: datetime) -> Outcome:
    """What an answer means for the notice; an HTTP date in Retry-After is held against now."""
    status = answer.status
    if 200 <= status < 300:
        return Outcome("sent")
    if 300 <= status < 400:
        return Outcome("later", f"answered {status}: a redirect, which is not followed")
    if 400 <= status < 500 and status not in _WORTH_ANOTHER_TRY:
        return Outcome("never", f"answered {status}: refused")
    pause = read_retry_after(answer.retry_after, now)
    return Outcome("later", f"answered {status}", pause, is_channel_down=status in (429, 503))


def read_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Retry-After in either of its forms, seconds or an HTTP date; None for neither."""
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}", text.strip()):
        return timedelta(seconds=int(text))
    with suppress(ValueError, OverflowError):
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(utc(moment) - utc(now), timedelta())
    return None


def _connection(target: Target, seconds: float) -> http.client.HTTPConnection:
    if target.is_secure:
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            target.host, target.port, timeout=seconds, context=context
        )
    return http.client.HTTPConnection(target.host, target.port, timeout=seconds)


@contextmanager
def _time_limit(
    connection: http.client.HTTPConnection, seconds: float
) -> Iterator[threading.Event]:
    """Cut the connection once the time is up: a socket's own timeout starts anew with each byte."""
    is_over = threading.Event()

    def cut() -> None:
        is_over.set()
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _reason(error: Exception, is_over: bool, seconds: float) -> str:
    """The failure in our own words: those of the libraries name the host."""
    if is_over or isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} s"
    if isinstance(error, ssl.SSLError):
        return "no secure connection (TLS)"
    if isinstance(error, socket.gaierror):
        return "the host's name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, http.client.HTTPException):
        return "the answer broke off or is no HTTP"
    return "the connection broke off"

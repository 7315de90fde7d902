"""Answers of an API: bounded in time and size, and whole, or an error that says what is wrong."""

import json
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import IncompleteRead

from ingest.errors import DeliveryError
from ingest.json_files import WrittenNumber

CHUNK_BYTES = 1 << 16
MAX_ANSWER_BYTES = 256 << 20
SHOWN_CHARACTERS = 300

# Why no answer came, or but a part of one; the first that fits, as some are kinds of others.
MEANINGS: Mapping[type[Exception], str] = {
    ssl.SSLCertVerificationError: "the certificate of the server is refused",
    ssl.SSLError: "no secure connection comes about: the server may speak http alone",
    socket.gaierror: "the name of the host is unknown",
    ConnectionRefusedError: "nobody answers there",
    TimeoutError: "it timed out",
    requests.Timeout: "it timed out",
    ConnectionError: "the connection broke",
    IncompleteRead: "the connection broke",
}


TOO_MANY, SERVER_ERRORS = 429, 500


class AnswerError(Exception):
    """An answer that no second try would mend. `excerpt`: of what it says, for the terminal."""

    def __init__(self, what: str, excerpt: str = "") -> None:
        super().__init__(what)
        self.excerpt = excerpt


class BrokenAnswerError(ChunkedEncodingError):
    """An answer that another try may mend: dlt's client makes it."""

    def __init__(self, what: str, excerpt: str) -> None:
        super().__init__(what)
        self.excerpt = excerpt


class Deadline:
    """An instant after which nothing more is asked for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. AnswerError when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise AnswerError(f"it took longer than the {self.seconds:g} seconds of time_limit")
        return left


class BoundedAdapter(HTTPAdapter):
    """Reads an answer piece by piece: a source that drips a byte now and then never times out."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self.deadline = deadline

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        bound = min(float(timeout), self.deadline.left())
        answer = super().send(request, True, bound, verify, cert, proxies)
        answer._content = self._body(answer)
        answer._content_consumed = True
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        pieces, size = [], 0
        try:
            while piece := answer.raw.read1(CHUNK_BYTES, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                self.deadline.left()
                if size > MAX_ANSWER_BYTES:
                    raise AnswerError(f"an answer is larger than {MAX_ANSWER_BYTES} bytes")
        except TransportError as error:
            raise ChunkedEncodingError(error) from error
        return b"".join(pieces)


def checked(answer: requests.Response, *_: Any, **__: Any) -> None:
    """Refuse what is no JSON of a success; make its numbers keep every digit.

    requests' own errors are those that another try may mend: dlt's client tries again.
    """
    if answer.status_code >= 400:
        raise requests.HTTPError(f"HTTP {answer.status_code}", response=answer)
    if answer.is_redirect or answer.status_code >= 300:
        # Followed, it might carry the credentials elsewhere.
        raise AnswerError(f"HTTP {answer.status_code}: it points to another address")
    if answer.status_code == 204 or not answer.content:
        raise AnswerError(f"HTTP {answer.status_code} without any content")
    kind = answer.headers.get("Content-Type", "")
    if "html" in kind.lower() or answer.content.lstrip()[:1] == b"<":
        raise AnswerError(f"HTTP {answer.status_code}, but the answer is a page", shown(answer))
    try:
        document = json.loads(answer.content, parse_float=WrittenNumber)
    except ValueError as error:
        raise BrokenAnswerError("the answer is no whole JSON", str(error)) from error
    answer.json = lambda **_: document  # type: ignore[method-assign]


def shown(answer: requests.Response) -> str:
    """The beginning of an answer on one line."""
    return " ".join(answer.content.decode(errors="replace").split())[:SHOWN_CHARACTERS]


def pick(document: Any, path: str) -> Any:
    """Follow a dotted path; KeyError where it leads nowhere. An empty path is the whole."""
    for name in filter(None, path.split(".")):
        if not isinstance(document, dict):
            raise KeyError(path)
        document = document[name]
    return document


def items_of(document: Any, selector: str) -> list[Any]:
    """The list of items in an answer. AnswerError where an error stands in its place."""
    try:
        items = pick(document, selector)
    except KeyError:
        told = json.dumps(document)[:SHOWN_CHARACTERS]
        raise AnswerError(f"the answer holds no {selector!r}", told) from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        told = json.dumps(document)[:SHOWN_CHARACTERS]
        raise AnswerError(f"{selector or 'the answer'!r} is no list of objects", told)
    return items


def reason(error: AnswerError | requests.RequestException) -> tuple[str, str]:
    """What went wrong in words that tell nothing of any person, and an excerpt that may."""
    match error:
        case AnswerError() | BrokenAnswerError():
            return str(error), error.excerpt
        case requests.HTTPError(response=requests.Response() as answer):
            return f"HTTP {answer.status_code} of {_address(answer.url)}", shown(answer)
        case _:
            return _meant(error), str(error)


def _meant(error: requests.RequestException) -> str:
    """Our own words for why no answer came, or but a part of one."""
    causes = (_root(error), error)
    meant = (words for kind, words in MEANINGS.items() for c in causes if isinstance(c, kind))
    return next(meant, ": ".join(dict.fromkeys(type(cause).__name__ for cause in causes)))


def _root(error: BaseException) -> BaseException:
    cause = error.__cause__ or error.__context__
    return _root(cause) if cause else error


def _address(url: str) -> str:
    """Without its parameters, which may ask for somebody, and without a user."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def is_passing(error: AnswerError | requests.RequestException) -> bool:
    """Whether asking again may cure it: no answer, a broken line, a server that is not well."""
    match error:
        case requests.HTTPError(response=requests.Response() as answer):
            return answer.status_code == TOO_MANY or answer.status_code >= SERVER_ERRORS
        # A certificate that is refused is so the next time too.
        case requests.exceptions.SSLError():
            return False
        case (
            requests.ConnectionError()
            | requests.Timeout()
            | requests.exceptions.ChunkedEncodingError()
        ):
            return True
        case _:
            return False


def refused(
    what: str, where: str, excerpt: str, kind: type[DeliveryError] = DeliveryError
) -> DeliveryError:
    """The error of a source whose API did not give all of it."""
    return kind(
        what,
        where=where,
        excerpt=excerpt,
        remedy="nothing was delivered and nothing has moved; mend what is named above, or run"
        " again later",
    )

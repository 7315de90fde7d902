"""What a command tells as JSON Lines (PILOTAGE_LOG=json), for whoever collects logs.

Each line is an object: `at` (UTC), `level` (info, warning, error), `run`, `company`, `event`, and
what the event has beside. The same as the text tells, so no personal data and no credentials; docs
list the events.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TextIO

import typer

_WHOSE: ContextVar[Mapping[str, str]] = ContextVar("whose", default=MappingProxyType({}))


def is_json() -> bool:
    """Whether lines for programs are wanted instead of those for people."""
    return os.environ.get("PILOTAGE_LOG") == "json"


@contextmanager
def lines_of(run: str, company: str) -> Iterator[None]:
    """Name the run and its company in each line told within."""
    token = _WHOSE.set({"run": run, "company": company})
    try:
        yield
    finally:
        _WHOSE.reset(token)


def log(
    event: str,
    facts: Mapping[str, object],
    *,
    level: str = "info",
    stream: TextIO | None = None,
) -> None:
    """One line; facts that are None or empty are left out. To the terminal, or the stream given."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    told = {name: fact for name, fact in facts.items() if fact not in (None, "", [], {})}
    line = {"at": at, "level": level, **_WHOSE.get(), "event": event, **told}
    typer.echo(json.dumps(line, ensure_ascii=False, default=str), file=stream)

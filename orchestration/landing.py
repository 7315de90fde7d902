"""Deliveries -> lake for one company: the calls into ingest, without Dagster."""

import json
import math
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract import Source, read_source
from ingest.errors import PilotageError
from orchestration.as_of import AsOf, end_of_day, read_day, resolve_as_of
from orchestration.company import Company

LEAST_SCALE, MOST_SCALE = 0.01, 1000
DEMO_NOTE = "demo_company.json"


def company_sources(company: Company) -> list[Source]:
    """The declarations of the company's enabled sources. Raises ContractError."""
    return [read_source(path) for path in company.declarations().values()]


def write_demo_deliveries(company: Company, scale: float) -> bool:
    """Let the simulator write the demo company's deliveries; at once where they are there.

    Returns whether the lake held another demo company (another scale, say): it is then removed,
    with its book of alerts, for two invented pasts do not fit together. The lake itself says which
    company it holds, for what lies among the deliveries may be half of something else. A lake that
    does not say it may hold anything, and starts anew too.
    """
    from ingest.demo import identity, write_deliveries  # noqa: PLC0415 - loads numpy and pandas

    note = company.lake / DEMO_NOTE
    wanted = identity(scale=scale)
    is_another = company.lake.exists() and _noted(note) != wanted
    if is_another:
        # First: a run killed while the rest is being removed leaves no note that is wrong.
        note.unlink(missing_ok=True)
        # Whoever acknowledged an alert did so about records of the other company.
        company.alert_book.unlink(missing_ok=True)
        shutil.rmtree(company.lake)
    write_deliveries(company.deliveries, scale=scale)
    if not note.exists():
        _write_note(note, wanted)
    return is_another


def fetch_deliveries(company: Company) -> Iterator[tuple[str, float]]:
    """Fetch what databases and APIs hold now; yield each source and how long it took.

    Raises DeliveryError for the first source that cannot be had whole; nothing of it is kept.
    """
    for source in company_sources(company):
        if source.is_fetched:
            from ingest.fetching import fetch  # noqa: PLC0415 - loads DuckDB

            started = time.perf_counter()
            fetch(source, company.deliveries, company.lake)
            yield source.name, time.perf_counter() - started


@dataclass(frozen=True)
class LeftOut:
    """What a person may have thought was delivered: files that no declaration names, and tables
    that never came."""

    unread: tuple[str, ...]
    missing: tuple[str, ...]


def left_out(company: Company) -> LeftOut:
    """Look for deliveries that nothing reads, and declared tables without any."""
    from ingest.delivery import unread  # noqa: PLC0415 - not needed to show help
    from ingest.loads import never_delivered  # noqa: PLC0415 - loads pyarrow

    sources = company_sources(company)
    besides = {"truth.json"} if company.is_demo else set()
    files = [name for name in unread(sources, company.deliveries) if name not in besides]
    return LeftOut(tuple(files), tuple(never_delivered(sources, company.lake)))


def read_scale(text: str) -> float:
    """The size of the demo company, a number from 0.01 to 1000. Raises PilotageError."""
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        raise PilotageError(
            f"SCALE is {text!r}, which is no number from {LEAST_SCALE} to {MOST_SCALE}.",
            where="SCALE (--scale)",
            remedy="Give a number such as 0.2; 1 makes about 6,000 opportunities.",
        )
    return scale


def check_as_of(company: Company, text: str) -> None:
    """Refuse an AS_OF that can be seen to be wrong before anything is written. Raises AsOfError."""
    if text and company.is_demo:
        from ingest.demo import first_extraction  # noqa: PLC0415 - loads numpy and pandas

        first = _naive(first_extraction())
        resolve_as_of(text, company.business_tz, first, first)
    elif text:
        read_day(text)


def company_as_of(company: Company, text: str | None) -> AsOf:
    """The instant that a run of the company stands at. Raises AsOfError, DeliveryError."""

    from ingest.loads import newest_extraction, oldest_extraction  # noqa: PLC0415 - loads pyarrow

    sources = company_sources(company)
    oldest = oldest_extraction(sources, company.lake, company.deliveries)
    newest = newest_extraction(sources, company.lake, company.deliveries)
    if oldest is None or newest is None:
        raise PilotageError(
            f"The company {company.name!r} has no delivery yet.",
            where=str(company.deliveries),
            remedy="Put the first export there, laid out as the sources.yml say"
            + ("; or run `pilotage demo-deliveries`." if company.is_demo else "."),
        )
    return resolve_as_of(text, company.business_tz, _naive(oldest), _naive(newest))


def asked_or_newest(company: Company, text: str) -> AsOf:
    """Like company_as_of, but a day that is asked for need not have seen a delivery."""
    if text:
        return end_of_day(read_day(text), company.business_tz)
    return company_as_of(company, text)


def _noted(note: Path) -> object:
    """Which demo company a lake says it holds; None where it does not say."""
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_note(note: Path, identity: Mapping[str, float | int]) -> None:
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = note.with_name(f"{note.name}.part")
    unfinished.write_text(json.dumps(identity, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(note)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)

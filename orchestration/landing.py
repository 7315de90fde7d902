"""Deliveries -> lake for one company: the calls into ingest, without Dagster."""

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingest.contract import Source, Table, read_source
from ingest.errors import DeliveryError, LakeError, PilotageError
from orchestration.as_of import AsOf, AsOfError, end_of_day, read_day, resolve_as_of
from orchestration.company import Company

if TYPE_CHECKING:
    from ingest.lake import Load

LEAST_SCALE, MOST_SCALE = 0.01, 1000
NAMES_SHOWN = 4
DEMO_NOTE = "demo_company.json"
Identity = Mapping[str, float | int]


def company_sources(company: Company) -> list[Source]:
    """The declarations of the company's enabled sources. Raises ContractError."""
    return [read_source(path) for path in company.declarations().values()]


def take_from_inbox(company: Company) -> Sequence[tuple[str, str]]:
    """Take what has settled in the company's inbox, if it has one; what stays there, and why."""
    if company.inbox is None:
        return ()
    from ingest.inbox import take  # noqa: PLC0415 - not needed to show help

    sources = company_sources(company)
    places = (company.inbox, company.deliveries, company.lake)
    return take(sources, *places, company.settle_seconds).left


def land_table(
    company: Company, source: Source, table: Table, landed: "Callable[[Load], None]"
) -> None:
    """Land a table's deliveries, each told to `landed`; those that came by the inbox are put away.

    Raises DeliveryError for one that is refused whole; raw.loads tells of it already, and what
    landed before it is put away too.
    """
    from ingest.loads import load_table, write_loads_table  # noqa: PLC0415 - loads pyarrow

    keeps = company.keep_originals_days > 0
    try:
        load_table(source, table, company.deliveries, company.lake, landed, keeps_originals=keeps)
    except DeliveryError:
        # The run ends here, before the books are written. That matters more than that they cannot.
        with suppress(LakeError):
            write_loads_table(company.lake, company.warehouse)
        with suppress(PilotageError, OSError):
            _put_away(company, source, table)
        raise
    _put_away(company, source, table)


def _put_away(company: Company, source: Source, table: Table) -> None:
    from ingest.inbox import put_away  # noqa: PLC0415 - not needed to show help
    from ingest.lake import Lake  # noqa: PLC0415 - loads pyarrow

    if company.inbox is not None:
        put_away(source, table, company.deliveries, Lake(company.lake))


def drop_originals(company: Company) -> int:
    """Remove the originals that the company no longer wants to keep; return how many."""
    from ingest.lake import Lake  # noqa: PLC0415 - loads pyarrow
    from ingest.originals import drop_old_originals  # noqa: PLC0415 - loads pyarrow

    tables = [table for source in company_sources(company) for table in source.tables]
    return drop_old_originals(Lake(company.lake), tables, company.keep_originals_days)


def write_demo_deliveries(
    company: Company, scale: float | None = None, *, anew: bool = False
) -> None:
    """Let the simulator write the demo company's deliveries; at once where they are there.

    scale: None takes the size of the demo company that is there, else 1. The lake itself says which
    one it holds, for what lies among the deliveries may be half of something else; two invented
    pasts do not fit together in one lake. A lake that does not say it may hold anything, and is
    landed again.
    anew: give up what is there, also the book of alerts: whoever acknowledged one did so about
    records of the other company. Without it another demo company is refused with PilotageError.
    """
    from ingest.demo import identity, write_deliveries  # noqa: PLC0415 - loads numpy and pandas

    note = company.lake / DEMO_NOTE
    there = _noted(note)
    size = scale if scale is not None else there.get("scale", 1)
    wanted = identity(scale=size)
    if anew:
        company.alert_book.unlink(missing_ok=True)
        # Before the lake: a kill while that is being removed must leave no note that is wrong.
        note.unlink(missing_ok=True)
    elif there and there != wanted:
        raise _other_demo(note, there, wanted)
    if company.lake.exists() and _noted(note) != wanted:
        shutil.rmtree(company.lake)
    write_deliveries(company.deliveries, scale=size)
    if not note.exists():
        _write_note(note, wanted)


def _other_demo(note: Path, there: Identity, wanted: Identity) -> PilotageError:
    size = f"{wanted['scale']:g}"
    if there["scale"] != wanted["scale"]:
        held, going_on = f"with SCALE={there['scale']:g}, not SCALE={size}", "give no other SCALE"
    else:
        held, going_on = "by another version of the simulator", "use the version that made it"
    return PilotageError(
        f"The demo company that is here was made {held}.",
        where=str(note),
        remedy=f"To go on with it, {going_on}. To give it up, with its alerts and what people "
        f"decided on them: pilotage demo-deliveries --anew --scale {size}",
    )


def asks_sources(company: Company, as_of: str) -> bool:
    """Whether a run fetches: a day that is over is answered from what was known then.

    Raises AsOfError.
    """
    today = datetime.now(ZoneInfo(company.business_tz)).date()
    return not as_of or read_day(as_of) >= today


def fetch_deliveries(company: Company) -> Iterator[tuple[str, float]]:
    """Fetch what databases and APIs hold now; yield each source and how long it took.

    Raises DeliveryError for the first source that cannot be had whole; nothing of it is kept.
    """
    for source in company_sources(company):
        if source.is_fetched:
            started = time.perf_counter()
            fetch_delivery(company, source)
            yield source.name, time.perf_counter() - started


def fetch_delivery(company: Company, source: Source) -> None:
    """Fetch what a database or an API holds now. Raises DeliveryError where it is not whole."""
    from ingest.fetching import fetch  # noqa: PLC0415 - loads DuckDB

    fetch(source, company.deliveries, company.lake)


@dataclass(frozen=True)
class LeftOut:
    """What a person may have thought was delivered: files that no declaration names, and tables
    that never came."""

    unread: tuple[str, ...]
    missing: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """A line of text for each of the two that there are."""
        yield from _listed("not read", "files match no declared path", self.unread)
        yield from _listed("missing", "declared tables never came", self.missing)


def _listed(word: str, what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
        yield f"  {word:<12}{len(names):,} {what}: {', '.join(names[:NAMES_SHOWN])}{more}"


def left_out(company: Company) -> LeftOut:
    """Look for deliveries that nothing reads, and declared tables without any."""
    from ingest.delivery import unread  # noqa: PLC0415 - not needed to show help
    from ingest.loads import never_delivered  # noqa: PLC0415 - loads pyarrow

    sources = company_sources(company)
    besides = {"truth.json"} if company.is_demo else set()
    files = [name for name in unread(sources, company.deliveries) if name not in besides]
    return LeftOut(tuple(files), tuple(never_delivered(sources, company.lake)))


def read_scale(text: str) -> float | None:
    """The size of the demo company, a number from 0.01 to 1000; None: not told. Raises
    PilotageError."""
    if not text:
        return None
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
        from ingest.demo import (  # noqa: PLC0415 - loads numpy and pandas
            first_extraction,
            last_extraction,
        )

        first, last = _naive(first_extraction()), _naive(last_extraction())
        resolve_as_of(text, company.business_tz, first, last)
    elif text:
        read_day(text)


def company_as_of(company: Company, text: str | None) -> AsOf:
    """The instant that a run of the company stands at. Raises AsOfError, DeliveryError."""
    from ingest.loads import newest_extraction, oldest_extraction  # noqa: PLC0415 - loads pyarrow

    sources = company_sources(company)
    oldest = oldest_extraction(sources, company.lake, company.deliveries)
    newest = newest_extraction(sources, company.lake, company.deliveries)
    if oldest is None or newest is None:
        raise AsOfError(
            f"The company {company.name!r} has no delivery yet.",
            where=str(company.deliveries),
            remedy=_first_delivery(company, sources),
        )
    return resolve_as_of(text, company.business_tz, _naive(oldest), _naive(newest))


def _first_delivery(company: Company, sources: Sequence[Source]) -> str:
    """How a company comes by it."""
    if all(source.is_fetched for source in sources):
        return "Run `pilotage fetch`, or a run that fetches."
    more = "; or run `pilotage demo-deliveries`." if company.is_demo else "."
    return f"Put the first export there, laid out as the sources.yml say{more}"


def asked_or_newest(company: Company, text: str) -> AsOf:
    """Like company_as_of, but a day that is asked for need not have seen a delivery."""
    if text:
        return end_of_day(read_day(text), company.business_tz)
    return company_as_of(company, text)


def _noted(note: Path) -> Identity:
    """Which demo company a lake says it holds; empty where it does not say."""
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and "scale" in told else {}


def _write_note(note: Path, identity: Identity) -> None:
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = note.with_name(f"{note.name}.part")
    unfinished.write_text(json.dumps(identity, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(note)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)

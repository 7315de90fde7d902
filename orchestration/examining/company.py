"""What holds for one company: desk, rights, disk, clock, sources, and what its runs have made."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from expectations.alerts.book import reading_book
from ingest.contract import Source
from ingest.errors import LakeError, PilotageError
from orchestration.alerting import usable_policy
from orchestration.company import Company
from orchestration.desk import check_desk
from orchestration.erasure_record import due_erasures
from orchestration.examining.findings import Finding, fine, judged, note, wrong
from orchestration.landing import company_sources
from orchestration.lock import LOCKED, damaged_warehouse, is_going_on
from orchestration.places import nearest_folder

GIGABYTE = 10**9
OTHERS = 0o077


def examine_company(company: Company, least_free_gb: float | None) -> Iterator[Finding]:
    """Every check of a company whose company.yml can be read.

    least_free_gb: how much room there must be on its disk; None: what a run may need.
    """
    yield fine("settings", f"{company.folder / 'company.yml'}: {company.label}")
    yield judged("desk", partial(_desk, company))
    yield from _channels(company)
    yield from _rights(company)
    yield judged("disk", partial(_disk, company, least_free_gb))
    yield judged("lake", partial(_lake, company))
    yield judged("clock", partial(_clock, company))
    yield from _sources(company)
    yield judged("warehouse", partial(_warehouse, company))
    yield judged("published", partial(_published, company))
    yield judged("alerts", partial(_alerts, company))
    yield from _erasures(company)


def _desk(company: Company) -> str:
    check_desk(company)
    return f"{company.desk}: no wrong line"


def _channels(company: Company) -> Iterator[Finding]:
    """Routes that lead to a channel without an address: its notices wait."""
    policy, _ = usable_policy(company)
    channels = sorted({route.channel for route in policy.routes})
    variables = {name: f"PILOTAGE_CHANNEL_{name.upper()}" for name in channels}
    missing = [variable for variable in variables.values() if not os.environ.get(variable)]
    if missing:
        yield note(
            "channels",
            f"{len(missing)} of {len(channels)} channels have no address: their notices wait.",
            f"environment variable {', '.join(missing)}",
            "Set them (see .env.example), or take their routes off desk/alert_routes.csv.",
        )
    else:
        yield fine("channels", f"{len(channels)} channels, each has an address")


def _rights(company: Company) -> Iterator[Finding]:
    """Of every folder and file that runs write, and of what they read."""
    wanted = {**_written(company), **_read(company)}
    refused = [path for path, right in wanted.items() if not os.access(path, right)]
    for path in refused:
        kind = "written" if wanted[path] & os.W_OK else "read"
        yield wrong(
            "rights",
            f"What a run needs may not be {kind}.",
            str(path),
            "Give your user the right to it (`ls -ld` shows whose it is), or set PILOTAGE_HOME to "
            "a folder of your own.",
        )
    private = (company.lake, company.warehouse, company.alert_book)
    open_to_others = [p for p in private if p.exists() and p.stat().st_mode & OTHERS]
    for path in open_to_others:
        yield wrong(
            "rights",
            "What holds people's data may be read or written by others.",
            str(path),
            f"chmod go= {path}",
        )
    if not refused and not open_to_others:
        yield fine("rights", f"{len(wanted):,} folders and files, {company.home}")


def _written(company: Company) -> dict[Path, int]:
    """Path -> the right that a run needs."""
    lake = company.lake
    folders = [nearest_folder(company.home), company.published, company.reports, company.target]
    folders += [lake, (lake / "raw").resolve()]
    folders += [folder for part in ("raw", "quarantine", "refused", "deliveries")
                for folder in (lake / part).resolve().glob("**/")]  # fmt: skip
    files = (company.warehouse, company.alert_book)
    return {
        **{folder: os.R_OK | os.W_OK | os.X_OK for folder in folders if folder.is_dir()},
        **{path: os.R_OK | os.W_OK for path in files if path.is_file()},
    }


def _read(company: Company) -> dict[Path, int]:
    is_filled = company.inbox is not None or any(s.is_fetched for s in company_sources(company))
    places = {company.deliveries: os.R_OK | os.X_OK | (os.W_OK if is_filled else 0)}
    if company.inbox is not None:
        places[company.inbox] = os.R_OK | os.W_OK | os.X_OK
    return {folder: right for folder, right in places.items() if folder.is_dir()}


def _disk(company: Company, least_free_gb: float | None) -> str:
    """By default: the log of a build, and one more version as file and as Parquet."""
    from serving.versions import LINK  # noqa: PLC0415 - loads DuckDB

    folder = nearest_folder(company.home)
    free = shutil.disk_usage(folder).free
    link = company.published / LINK
    published = link.stat().st_size if link.exists() else 0
    least = GIGABYTE + 2 * published if least_free_gb is None else least_free_gb * GIGABYTE
    if free < least:
        raise PilotageError(
            f"The disk has {free / GIGABYTE:,.1f} GB free, {least / GIGABYTE:,.1f} are needed.",
            where=str(folder),
            remedy="Make room there, or set PILOTAGE_HOME to a folder on a larger disk.",
        )
    return f"{free / GIGABYTE:,.1f} GB free, {least / GIGABYTE:,.1f} are needed"


def _lake(company: Company) -> str:
    from ingest.inventory import take_inventory  # noqa: PLC0415 - loads DuckDB

    found = take_inventory(company.lake)
    return f"{found.loads:,} loads in {found.files:,} files, {found.bytes / 1e6:,.1f} MB"


def _clock(company: Company) -> str:
    """Nothing can have been extracted or published later than now."""
    from ingest.inventory import take_inventory  # noqa: PLC0415 - loads DuckDB
    from serving.versions import current_version, written_at  # noqa: PLC0415

    now = datetime.now(UTC)
    newest: Mapping[str, datetime] = {}
    # That the lake cannot be read is told by its own check.
    with suppress(LakeError):
        newest = take_inventory(company.lake).newest
    known = {f"the newest load of {source}": instant for source, instant in newest.items()}
    if version := current_version(company.published):
        known["the published version"] = written_at(version)
    for what, instant in known.items():
        if instant > now:
            raise PilotageError(
                f"The clock says {now:%Y-%m-%d %H:%M} UTC, which is before {what}"
                f" ({instant:%Y-%m-%d %H:%M} UTC).",
                where="the clock of this machine, or the name of a delivery",
                remedy="Set the clock (`timedatectl` shows it); where it is right, a delivery was "
                "named after a wrong instant: see extracted_at in marts.fct_loads.",
            )
    return f"{now:%Y-%m-%d %H:%M} UTC, after all that is known"


def _sources(company: Company) -> Iterator[Finding]:
    from ingest.fetching import check_source  # noqa: PLC0415 - loads DuckDB
    from orchestration.defs.freshness import freshness_policies  # noqa: PLC0415 - loads Dagster

    def reached(source: Source) -> str:
        check_source(source, company.deliveries, company.lake)
        freshness_policies(source)
        place = source.connector if source.is_fetched else f"files in {company.deliveries}"
        return f"{source.name}: {place}"

    for source in company_sources(company):
        if company.is_demo and not company.deliveries.is_dir():
            yield fine("sources", f"{source.name}: the first run makes its deliveries up")
        else:
            yield judged("sources", partial(reached, source))


def _warehouse(company: Company) -> str:
    from serving.reading import why_unreadable  # noqa: PLC0415 - loads DuckDB

    # To open it, if only to read, would keep the run from it.
    if is_going_on(company):
        return "a run goes on, which has it to itself"
    if not company.warehouse.is_file():
        return "none yet: a run builds it"
    reason = why_unreadable(company.warehouse)
    if not reason:
        return f"{company.warehouse}: {company.warehouse.stat().st_size / 1e6:,.1f} MB"
    if LOCKED in reason:
        raise PilotageError(
            "The warehouse is open in another program: no run can write it.",
            where=f"{company.warehouse}: {reason}",
            remedy="Close it there, and read published/marts.duckdb instead: it is made for that.",
        )
    raise damaged_warehouse(company, reason)


def _published(company: Company) -> str:
    from serving.reading import kept_versions  # noqa: PLC0415 - loads DuckDB
    from serving.versions import dangling_links  # noqa: PLC0415

    if dangling := dangling_links(company.published):
        raise PilotageError(
            "What is published leads nowhere: readers find no file.",
            where=", ".join(f"{link} -> {link.readlink()}" for link in dangling),
            remedy=f"pilotage publish rollback --company {company.reference}, or run the chain.",
        )
    kept = kept_versions(company.published)
    for version in kept:
        if version.is_damaged:
            raise PilotageError(
                f"The version {version.name} is damaged"
                f"{', which readers see' if version.is_current else ''}.",
                where=str(company.published),
                remedy=f"pilotage publish rollback --company {company.reference}, then delete its"
                " file." if version.is_current else "Delete its file.",
            )  # fmt: skip
    return f"{len(kept)} versions kept, each can be read" if kept else "nothing yet"


def _alerts(company: Company) -> str:
    if not company.alert_book.is_file():
        return "no book yet: a run makes it"
    with reading_book(company.alert_book):
        return f"{company.alert_book}: whole"


def _erasures(company: Company) -> Iterator[Finding]:
    """What is left to do so that nobody is kept who was to be forgotten."""
    if due := due_erasures(company):
        yield wrong(
            "erasures",
            f"{len(due)} erasures did not end, or were undone by a restore.",
            f"{company.home}: subjects {', '.join(subject[:12] for subject in due)}",
            "Erase these people again: `pilotage erase --email <address>`. Which address is which "
            "subject: whoever holds PILOTAGE_ERASURE_KEY can tell (docs/operation.md).",
        )
    else:
        yield fine("erasures", "none is due")

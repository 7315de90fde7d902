"""How a company stands: its runs, what is published, how old its data are, its alerts, its lake.

Read from what lies there. Nothing is written, made or locked, so that it may be asked at any time,
also beside a run and before the first one. Figures and names of ours only: no value of a delivery,
no name of a file, no text of an alert, which may name people.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from expectations.alerts.book import reading_book
from expectations.alerts.entries import all_alerts
from expectations.alerts.lifecycle import LIVING
from expectations.alerts.outbox import depths
from expectations.errors import ExpectationsError
from ingest.errors import PilotageError
from orchestration.alerting import ERASURES, RUN
from orchestration.company import Company
from orchestration.erasure_record import due_erasures
from orchestration.journal import KILLED, RUNNING, Run, last_runs
from orchestration.places import nearest_folder

if TYPE_CHECKING:
    from ingest.inventory import Inventory
    from serving.reading import Version

SHOWN_RUNS = 5
LINKS = ("marts.duckdb", "pilotage.duckdb")

Found = TypeVar("Found")


@dataclass(frozen=True)
class Published:
    """What readers see, and how many versions are kept."""

    version: "Version"
    written_at: datetime
    kept: int

    def document(self) -> dict[str, Any]:
        """The same in types that JSON has."""
        version = self.version
        as_of_at = version.as_of_at.isoformat() + "Z" if version.as_of_at else None
        return {
            "version": version.name,
            "written_at": self.written_at.isoformat(timespec="seconds"),
            "as_of_at": as_of_at,
            "run_id": version.run_id or None,
            "tables": version.tables,
            "rows": version.rows,
            "bytes": version.bytes,
            "kept_versions": self.kept,
        }


@dataclass(frozen=True)
class AlertFigures:
    """states: living alerts by state; errors: those of them that are errors; run: whether the alert
    of a failed run, or of what follows a publication, is among them. waiting, dead: notices."""

    states: dict[str, int]
    errors: int
    run: bool
    waiting: int
    dead: int


@dataclass(frozen=True)
class Status:
    """All of it at one instant. None: there is none yet, or `wrong` says why it cannot be read."""

    company: Company
    told_at: datetime
    runs: tuple[Run, ...]
    published: Published | None
    alerts: AlertFigures | None
    lake: "Inventory | None"
    free_bytes: int
    wrong: tuple[str, ...]

    @property
    def running(self) -> Run | None:
        """The run that goes on."""
        return next((run for run in self.runs if run.outcome == RUNNING), None)

    def hours_old(self) -> dict[str, float]:
        """Source -> hours since its last extraction."""
        newest = self.lake.newest if self.lake else {}
        ages = {source: self.told_at - instant for source, instant in newest.items()}
        return {source: round(age.total_seconds() / 3600, 1) for source, age in ages.items()}


def take_status(company: Company) -> Status:
    """Look at all of it; what cannot be read is told in `wrong` and does not hide the rest."""
    wrong: list[str] = []

    def looked(look: Callable[[Company], Found | None]) -> Found | None:
        try:
            return look(company)
        except (PilotageError, ExpectationsError, OSError) as error:
            wrong.append(_plainly(error))
            return None

    runs = tuple(last_runs(company))
    published, alerts, lake = looked(_published), looked(_alerts), looked(_lake)
    wrong += _complaints(company, runs, published, alerts, lake)
    return Status(
        company=company,
        told_at=datetime.now(UTC),
        runs=runs[:SHOWN_RUNS],
        published=published,
        alerts=alerts,
        lake=lake,
        free_bytes=shutil.disk_usage(nearest_folder(company.home)).free,
        wrong=tuple(wrong),
    )


def _published(company: Company) -> Published | None:
    from serving.reading import kept_versions  # noqa: PLC0415 - loads DuckDB
    from serving.versions import written_at  # noqa: PLC0415

    kept = kept_versions(company.published)
    seen = next((version for version in kept if version.is_current), None)
    return Published(seen, written_at(seen.name), len(kept)) if seen else None


def _alerts(company: Company) -> AlertFigures | None:
    if not company.alert_book.is_file():
        return None
    with reading_book(company.alert_book) as book:
        living = [one for one in all_alerts(book).values() if one.life.state in LIVING]
        notices = depths(book)
    return AlertFigures(
        states={state: sum(one.life.state == state for one in living) for state in LIVING},
        errors=sum(one.seen.severity == "error" for one in living),
        run=any(one.seen.family == RUN and one.seen.rule != ERASURES for one in living),
        waiting=sum(count for (_, status), count in notices.items() if status != "dead"),
        dead=sum(count for (_, status), count in notices.items() if status == "dead"),
    )


def _lake(company: Company) -> "Inventory | None":
    from ingest.inventory import take_inventory  # noqa: PLC0415 - loads DuckDB

    return take_inventory(company.lake) if (company.lake / "raw").is_dir() else None


def _complaints(
    company: Company,
    runs: Sequence[Run],
    published: Published | None,
    alerts: AlertFigures | None,
    lake: "Inventory | None",
) -> Iterator[str]:
    """What a person should look at. Alerts about data are those of their owners."""
    last = next((run for run in runs if run.outcome != RUNNING), None)
    if last is not None and last.outcome == KILLED:
        yield "The last run was killed: it did not come to its end."
    elif last is not None and not last.is_good:
        yield f"The last run {last.outcome}, with {last.error}: `pilotage alerts list` says why."
    elif alerts is not None and alerts.run:
        yield "The alert of a failed run is open: `pilotage alerts list` shows it."
    if published is not None and published.version.is_damaged:
        yield "The published file cannot be read: `pilotage publish rollback` leads to another."
    if published is None and any((company.published / name).is_symlink() for name in LINKS):
        yield "What is published leads nowhere: `pilotage publish rollback` leads to a version."
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for source, newest in (lake.newest if lake else {}).items():
        if newest > tomorrow:
            yield f"A delivery of {source} is of a day to come: `pilotage doctor` says what to do."
    if due := due_erasures(company):
        yield f"{len(due)} erasures are to be done or ended: `pilotage doctor` says how."


def _plainly(error: Exception) -> str:
    """What is wrong, without the place: `pilotage doctor` names it."""
    if isinstance(error, PilotageError | ExpectationsError):
        return error.what
    return f"A file or folder cannot be read: {getattr(error, 'strerror', None) or error}."

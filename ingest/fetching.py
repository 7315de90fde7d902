"""Sources that do not deliver by themselves: what a database or an API holds becomes a delivery.

All tables of a source are fetched together into a hidden folder that gets its name once they are
whole. From there on they are files like any others: landed, kept, landed again.
"""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.cursors import Wanted, reached
from ingest.databases import check_database, fetch_database
from ingest.delivery import no_delivery
from ingest.errors import DeliveryError
from ingest.lake import Lake
from ingest.loads import has_delivery, newest_extraction
from ingest.paths import named_after
from ingest.rest import check_rest, fetch_rest
from ingest.tables import Source

UNFINISHED = ".fetching"

Connector = Callable[[Source, list[Wanted], Path], None]


def fetch(
    source: Source,
    deliveries_folder: Path,
    lake_folder: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path | None:
    """Fetch one delivery of a source; return its folder, None for a source of files.

    DeliveryError where it cannot be had whole: then nothing is delivered, and nothing has moved.
    """
    if not source.is_fetched:
        return None
    lake = Lake(lake_folder)
    extracted_at = _instant(source, deliveries_folder, lake_folder, clock())
    unfinished = deliveries_folder / UNFINISHED / source.name
    finished = (
        deliveries_folder / Path(named_after(source.tables[0].terms.path, extracted_at)).parent
    )
    wanted = [Wanted(table, reached(lake, table)) for table in source.tables]
    try:
        _make_empty(unfinished)
        _connector(source)(source, wanted, unfinished)
        _finish(unfinished, finished)
    except OSError as error:
        raise DeliveryError(
            f"what was fetched of {source.name} cannot be written: {error.strerror}",
            where=str(error.filename or deliveries_folder),
            remedy="check the folder's rights and the free space, then run again",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return finished


def check_source(source: Source, deliveries_folder: Path, lake_folder: Path) -> None:
    """See whether a source can be had now; nothing is fetched. DeliveryError says why it cannot:
    of files, that none was ever delivered."""
    match source.connector:
        case "files":
            if not has_delivery(source, deliveries_folder, Lake(lake_folder)):
                raise no_delivery(source, deliveries_folder)
        case "postgres" | "mysql":
            check_database(source)
        case _:
            check_rest(source)


def _connector(source: Source) -> Connector:
    match source.connector:
        case "postgres" | "mysql":
            return fetch_database
        case "rest" | "hubspot" | "salesforce":
            return fetch_rest
        case unknown:
            raise AssertionError(f"the contract lets no connector {unknown} pass")


def _instant(source: Source, deliveries: Path, lake: Path, now: datetime) -> datetime:
    """The next whole second, and never that of an earlier delivery: the path has no more room."""
    moment = (now.astimezone(UTC) + timedelta(seconds=1)).replace(microsecond=0)
    newest = newest_extraction([source], lake, deliveries)
    return max(moment, newest + timedelta(seconds=1)) if newest else moment


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def _finish(unfinished: Path, finished: Path) -> None:
    """Name the folder once its files are on the disk: it is there as a whole or not at all."""
    for path in [*unfinished.iterdir(), unfinished]:
        _sync(path)
    finished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.rename(finished)
    _sync(finished.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The pipeline at the end of single days as Parquet, a file per day, for archives and engines that
read partitions: published/days/snapshot_date=2025-12-31/pipeline.parquet."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from serving.any_day import known_days
from serving.quoting import quoted
from serving.reading import why_unreadable
from serving.versions import LINK, PublicationError, current_version, sync

DAYS = "days"
FILE = "pipeline.parquet"


class DaysWritten(NamedTuple):
    """The days whose files were written, one row per deal that was open, and of which version."""

    folder: Path
    days: int
    rows: int
    version: str


def write_days(published: Path, first: date, last: date) -> DaysWritten:
    """Write the file of each day from `first` to `last`, both included, as it is known by now.

    One question serves all days. Each file is swapped in by a rename; what it held before was
    either the same, or older knowledge of that day. Raises PublicationError as check_days does.
    """
    version = check_days(published, first, last)
    with duckdb.connect(str((published / LINK).resolve()), read_only=True) as connection:
        rows = sum(_write_day(connection, published / DAYS, day) for day in _days(first, last))
    return DaysWritten(published / DAYS, len(_days(first, last)), rows, version)


def check_days(published: Path, first: date, last: date) -> str:
    """The version that knows all days from `first` to `last`.

    Raises PublicationError where nothing is published that can be read, or where a day is not
    known.
    """
    if first > last:
        raise PublicationError(f"{first} comes after {last}.", "give the earlier day first")
    version = current_version(published)
    if version is None:
        raise PublicationError("Nothing is published.", "run the chain first")
    if reason := why_unreadable(published / LINK):
        raise PublicationError(f"What is published cannot be read: {reason}", "run the chain again")
    with duckdb.connect(str((published / LINK).resolve()), read_only=True) as connection:
        begin, end = known_days(connection)
    if first < begin or last > end:
        raise PublicationError(
            f"The marts know the days from {begin} to {end}, not all from {first} to {last}.",
            "choose days among those, or run the chain for a later day first",
        )
    return version


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _write_day(connection: duckdb.DuckDBPyConnection, folder: Path, day: date) -> int:
    place = folder / f"snapshot_date={day}"
    place.mkdir(parents=True, exist_ok=True)
    for made in (folder, place):
        made.chmod(0o755)  # for others to read, whatever the umask
    building = place / f".building-{FILE}"
    copied = connection.execute(
        f"copy (select * from pipeline_as_of(date '{day}') order by opportunity_id)"
        f" to {quoted(str(building))} (format parquet, compression zstd)"
    ).fetchone()
    building.chmod(0o644)
    sync(building)
    building.replace(place / FILE)
    assert copied is not None, "a copy tells how many rows it wrote"
    return int(copied[0])

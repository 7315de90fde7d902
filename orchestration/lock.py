"""One writer at a time for a company, and one company for a name."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from ingest.errors import PilotageError
from orchestration.company import Company
from orchestration.places import FOR_THE_OWNER_ALONE, writable_folder

LOCK = ".lock"
# Somebody who looks whether it is held has it for an instant.
LOOKS, LOOK_SECONDS = 10, 0.005


class BusyError(PilotageError):
    """Another process writes this company's data."""


def has_been_written(company: Company) -> bool:
    """Whether a command has written for this company before, and not for another of its name."""
    path = company.home / LOCK
    return path.is_file() and path.read_text(encoding="utf-8").strip() == str(company.folder)


# What DuckDB says where another process has the file.
LOCKED = "Could not set lock on file"


def is_going_on(company: Company) -> bool:
    """Whether a process holds the company's lock now; who asks does not take it."""
    path = company.home / LOCK
    if not path.is_file():
        return False
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextmanager
def sole_writer(company: Company) -> Iterator[None]:
    """Hold the company's lock; raises BusyError at once where another process holds it.

    The lock goes with the process, so a killed run leaves none behind. Its file names the company's
    folder: a copy of a company that kept the name would write into the original's data.

    What is written meanwhile is for its owner alone, as warehouse and logs hold people's values;
    published and reports are folders for others, and what is written there is opened to them.
    """
    path = writable_folder(company.home) / LOCK
    writable_folder(company.published)
    writable_folder(company.reports)
    with path.open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except OSError as error:
            raise BusyError(
                f"A run of the company {company.name!r} is going on already.",
                where=str(path),
                remedy="Wait for its end; readers may open the published marts meanwhile.",
            ) from error
        file.seek(0)
        folder = file.read().strip()
        if folder and folder != str(company.folder):
            raise BusyError(
                f"The name {company.name!r} belongs to another company folder.",
                where=f"{company.folder / 'company.yml'}, key name; taken by {folder}",
                remedy=f"Choose another name, or, if the folder has moved, delete {path}.",
            )
        if not folder:
            file.write(f"{company.folder}\n")
            file.flush()
        with _private_files():
            yield


def _take(file: IO[str]) -> None:
    """Raises OSError where another process holds it for longer than is_going_on looks."""
    for _ in range(LOOKS):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(LOOK_SECONDS)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def _private_files() -> Iterator[None]:
    before = os.umask(FOR_THE_OWNER_ALONE)
    try:
        yield
    finally:
        os.umask(before)


def check_warehouse_is_free(company: Company) -> None:
    """Raise BusyError where something else has work.duckdb open, PermissionError without right,
    PilotageError where it is damaged."""
    import duckdb  # noqa: PLC0415 - not needed to show help

    if not company.warehouse.is_file():
        return
    # DuckDB's complaint would be of the same kind as that of a file open elsewhere.
    company.warehouse.open("r+b").close()
    try:
        duckdb.connect(str(company.warehouse)).close()
    except (duckdb.Error, UnicodeDecodeError) as error:
        if LOCKED not in str(error):
            raise damaged_warehouse(company, str(error)) from error
        raise BusyError(
            "The warehouse is open in another program.",
            where=f"{company.warehouse}: {str(error).splitlines()[0]}",
            remedy="Close it there, and read published/marts.duckdb instead: it is made for that.",
        ) from error


def damaged_warehouse(company: Company, reason: str) -> PilotageError:
    """The complaint about a work.duckdb that cannot be opened."""
    return PilotageError(
        "The warehouse is damaged.",
        where=f"{company.warehouse}: {reason.partition(chr(10))[0]}",
        remedy="Delete it, and the .wal file beside it: the next run builds it anew.",
    )

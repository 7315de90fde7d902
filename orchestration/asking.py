"""A connection to what is asked, and what to do where a question cannot be answered."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb

from ingest.errors import PilotageError
from orchestration.company import Company
from serving.any_day import UNKNOWN_DAY, known_days
from serving.fingerprints import SCHEMA
from serving.questions import QueryError
from serving.reading import hardened
from serving.versions import LINK

# DuckDB's words for an error whose kind alone does not tell.
LOCKED = "Could not set lock on file"
MEND = "mend the select"
# What to do by the kind of error: the first that fits.
REMEDIES: tuple[tuple[type[Exception], str], ...] = (
    (QueryError, "give one select that reads, or a .sql file that holds one"),
    (
        duckdb.CatalogException,
        "name what is there: `show all tables` lists tables, docs/bi.md the functions of any day",
    ),
    (duckdb.BinderException, f"{MEND}: `describe <table>` lists the columns of a table"),
    (duckdb.PermissionException, "ask the published tables alone: nothing else can be read"),
    (duckdb.OutOfMemoryException, "ask for less at once"),
    (duckdb.ProgrammingError, MEND),
    (duckdb.DataError, MEND),
    (duckdb.NotSupportedError, MEND),
    (Exception, "see whether the file is whole (`pilotage publish list`) and the disk has room"),
)


@contextmanager
def opened(company: Company, *, warehouse: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to what is published, or to the warehouse of the last run.

    Raises PilotageError where it cannot be opened now, or what is asked of it goes wrong, and
    PermissionError where it may not be read.
    """
    path = company.warehouse if warehouse else company.published / LINK
    _check_is_there(path, company, warehouse)
    try:
        with _connected(path, warehouse) as connection, _days_told(connection):
            yield connection
    except (duckdb.Error, QueryError, OSError, UnicodeDecodeError) as error:
        remedy = _remedy(error, warehouse)
        raise PilotageError(str(error), where="query", remedy=remedy) from error


def _check_is_there(path: Path, company: Company, warehouse: bool) -> None:
    """DuckDB's own complaint is of one kind, whether a file is missing, closed to us or damaged."""
    try:
        path.open("rb").close()
    except FileNotFoundError as error:
        raise PilotageError(
            "There is no warehouse yet." if warehouse else "Nothing is published yet.",
            where=str(path),
            remedy=f"Run the chain first: pilotage run --company {company.reference}.",
        ) from error


def _connected(path: Path, warehouse: bool) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The warehouse's views read the lake, so that it cannot be opened as if it stood alone."""
    if not warehouse:
        return hardened(path)
    return duckdb.connect(
        str(path),
        read_only=True,
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
    )


@contextmanager
def _days_told(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Say which days there are, where another one is asked for."""
    try:
        yield
    except duckdb.InvalidInputException as error:
        if UNKNOWN_DAY not in str(error):
            raise
        first, last = known_days(connection)
        raise PilotageError(
            str(error), where="query", remedy=f"ask for days from {first} to {last}"
        ) from error


def _remedy(error: Exception, warehouse: bool) -> str:
    if LOCKED in str(error):
        return "wait for the run that writes it, or ask what is published: without --warehouse"
    remedy = next(remedy for kind, remedy in REMEDIES if isinstance(error, kind))
    if warehouse and isinstance(error, duckdb.CatalogException):
        remedy += f" (the warehouse has none; its tables need their schema: {SCHEMA}.fct_x)"
    return remedy

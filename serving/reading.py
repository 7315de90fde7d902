"""Read a published file without trusting the question: it can neither leave the file nor change it.

read_only alone still reads any file of the machine, writes others and attaches databases
(DuckDB, "Securing DuckDB": https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from serving.catalogue import CATALOGUE
from serving.fingerprints import SCHEMA
from serving.versions import current_version, version_file, versions

LOCK = "lock_configuration"
# What a BI tool gives as its connection's settings (docs/bi.md). The lock comes last.
HARDENED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    LOCK: True,
}
READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class QueryError(Exception):
    """The question is none that can be answered by reading; the message says why."""


@contextmanager
def hardened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a published file that reads this file and nothing else.

    The marts are found without their schema's name too.
    """
    settings = {name: value for name, value in HARDENED.items() if name != LOCK}
    connection = duckdb.connect(str(path), read_only=True, config=settings)
    try:
        connection.execute(f"set search_path = '{SCHEMA},main'")
        connection.execute(f"set {LOCK} = true")
        yield connection
    finally:
        connection.close()


def answer(connection: duckdb.DuckDBPyConnection, question: str) -> duckdb.DuckDBPyRelation:
    """The rows that one select asks for, not fetched yet.

    describe, show and summarize are selects, explain is read as well. Raises QueryError for
    anything else, and duckdb.Error where the statement is wrong.
    """
    statements = duckdb.extract_statements(question)
    if len(statements) != 1:
        raise QueryError(f"One statement is asked for, {len(statements)} were given.")
    if statements[0].type not in READING:
        raise QueryError(f"This is a statement of kind {statements[0].type.name}, not a select.")
    return connection.sql(statements[0].query)


class Version(NamedTuple):
    """A kept version of the publication, and what it says of itself."""

    name: str
    is_current: bool
    as_of_at: datetime
    run_id: str
    tables: int
    rows: int
    bytes: int


def kept_versions(folder: Path) -> list[Version]:
    """The versions that are kept, newest first."""
    current = current_version(folder)
    return [_read(folder, name, name == current) for name in reversed(versions(folder))]


def _read(folder: Path, name: str, is_current: bool) -> Version:
    path = version_file(folder, name)
    with hardened(path) as connection:
        columns = connection.sql(f"from {SCHEMA}.{CATALOGUE}").columns
        # A version that was kept from before it said so.
        run_id = "max(run_id)" if "run_id" in columns else "''"
        found = connection.execute(
            f"select max(as_of_at), {run_id}, count(*), sum(row_count) from {SCHEMA}.{CATALOGUE}"
        ).fetchone()
    assert found is not None, "an aggregate gives one row"
    as_of_at, run_id, tables, rows = found
    return Version(name, is_current, as_of_at, run_id, tables, rows, path.stat().st_size)

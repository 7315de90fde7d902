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

# What a BI tool gives as its connection's settings (docs/bi.md), but for the lock: it would keep us
# from setting the search path, and so comes after it.
HARDENED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


@contextmanager
def hardened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a published file that reads this file and nothing else.

    The marts are found without their schema's name too.
    """
    connection = duckdb.connect(str(path), read_only=True, config=HARDENED)
    try:
        connection.execute(f"set search_path = '{SCHEMA},main'")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()


# What DuckDB says where another process has the file open for writing, or would keep one from it.
LOCKED = "Could not set lock on file"


def why_unreadable(path: Path) -> str:
    """Why a DuckDB file cannot be opened and its tables listed, in DuckDB's words; empty: it can.

    Opened for reading only. Damage within a table shows when that table is read, not before.
    """
    try:
        with duckdb.connect(str(path), read_only=True, config=HARDENED) as connection:
            connection.execute("select count(*) from duckdb_columns()").fetchall()
    # DuckDB's messages may quote bytes of the file that are no text.
    except (duckdb.Error, UnicodeDecodeError) as error:
        return str(error).splitlines()[0]
    return ""


class Version(NamedTuple):
    """A kept version of the publication, and what it says of itself: nothing where it is damaged.

    tables, rows: None where it is damaged, as is the instant.
    """

    name: str
    is_current: bool
    as_of_at: datetime | None
    run_id: str
    tables: int | None
    rows: int | None
    bytes: int

    @property
    def is_damaged(self) -> bool:
        """Whether nothing can be read of it."""
        return self.as_of_at is None


def kept_versions(folder: Path) -> list[Version]:
    """The versions that are kept, newest first."""
    current = current_version(folder)
    found = (_read(folder, name, name == current) for name in reversed(versions(folder)))
    return [version for version in found if version]


def _read(folder: Path, name: str, is_current: bool) -> Version | None:
    """What a version says of itself; None where a run deleted it since it was listed."""
    path = version_file(folder, name)
    try:
        return Version(name, is_current, *_told(path), path.stat().st_size)
    # DuckDB's messages may quote bytes of the file that are no text.
    except (duckdb.Error, UnicodeDecodeError, OSError):
        return Version(name, is_current, None, "", None, None, 0) if path.exists() else None


def _told(path: Path) -> tuple[datetime | None, str, int, int]:
    with hardened(path) as connection:
        columns = connection.sql(f"from {SCHEMA}.{CATALOGUE}").columns
        # A version that was kept from before it said so.
        run_id = "max(run_id)" if "run_id" in columns else "''"
        found = connection.execute(
            f"select max(as_of_at), {run_id}, count(*), sum(row_count) from {SCHEMA}.{CATALOGUE}"
        ).fetchone()
    assert found is not None, "an aggregate gives one row"
    return found

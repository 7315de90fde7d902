"""What every reader of files shares: the names it must find and the account it must give.

A reader leaves the rows in `delivered` (_row_number and the file's own columns) and what it could
not even split into fields in `unreadable`; the casts make `typed` and `refused` of them.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingest.errors import DeliveryError
from ingest.tables import Table


@dataclass(frozen=True)
class Reading:
    """What a file held: delivered = rows in `typed` + rows in `refused`.

    `columns`: its own, in its order; `types`: theirs, where the file has any.
    """

    delivered: int
    quarantined: int
    extra_columns: tuple[str, ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    types: tuple[str, ...] = ()

    @property
    def schema_fingerprint(self) -> str:
        """Short hash of the columns: the same for two files of one shape."""
        typed = map(" ".join, zip(self.columns, self.types, strict=True))
        schema = typed if self.types else self.columns
        return hashlib.sha256("\n".join(schema).encode()).hexdigest()[:12]


def check_names(table: Table, names: Sequence[str], file_name: str) -> tuple[str, ...]:
    """Return the names that the declaration does not know. Columns are found by name only."""
    twins = [name for name, count in Counter(names).items() if count > 1]
    if twins:
        raise DeliveryError(
            # Without a header their names are values.
            "two columns have the same name",
            where=f"{file_name}, columns {_places(twins[0], names)}",
            excerpt=f"{twins[0]!r} in columns: {', '.join(names)}",
            remedy="have the export name each column once",
        )
    declared = [column.name for column in table.columns]
    missing = [name for name in declared if name not in names]
    if missing:
        raise DeliveryError(
            f"declared column {', '.join(map(repr, missing))} of {table} is missing",
            where=file_name,
            excerpt=f"columns: {', '.join(names)}",
            remedy="export it again with that column, or take it out of the declaration",
        )
    return tuple(name for name in names if name not in declared)


def _places(name: str, names: Sequence[str]) -> str:
    """Where a name stands among the columns, counted from 1."""
    return " and ".join(str(place) for place, one in enumerate(names, start=1) if one == name)


def create_unreadable(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of the records that cannot be split into fields."""
    con.execute(
        "create or replace temp table unreadable"
        " (_row_number bigint, line_number bigint, reason varchar, raw_text varchar,"
        " raw_bytes blob)"
    )


def number_landed(con: duckdb.DuckDBPyConnection) -> None:
    """Make `delivered` of `landed`, which DuckDB has filled in the order of the file."""
    con.execute(
        "create or replace temp view delivered as select rowid + 1 as _row_number, * from landed"
    )
    create_unreadable(con)


def finish_reading(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: Sequence[str],
    extra: tuple[str, ...],
    notes: tuple[str, ...],
    types: Sequence[str] = (),
) -> Reading:
    """Check the account of what was read, and give it."""
    counts = con.execute(
        "select (select count(*) from delivered), (select count(*) from typed),"
        " (select count(*) from refused), (select count(*) from unreadable)"
    ).fetchone()
    assert counts is not None
    readable, typed, refused, unreadable = counts
    delivered = readable + unreadable
    if delivered != typed + refused:
        raise DeliveryError(
            f"{delivered} rows were delivered but {typed} read and {refused} refused",
            where=str(table),
            remedy="this is a defect of Pilotage: please report it with the file's first lines",
        )
    # At millions of rows, memory counts: all that is needed of them now is in the typed table.
    con.execute("drop view delivered")
    con.execute("drop table landed")
    return Reading(delivered, refused, extra, tuple(columns), notes, tuple(types))

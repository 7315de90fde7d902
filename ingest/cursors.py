"""How far an incremental table has been read. The lake itself says it: there is no other state.

The cursor therefore moves if and only if the rows are there. A row that was refused has not moved
it and is offered again until a later one has.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from ingest.casts import quoted
from ingest.lake import Lake, sql_files
from ingest.tables import Table

# A clock that is put back repeats an hour: what was changed in it may look older than the cursor.
REPEATED_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Reach:
    """Where a table is read from: everything whose cursor is at least `value`, ties included.

    `value` is a whole number, a day or an aware instant.
    """

    value: int | date | datetime

    def as_utc(self) -> str:
        """The cursor as text; an instant in UTC, without zone."""
        if isinstance(self.value, datetime):
            return _text(self.value.astimezone(UTC))
        return str(self.value)

    def as_local(self, time_zone: str) -> str:
        """The same for a source that writes local instants: an hour earlier where clocks move."""
        if not isinstance(self.value, datetime) or time_zone == "UTC":
            return self.as_utc()
        return _text((self.value - REPEATED_HOUR).astimezone(ZoneInfo(time_zone)))


@dataclass(frozen=True)
class Wanted:
    """A table and from where on it is read; no reach: all of it."""

    table: Table
    reach: Reach | None = None


def reached(lake: Lake, table: Table) -> Reach | None:
    """Return how far the lake goes; None for a full table, and before the first load.

    Instants go back by the declared overlap, for a transaction may have been committed after one
    that began later. A day or an instant after its own extraction is a slip of the pen and does
    not count: it would keep everything after it out.
    """
    files = lake.raw_files(table)
    if table.terms.mode != "incremental" or not files:
        return None
    kind = table.column(table.terms.cursor).kind
    cursor = quoted(table.terms.cursor)
    credible = "true" if kind == "bigint" else f"{cursor} <= _extracted_at"
    with duckdb.connect() as con:
        found = con.execute(
            f"select max({cursor}) from {sql_files(files)} where {credible}"
        ).fetchone()
    return _reach(found[0] if found else None, timedelta(seconds=table.terms.cursor_overlap))


def _reach(value: Any, overlap: timedelta) -> Reach | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return Reach(value.replace(tzinfo=UTC) - overlap)
    return Reach(value)


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", timespec="microseconds")

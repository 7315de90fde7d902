"""What the readers of text share: rows that go into temporary tables, and where each came from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from ingest.casts import from_text
from ingest.incoming import Incoming
from ingest.records import Numbered, Record
from ingest.tables import Table
from ingest.typed_rows import Cell, make_refused, make_typed

BATCH_ROWS = 50_000
NO_FINAL_NEWLINE = "NO_FINAL_NEWLINE"
UNREADABLE = ("_row_number", "line_number", "reason", "raw_text", "raw_bytes")

Unreadable = tuple[int, int, str | None, str, bytes]


def unreadable(number: int, record: Record) -> Unreadable:
    """A record as a row of `unreadable`: its number, its line, what is wrong with it, its bytes."""
    raw = record.raw.rstrip(b"\r\n")
    return number, record.line_number, record.fault, raw.decode(errors="replace"), raw


def create_landed(con: duckdb.DuckDBPyConnection, columns: Iterable[str]) -> None:
    """Create the empty table of the records that can be split into fields, all of them text."""
    con.execute(
        "create or replace temp table landed (_row_number bigint, "
        + ", ".join(f"{name} varchar" for name in columns)
        + ")"
    )


def insert(
    con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Append rows to a table in one go; row by row costs milliseconds each."""
    if not rows:
        return
    values = zip(*rows, strict=True)
    batch = pa.table({column: list(one) for column, one in zip(columns, values, strict=True)})
    con.register("batch", batch)
    con.execute(f"insert into {name} by name select * from batch")
    con.unregister("batch")


def judge_text(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    positions: Mapping[str, str],
    extra: Sequence[str],
) -> frozenset[int]:
    """Make `typed` and `refused` of `delivered`, all text; return the rows that a cast refused.

    positions: name in the file -> column of `delivered`. Text cannot tell empty from missing.
    """
    given = {name: f"nullif({column}, '')" for name, column in positions.items()}
    cells = [
        Cell(column, from_text(column, "{}", table.terms), given[column.name])
        for column in table.columns
    ]
    make_typed(con, table, cells, {name: given[name] for name in extra})
    return make_refused(con, table, cells)


def text_notes(incoming: Incoming) -> tuple[str, ...]:
    """What a person should know of a text: what was guessed of it, and that its last line end is
    missing, for one cut off within its last value looks whole but for that."""
    return incoming.guesses + (() if incoming.ends_with_newline else (NO_FINAL_NEWLINE,))


def trace(con: duckdb.DuckDBPyConnection, numbered: Numbered, bad_rows: frozenset[int]) -> None:
    """Look up the lines of the rows that a cast refused; most deliveries have none."""
    if not bad_rows:
        return
    found = [unreadable(number, record) for number, record in numbered if number in bad_rows]
    con.execute("create or replace temp table traced as select * from unreadable where false")
    insert(con, "traced", UNREADABLE, found)
    con.execute("""
        update refused
        set line_number = traced.line_number, raw_text = traced.raw_text,
            raw_bytes = traced.raw_bytes
        from traced
        where refused._row_number = traced._row_number
    """)

"""Delimited text: DuckDB reads it, an independent count holds it to account.

Where the two disagree, the slow reader of records.py decides what each byte belongs to.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import duckdb

from ingest.casts import literal
from ingest.errors import DeliveryError
from ingest.guessing import settle
from ingest.incoming import Incoming
from ingest.reading import (
    Reading,
    check_names,
    create_unreadable,
    finish_reading,
    number_landed,
)
from ingest.records import Dialect, Numbered, Record, fault_of, line_text, split
from ingest.tables import Table
from ingest.text_rows import (
    BATCH_ROWS,
    UNREADABLE,
    create_landed,
    insert,
    judge_text,
    text_notes,
    trace,
    unreadable,
)

# Records with their numbers, and whether stray quotes in them are to be trusted less.
Records = Iterable[tuple[int, Record, bool]]


def read_csv_file(
    con: duckdb.DuckDBPyConnection, table: Table, incoming: Incoming, file_name: str
) -> Reading:
    table, incoming = settle(table, incoming, file_name)
    dialect = Dialect(table.terms.delimiter, table.terms.quote)
    header, header_lines = _header(incoming, dialect, file_name)
    extra = check_names(table, header, file_name)
    positions = {name: f"c{index}" for index, name in enumerate(header)}
    if not _read_fast(con, table, incoming, dialect, len(header), header_lines):
        _read_slowly(con, _numbered(incoming, dialect, len(header)), dialect, len(header))
    bad_rows = judge_text(con, table, positions, extra)
    trace(con, _numbered(incoming, dialect, len(header)), bad_rows)
    return finish_reading(con, table, header, extra, text_notes(incoming))


def read_csv_records(
    con: duckdb.DuckDBPyConnection, table: Table, header: Sequence[str], records: Records
) -> Reading:
    """Read single records under the header that they were delivered with."""
    dialect = Dialect(table.terms.delimiter, table.terms.quote)
    extra = check_names(table, header, str(table))
    judged = [
        (n, one._replace(fault=fault_of(one.raw, dialect, len(header), is_suspect)))
        for n, one, is_suspect in records
    ]
    _read_slowly(con, iter(judged), dialect, len(header))
    positions = {name: f"c{index}" for index, name in enumerate(header)}
    bad_rows = judge_text(con, table, positions, extra)
    trace(con, iter(judged), bad_rows)
    return finish_reading(con, table, header, extra, ())


def _header(incoming: Incoming, dialect: Dialect, file_name: str) -> tuple[list[str], int]:
    """Return the names of the header and the number of lines it takes."""
    with incoming.path.open("rb") as file:
        first = file.readline()
        raw, lines = first, 1
        quote = dialect.quote.encode()
        while quote and raw.count(quote) % 2 and lines < 100 and (line := file.readline()):
            raw += line
            lines += 1
    try:
        names = dialect.fields(line_text(raw).removeprefix("\ufeff"))
    except UnicodeDecodeError:
        names = None
    if not names or not first.strip() or "" in names:
        raise DeliveryError(
            "the first line is no header: a name is empty or unreadable",
            where=f"{file_name}, line 1",
            excerpt=repr(first[:200].decode(errors="replace").rstrip()),
            remedy="export the file with a header that names each column",
        )
    return names, lines


def _read_fast(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    incoming: Incoming,
    dialect: Dialect,
    width: int,
    header_lines: int,
) -> bool:
    """Let DuckDB read; False when it gives up or does not agree with the independent count."""
    if not incoming.is_plain or width == 1:
        return False
    columns = ", ".join(f"'c{index}': 'varchar'" for index in range(width))
    try:
        con.execute(
            f"create or replace temp table landed as select * from read_csv("
            f"{literal(str(incoming.path))}, auto_detect=false, header=false,"
            f" skip={header_lines}, strict_mode=true, null_padding=false,"
            f" delim={literal(dialect.delimiter)}, quote={literal(dialect.quote)},"
            f" escape={literal(dialect.quote)}, columns={{{columns}}})"
        )
    except duckdb.Error:
        return False
    number_landed(con)
    found = con.execute("select count(*) from landed").fetchone()
    return found is not None and found[0] == _independent_count(
        incoming, dialect, width, header_lines
    )


def _independent_count(incoming: Incoming, dialect: Dialect, width: int, header_lines: int) -> int:
    """Count the records without DuckDB; -1 when one of them cannot be read."""
    if not incoming.quotes and not _has_blank_lines(incoming):
        return incoming.newlines + (not incoming.ends_with_newline) - header_lines
    count = 0
    for record in _records(incoming, dialect, width):
        if record.fault:
            return -1
        count += 1
    return count


def _has_blank_lines(incoming: Incoming) -> bool:
    with incoming.path.open("rb") as file:
        return any(not line.rstrip(b"\r\n") for line in file)


def _records(incoming: Incoming, dialect: Dialect, width: int) -> Iterator[Record]:
    """Yield the records after the header."""
    with incoming.path.open("rb") as file:
        yield from islice(split(file, dialect, width), 1, None)


def _numbered(incoming: Incoming, dialect: Dialect, width: int) -> Numbered:
    yield from enumerate(_records(incoming, dialect, width), start=1)


def _read_slowly(
    con: duckdb.DuckDBPyConnection, numbered: Numbered, dialect: Dialect, width: int
) -> None:
    """Read record by record; what cannot be read goes into `unreadable`."""
    columns = [f"c{index}" for index in range(width)]
    create_landed(con, columns)
    create_unreadable(con)
    while batch := list(islice(numbered, BATCH_ROWS)):
        good = [
            [number, *(dialect.fields(line_text(record.raw)) or [])]
            for number, record in batch
            if not record.fault
        ]
        insert(con, "landed", ["_row_number", *columns], good)
        bad = [unreadable(number, record) for number, record in batch if record.fault]
        insert(con, "unreadable", UNREADABLE, bad)
    con.execute("create or replace temp view delivered as select * from landed")

"""Thousands of damaged files: every byte is accounted for, no row that nobody touched gets lost.

A failure names seed and number of the file; PILOTAGE_FUZZ_SEED=<seed> draws the same files again.
"""

import io
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

import duckdb
import pytest
from delivered import Row, Shop
from mutated import COLUMNS, HEADER, Export, export

from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from ingest.files import read
from ingest.incoming import receive
from ingest.records import Dialect, Record, split
from ingest.tables import Table

SEED = int(os.environ.get("PILOTAGE_FUZZ_SEED", "20260101"))
FILES, FILES_LONG = 2_000, 100_000
# So many go through DuckDB too, which costs a hundred times as much as the reader of records.
READ_OF_FILES, READ_OF_FILES_LONG = 150, 4_000
DIALECT = Dialect(",", '"')


def drawn(count: int, seed: int) -> Iterator[tuple[str, Export]]:
    """The files of a seed, each with what to call it when it fails."""
    for number in range(count):
        yield f"seed {seed}, file {number}", export(Random(f"{seed}-{number}"))


def account(content: bytes, records: list[Record]) -> None:
    """Every byte is of one record, in order, or of a blank line."""
    position = 0
    for record in records:
        start = content.index(record.raw, position)
        assert not content[position:start].strip(b"\r\n"), "bytes between two records"
        position = start + len(record.raw)
    assert not content[position:].strip(b"\r\n"), "bytes after the last record"


def check_records(damaged: Export) -> int:
    """Check a file; return how many of its untouched rows stand in other records."""
    content = damaged.content
    records = list(split(io.BytesIO(content), DIALECT, width=len(COLUMNS)))
    account(content, records)
    good = Counter(one.raw for one in records if not one.fault)
    hidden = 0
    for raw, times in Counter(piece.raw for piece in damaged.untouched).items():
        if good[raw] < times:
            # Between two quotes that do not belong to each other anything is text.
            assert damaged.moves_quotes, f"an untouched row is lost: {raw!r}"
            hidden += times - good[raw]
    return hidden


@pytest.mark.parametrize(
    ("files", "seed"),
    [
        pytest.param(FILES, SEED, id="some"),
        pytest.param(FILES_LONG, SEED + 1, id="many", marks=pytest.mark.long),
    ],
)
def test_no_byte_and_no_untouched_row_of_a_damaged_file_is_lost(files: int, seed: int) -> None:
    hidden = untouched = 0
    for title, damaged in drawn(files, seed):
        try:
            hidden += check_records(damaged)
        except AssertionError as error:
            raise AssertionError(f"{title}: {error}\n{damaged.content!r}") from error
        untouched += len(damaged.untouched)
    assert untouched > files
    assert hidden < untouched / 200, f"{hidden} of {untouched} untouched rows are hidden"


@contextmanager
def reader(home: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Table]]:
    source = Shop(home, columns=COLUMNS).source()
    with duckdb.connect() as con:
        yield con, source.tables[0]


def check_reading(
    con: duckdb.DuckDBPyConnection, table: Table, home: Path, damaged: Export
) -> None:
    """Rows and refusals are those of the records; untouched rows have their values."""
    path = home / "deals.csv"
    path.write_bytes(damaged.content)
    delivery = Delivery(datetime(2025, 1, 1, tzinfo=UTC), path.name, path)
    incoming = receive(delivery, table.terms, home)
    try:
        reading = read(con, table, incoming, delivery.name)
    finally:
        incoming.path.unlink()
    with io.BytesIO(damaged.content) as file:
        records = list(islice(split(file, DIALECT, width=len(COLUMNS)), 1, None))
    rows = con.execute("select id, amount::varchar, closed_on::varchar, note from typed").fetchall()
    refused = con.execute("select _row_number, line_number, raw_bytes from refused").fetchall()
    assert reading.delivered == len(records) == len(rows) + len(refused)
    assert reading.quarantined == len(refused)
    for number, line, raw in refused:
        record = records[number - 1]
        assert (line, raw) == (record.line_number, record.raw.rstrip(b"\r\n"))
    check_values(rows, damaged)


def check_values(rows: list[Row], damaged: Export) -> None:
    found = Counter(rows)
    for row, times in Counter(piece.row for piece in damaged.untouched).items():
        assert damaged.moves_quotes or found[row] >= times, f"an untouched row is lost: {row}"


@pytest.mark.parametrize(
    ("files", "seed"),
    [
        pytest.param(READ_OF_FILES, SEED, id="some"),
        pytest.param(READ_OF_FILES_LONG, SEED + 1, id="many", marks=pytest.mark.long),
    ],
)
def test_a_damaged_file_lands_what_its_good_records_say(
    tmp_path: Path, files: int, seed: int
) -> None:
    with reader(tmp_path / "shop") as (con, table):
        for title, damaged in drawn(files, seed):
            try:
                check_reading(con, table, tmp_path, damaged)
            except (AssertionError, DeliveryError, duckdb.Error) as error:
                raise AssertionError(f"{title}: {error}\n{damaged.content!r}") from error


def test_what_is_damaged_is_drawn_again_from_its_seed() -> None:
    assert export(Random("1-2")) == export(Random("1-2"))
    assert export(Random("1-2")).content.startswith(HEADER)

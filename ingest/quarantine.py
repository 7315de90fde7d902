"""The quarantine as a person reads it: what was refused and why, without any value of a row; and
the rows themselves in a file, for whoever mends them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.books import quarantine_files, refused_rows
from ingest.errors import PilotageError
from ingest.formulas import harmless
from ingest.lake import loads_in

# What differs from row to row within one kind of fault: the value, and where in the line it stood.
VALUE = r"^<.*> is no "
PLACE = r"( at position \d+|(: | )line \d+ column \d+ \(char \d+\))"
ROW = ("load_id", "row_number", "table", "delivery", "line", "column", "reason", "raw_text")


@dataclass(frozen=True)
class Refusals:
    """The refused rows of a table that share a column and a reason; instants are naive UTC."""

    table: str
    column: str
    reason: str
    rows: int
    deliveries: int
    oldest: datetime
    newest: datetime
    example: str


def refusals(lake_folder: Path) -> list[Refusals]:
    """All refused rows, grouped; of each group the first row of the newest delivery as example."""
    loads = loads_in(lake_folder / "raw")
    files = quarantine_files(lake_folder, loads)
    if not files:
        return []
    with duckdb.connect() as con:
        found = con.execute(f"""
            select
                source_name || '.' || table_name as told_table,
                coalesce(column_name, '') as told_column,
                regexp_replace(
                    regexp_replace(reason, '{VALUE}', 'no ', 's'), '{PLACE}', ''
                ) as told_reason,
                count(*),
                count(distinct load_id),
                min(extracted_at),
                max(extracted_at),
                arg_min(
                    source_file || coalesce(', line ' || line_number, ', row ' || row_number),
                    row(-epoch_us(extracted_at), load_id, row_number)
                )
            from {refused_rows(files, loads)}
            group by 1, 2, 3
            order by 1, 4 desc, 2, 3
        """).fetchall()
    return [Refusals(*row) for row in found]


def without_value(reason: str) -> str:
    """A reason without the value that was refused."""
    return re.sub(VALUE, "no ", reason, flags=re.S)


def write_refused_rows(lake_folder: Path, path: Path) -> int:
    """Write all refused rows to a CSV file for its owner's eyes; return how many."""
    loads = loads_in(lake_folder / "raw")
    files = quarantine_files(lake_folder, loads)
    rows = []
    if files:
        with duckdb.connect() as con:
            rows = con.execute(f"""
                select load_id, row_number, source_name || '.' || table_name, source_file,
                    line_number, column_name, reason, raw_text
                from {refused_rows(files, loads)}
                order by 3, extracted_at, source_file, row_number
            """).fetchall()
    try:
        _write(path, rows)
    except OSError as error:
        raise PilotageError(
            f"the refused rows cannot be written: {error.strerror}",
            where=str(path),
            remedy="name a file in a folder that is there and may be written to",
        ) from error
    return len(rows)


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        # It holds what the source's files hold: people's names and addresses.
        path.chmod(0o600)
        # Every text in quotes: whoever puts a comma into one in a text editor keeps it whole.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(ROW)
        writer.writerows([harmless(cell) for cell in row] for row in rows)

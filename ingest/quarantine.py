"""The quarantine as a person reads it: what was refused and why, without any value of a row."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.books import quarantine_files
from ingest.lake import loads_in, sql_files

# What differs from row to row within one kind of fault: the value, and where in the line it stood.
VALUE = r"^<.*> is no "
PLACE = r"( at position \d+|(: | )line \d+ column \d+ \(char \d+\))"


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
    files = quarantine_files(lake_folder, loads_in(lake_folder / "raw"))
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
            from {sql_files(files)}
            group by 1, 2, 3
            order by 1, 4 desc, 2, 3
        """).fetchall()
    return [Refusals(*row) for row in found]

"""The books about the lake as tables of the warehouse: raw.loads and raw.quarantine."""

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.casts import literal
from ingest.errors import LakeError
from ingest.known import instant_literal, naive_utc
from ingest.lake import Load, loads_in, sql_files
from ingest.refusals import Refusal, refusals_in

LOADS = {
    "load_id": "varchar",
    "source_name": "varchar",
    "table_name": "varchar",
    "source_file": "varchar",
    "bytes": "bigint",
    "content_sha256": "varchar",
    "contract_version": "varchar",
    "schema_fingerprint": "varchar",
    "extracted_at": "timestamp",
    "delivered_rows": "bigint",
    "loaded_rows": "bigint",
    "unchanged_rows": "bigint",
    "deleted_rows": "bigint",
    "quarantined_rows": "bigint",
    "repeated_rows": "bigint",
    "extra_columns": "varchar",
    "mode": "varchar",
    "notes": "varchar",
    "status": "varchar",
    "reason": "varchar",
}
QUARANTINE = {
    "load_id": "varchar",
    "source_name": "varchar",
    "table_name": "varchar",
    "source_file": "varchar",
    "extracted_at": "timestamp",
    "row_number": "bigint",
    "line_number": "bigint",
    "column_name": "varchar",
    "reason": "varchar",
    "raw_text": "varchar",
    "raw_bytes": "blob",
}


def quarantine_query(load: Load) -> str:
    """Return the query, on the temporary table `refused`, of a load's quarantine file."""
    stamp = {
        "load_id": literal(load.load_id),
        "source_name": literal(load.source_name),
        "table_name": literal(load.table_name),
        "source_file": literal(load.source_file),
        "extracted_at": instant_literal(load.extracted_at),
        "row_number": "_row_number",
    }
    columns = ", ".join(
        f"cast({stamp.get(name, name)} as {type_}) as {name}" for name, type_ in QUARANTINE.items()
    )
    return f"select {columns}, _key from refused order by _row_number"


def quarantine_files(lake_folder: Path, loads: Sequence[Load]) -> list[Path]:
    """The files of what is still in quarantine: what was read again stands in its replay's file.

    A file without its raw file is the trace of a killed run.
    """
    return [quarantine_file(lake_folder, load) for load in still_refused(loads)]


def quarantine_file(lake_folder: Path, load: Load) -> Path:
    """Where the refused rows of a load lie, if it has any."""
    folder = lake_folder / "quarantine" / load.source_name / load.table_name
    return folder / f"{load.load_id}.parquet"


def still_refused(loads: Sequence[Load]) -> list[Load]:
    """The loads that have rows in quarantine: not read again, nor all settled by a correction."""
    read_again = {load.replay_of for load in loads}
    settled: Counter[str] = Counter()
    for load_id, _, _, rows in _settled(loads):
        settled[load_id] += rows
    return [
        one
        for one in loads
        if one.quarantined_rows > settled[one.load_id] and one.load_id not in read_again
    ]


def refused_rows(files: Sequence[Path], loads: Sequence[Load]) -> str:
    """Return SQL that reads quarantine files without what corrections have settled."""
    runs = _runs_of({path.stem for path in files}, loads)
    if not runs:
        return sql_files(files)
    listed = ", ".join(f"({literal(name)}, {first}, {last})" for name, first, last in runs)
    # The nearest run that begins before a row alone: thousands of them cost no more than a sort.
    return f"""(
        select kept.*
        from {sql_files(files)} as kept
        asof left join (values {listed}) as settled (load_id, first_row, last_row)
            on kept.load_id = settled.load_id and kept.row_number >= settled.first_row
        where settled.last_row is null or kept.row_number > settled.last_row
    )"""


def _runs_of(names: Container[str], loads: Sequence[Load]) -> list[tuple[str, int, int]]:
    """The settled rows of some loads as runs that do not overlap: one correction's may reach over
    those of another before it."""
    runs: list[tuple[str, int, int]] = []
    for name, first, last, _ in sorted(one for one in _settled(loads) if one[0] in names):
        if runs and runs[-1][0] == name and first <= runs[-1][2]:
            _, begins, ends = runs.pop()
            runs.append((name, begins, max(last, ends)))
        else:
            runs.append((name, first, last))
    return runs


def _settled(loads: Sequence[Load]) -> list[tuple[str, int, int, int]]:
    return [one for load in loads for one in load.settles]


def write_loads_table(lake_folder: Path, warehouse_path: Path) -> None:
    """Write raw.loads (one row per load, and per delivery refused whole) and raw.quarantine (one
    row per refused row) anew.

    Both exist afterwards even when nothing has landed.
    """
    loads = loads_in(lake_folder / "raw")
    refused = quarantine_files(lake_folder, loads)
    deliveries = [*map(_row, loads), *map(_refused_row, refusals_in(lake_folder, loads))]
    with open_warehouse(warehouse_path) as con:
        con.execute("begin")
        create_table(con, "raw.loads", LOADS)
        create_table(con, "raw.quarantine", QUARANTINE)
        if deliveries:
            con.from_arrow(pa.Table.from_pylist(deliveries)).insert_into("raw.loads")
        if refused:
            con.execute(
                f"insert into raw.quarantine select {', '.join(QUARANTINE)}"
                f" from {refused_rows(refused, loads)}"
                " order by source_name, table_name, extracted_at, load_id, row_number"
            )
        con.execute("commit")


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing, with a schema raw. LakeError where another holds it."""
    try:
        con = duckdb.connect(str(path))
    except duckdb.Error as error:
        raise LakeError(
            f"the warehouse cannot be opened: {str(error).splitlines()[0]}",
            where=str(path),
            remedy="wait until the other run has ended, or close what holds the file",
        ) from error
    # It holds what the lake holds: people's names and addresses.
    path.chmod(0o600)
    con.execute("set enable_progress_bar = false")
    con.execute("create schema if not exists raw")
    return con


def create_table(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str]) -> None:
    """Create an empty table, in place of the one that was there."""
    typed = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
    con.execute(f"create or replace table {name} ({typed})")


def _row(load: Load) -> dict[str, Any]:
    row = vars(load) | {
        "extracted_at": naive_utc(load.extracted_at),
        "extra_columns": ", ".join(load.extra_columns),
        "notes": ", ".join(load.notes),
        "status": "landed",
        "reason": "",
    }
    return {name: row[name] for name in LOADS}


def _refused_row(refusal: Refusal) -> dict[str, Any]:
    """The account balances here too: all rows are refused, or nobody could count any."""
    row = vars(refusal) | {
        "load_id": refusal.refusal_id,
        "extracted_at": naive_utc(refusal.extracted_at),
        "loaded_rows": 0,
        "unchanged_rows": 0,
        "deleted_rows": 0,
        "quarantined_rows": refusal.delivered_rows,
        "repeated_rows": None,
        "status": "refused",
    }
    return {name: row.get(name, "") for name in LOADS}

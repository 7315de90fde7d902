"""Compaction: the loads of each month that is over, of one table, in one file.

Three years of daily loads are 1,100 files a table, each opened by every reader. What a packed file
holds are the same rows under the same loads: nothing but the number of files changes.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.generations import drop_old_generations, next_generation
from ingest.lake import CONTRACT_FILE, Load, loads_of, sql_files, write_once


@dataclass(frozen=True)
class Packed:
    """What a compaction did: files of loads before and after."""

    before: int
    after: int


def compact(lake_folder: Path) -> Packed:
    """Pack the months that are over; the newest month of each table stays as it is."""
    raw = lake_folder / "raw"
    before = _files_below(raw)
    drop_old_generations(lake_folder)
    if any(True for folder in _tables(raw) for _ in _packs(folder)):
        with next_generation(lake_folder) as building, duckdb.connect() as con:
            con.execute("set enable_progress_bar = false")
            con.execute("set TimeZone = 'UTC'")
            for folder in _tables(building):
                for month, files in list(_packs(folder)):
                    _pack(con, folder, month, files)
    return Packed(before, _files_below(raw))


def _tables(raw: Path) -> list[Path]:
    return sorted(path for path in raw.glob("*/*") if path.is_dir())


def _files_below(raw: Path) -> int:
    return sum(path.name != CONTRACT_FILE for path in raw.rglob("*.parquet"))


def _packs(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """The months before the newest that are in more than one file, and these files."""
    months = defaultdict(set)
    for path in folder.glob("*.parquet"):
        if path.name != CONTRACT_FILE:
            for load in loads_of(path):
                months[f"{load.extracted_at:%Y-%m}"].add(path)
    for month in sorted(months)[:-1]:
        if len(months[month]) > 1:
            yield month, sorted(months[month])


def _pack(con: duckdb.DuckDBPyConnection, folder: Path, month: str, files: Sequence[Path]) -> None:
    loads = sorted((load for path in files for load in loads_of(path)), key=_order)
    name = hashlib.sha256("\n".join(load.load_id for load in loads).encode()).hexdigest()[:12]
    query = (
        f"select * from {sql_files(files)}"
        " order by _extracted_at, _source_file, _load_id, _row_number"
    )
    metadata = json.dumps([json.loads(load.to_json()) for load in loads])
    write_once(con, query, folder / f"{month}-{name}.parquet", metadata)
    for path in files:
        path.unlink()


def _order(load: Load) -> tuple[object, ...]:
    return load.extracted_at, load.source_file, load.load_id

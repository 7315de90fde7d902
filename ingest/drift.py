"""Drift: what a delivery holds that those before it did not, as the table raw.drift.

Told from the lake alone, so it is the same however often it is told. A declared column that is
missing refuses the delivery and stands here no more than any other refusal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from ingest.books import create_table, open_warehouse, quarantine_file
from ingest.casts import quoted
from ingest.known import instant_literal, naive_utc
from ingest.lake import Lake, Load, sql_files
from ingest.tables import Column, Source, Table

DRIFT = {
    "load_id": "varchar",
    "source_name": "varchar",
    "table_name": "varchar",
    "column_name": "varchar",
    "drift_kind": "varchar",
    "detail": "varchar",
    "extracted_at": "timestamp",
}
# Below it, that most values are odd may be chance.
FEWEST_ROWS = 10
SHOWN_CHARACTERS = 80


class Event(NamedTuple):
    """One thing that is otherwise than before; `extracted_at` naive UTC."""

    load_id: str
    source_name: str
    table_name: str
    column_name: str
    drift_kind: str
    detail: str
    extracted_at: datetime


def write_drift_table(sources: Iterable[Source], lake_folder: Path, warehouse_path: Path) -> int:
    """Write raw.drift anew, one row per event of any load; return how many."""
    lake = Lake(lake_folder)
    found = [event for source in sources for table in source.tables for event in drift(table, lake)]
    with open_warehouse(warehouse_path) as con:
        con.execute("begin")
        create_table(con, "raw.drift", DRIFT)
        if found:
            rows = pa.Table.from_pylist([event._asdict() for event in found])
            con.from_arrow(rows).insert_into("raw.drift")
        con.execute("commit")
    return len(found)


def drift(table: Table, lake: Lake) -> list[Event]:
    """All events of a table, oldest first."""
    loads = lake.loads(table) if lake.raw(table).is_dir() else []
    deliveries = [load for load in loads if not load.replay_of]
    if not deliveries:
        return []
    columns = _late_columns if table.terms.format == "jsonl" else _column_events
    events = [*columns(deliveries), *_refused_columns(table, lake, deliveries)]
    files = lake.raw_files(table)
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        for column in table.columns:
            if column.is_categorical:
                events += _new_values(con, deliveries, files, column)
            if column.scale:
                events += _changed_scales(con, deliveries, files, column)
    return sorted(events, key=lambda event: (event.extracted_at, *event))


def _event(load: Load, column: str, kind: str, detail: str) -> Event:
    at = naive_utc(load.extracted_at)
    return Event(load.load_id, load.source_name, load.table_name, column, kind, detail, at)


def _column_events(loads: Sequence[Load]) -> Iterator[Event]:
    """Columns that came, went, changed their name or their physical type from load to load."""
    for before, load in pairwise(loads):
        if not before.columns or not load.columns:
            continue
        new = [name for name in load.columns if name not in before.columns]
        gone = [name for name in before.columns if name not in load.columns]
        if len(new) == len(gone) == 1:
            yield _event(load, new[0], "renamed_column", f"perhaps {gone[0]!r} until then")
        else:
            yield from (_event(load, name, "new_column", "") for name in new)
            yield from (_event(load, name, "vanished_column", "") for name in gone)
        yield from _retyped(before, load)


def _late_columns(loads: Sequence[Load]) -> Iterator[Event]:
    """Names that no line had before: each line has its own, so none of them is ever gone."""
    seen = set(loads[0].columns)
    for load in loads[1:]:
        yield from (_event(load, one, "new_column", "") for one in load.columns if one not in seen)
        seen |= set(load.columns)


def _retyped(before: Load, load: Load) -> Iterator[Event]:
    were, are = _types(before), _types(load)
    for name in sorted(were.keys() & are.keys()):
        if were[name] != are[name]:
            yield _event(load, name, "retyped_column", f"{were[name]} until then, now {are[name]}")


def _types(load: Load) -> Mapping[str, str]:
    return dict(zip(load.columns, load.types, strict=False))


def _refused_columns(table: Table, lake: Lake, loads: Sequence[Load]) -> Iterator[Event]:
    """Columns most of whose values are no longer of the declared type."""
    files = [quarantine_file(lake.root, load) for load in loads if load.quarantined_rows]
    if not files:
        return
    with duckdb.connect() as con:
        found = con.execute(f"""
            select load_id, column_name, count(*)
            from {sql_files(files)}
            where column_name is not null
            group by all
            order by all
        """).fetchall()
    by_id = {load.load_id: load for load in loads}
    types = {column.name: column.data_type for column in table.columns}
    for load_id, name, refused in found:
        load = by_id[load_id]
        if load.delivered_rows >= FEWEST_ROWS and refused * 2 > load.delivered_rows:
            told = f"{refused} of {load.delivered_rows} rows hold no {types.get(name, 'value')}"
            yield _event(load, name, "retyped_column", told)


def _new_values(
    con: duckdb.DuckDBPyConnection, loads: Sequence[Load], files: Sequence[Path], column: Column
) -> Iterator[Event]:
    """Values of a category that no load before brought; those of the first load are the start."""
    found = con.execute(f"""
        select
            left(cast({quoted(column.name)} as varchar), {SHOWN_CHARACTERS}) as told_value,
            min(_extracted_at) as first_at
        from {sql_files(files)}
        where _op = 'upsert' and {quoted(column.name)} is not null
        group by 1
        having min(_extracted_at) > {_at(loads[0])}
        order by 2, 1
    """).fetchall()
    by_instant = {naive_utc(load.extracted_at): load for load in loads}
    yield from (_event(by_instant[at], column.name, "new_value", value) for value, at in found)


def _changed_scales(
    con: duckdb.DuckDBPyConnection, loads: Sequence[Load], files: Sequence[Path], column: Column
) -> Iterator[Event]:
    """Loads whose chances are written in the other scale than is declared: 0.5 for 50, say."""
    name = quoted(column.name)
    odd = f"{name} > 1" if column.scale == "fraction" else f"max_of_load <= 1 and {name} > 0"
    found = con.execute(f"""
        with told as (
            select *, max({name}) over (partition by _extracted_at) as max_of_load
            from {sql_files(files)}
            where _op = 'upsert' and {name} > 0
        )
        select _extracted_at, count(*) filter (where {odd}) as odd_rows, count(*) as all_rows
        from told
        group by _extracted_at
        having all_rows >= {FEWEST_ROWS} and odd_rows * 2 > all_rows
        order by _extracted_at
    """).fetchall()
    by_instant = {naive_utc(load.extracted_at): load for load in loads}
    for at, odd_rows, all_rows in found:
        told = f"{odd_rows} of {all_rows} chances are no {column.scale}"
        yield _event(by_instant[at], column.name, "changed_scale", told)


def _at(load: Load) -> str:
    return instant_literal(load.extracted_at)

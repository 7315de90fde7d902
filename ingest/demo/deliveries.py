"""Write what a tool knew at an instant as a file that such a tool would export.

An Export knows which rows were touched between two extractions and how they looked at the
second. Columns are Cells: arrays of integers or names, and the SQL that makes them text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.demo.draws import DAY, NEVER, Flags, Ints

Column: TypeAlias = "pa.Array[Any]"
BEGINNING = -NEVER


@dataclass(frozen=True)
class Cell:
    """One column: `sql` makes it from `arrays`, which it names {0}, {1} ..."""

    sql: str
    arrays: "tuple[Column, ...]"


def _nullable(values: Ints) -> "Column":
    return pa.array(values, mask=(values < 0) | (values >= NEVER))


def ids(prefix: str, positions: Ints) -> Cell:
    """Keys such as OPP0000001; empty where the position is NONE."""
    return Cell(f"'{prefix}' || printf('%07d', {{0}} + 1)", (_nullable(positions),))


def numbers(values: Ints) -> Cell:
    """Whole numbers; empty where NONE."""
    return Cell("{0}", (_nullable(values),))


def instants(values: Ints) -> Cell:
    """UTC instants; empty where NEVER."""
    return Cell("make_timestamp({0} * 1000000)", (_nullable(values),))


def days(values: Ints) -> Cell:
    """Days; empty where NEVER."""
    return Cell("date '1970-01-01' + {0}::integer", (_nullable(values),))


def decimals(values: Ints, places: int = 2) -> Cell:
    """Fixed-point numbers from whole units of the last place; may be negative."""
    unit = f"{10.0**-places:.{places}f}"
    return Cell(f"{{0}}::decimal(18,0) * {unit}::decimal(5,{places})", (pa.array(values),))


def optional_decimals(values: Ints, places: int = 2) -> Cell:
    """As decimals(), empty where NONE."""
    return Cell(decimals(values, places).sql, (_nullable(values),))


def labels(names: Sequence[str], codes: Ints) -> Cell:
    """One of a few texts; empty where the code is NONE."""
    indices: Any = pa.array(codes.astype(np.int32), mask=codes < 0)
    return Cell("{0}::varchar", (pa.DictionaryArray.from_arrays(indices, pa.array(names)),))


def flags(values: Flags) -> Cell:
    """true or false."""
    return Cell("{0}", (pa.array(values),))


def texts(sql: str, *parts: Cell) -> Cell:
    """A text put together from other cells, named {0}, {1} ... in `sql`."""
    inner: list[str] = []
    arrays: list[Column] = []
    for part in parts:
        places = [f"{{{len(arrays) + place}}}" for place in range(len(part.arrays))]
        inner.append(part.sql.format(*places))
        arrays.extend(part.arrays)
    return Cell(sql.format(*(f"({text})" for text in inner)), tuple(arrays))


@dataclass(frozen=True)
class Export:
    """One table of one tool. `touched(since, until)` gives the rows to export, in order."""

    table: str
    touched: Callable[[int, int], Ints]
    view: Callable[[Ints, int], dict[str, Cell]]


def by_instants(*columns: Ints) -> Callable[[int, int], Ints]:
    """Rows with one of their instants in the window, provided the first one is past."""

    def touched(since: int, until: int) -> Ints:
        hit = np.zeros(len(columns[0]), dtype=bool)
        for column in columns:
            hit |= (column >= since) & (column < until)
        return np.flatnonzero(hit & (columns[0] < until))

    return touched


def everything(known_at: Ints) -> Callable[[int, int], Ints]:
    """All rows known by then: a full export."""
    return lambda _since, until: np.flatnonzero(known_at < until)


def latest(until: int, *columns: Ints) -> Ints:
    """The latest of the instants before `until`, per row."""
    newest = columns[0]
    for column in columns[1:]:
        newest = np.where((column < until) & (column > newest), column, newest)
    return newest


def known(values: Ints, at: Ints, until: int, otherwise: int) -> Ints:
    """The values where they were known before `until`, else `otherwise`."""
    return np.where(at < until, values, otherwise)


@dataclass(frozen=True)
class Tool:
    """A tool with its habits: when it exports, where to, and how it writes."""

    exports: list[Export]
    seconds_of_day: int
    path: str
    suffix: dict[str, str]
    options: str = ""
    decimal_comma: bool = False

    def deliver(self, con: duckdb.DuckDBPyConnection, folder: Path, days: Sequence[int]) -> None:
        """Write one delivery per day; each holds what changed since the one before."""
        since = BEGINNING
        for day in days:
            until = day * DAY + self.seconds_of_day
            for export in self.exports:
                rows = export.touched(since, until)
                if len(rows):
                    path = folder / self._path(export.table, until)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self._write(con, export.view(rows, until), path)
            since = until

    def _path(self, table: str, until: int) -> str:
        name = datetime.fromtimestamp(until, UTC).strftime(self.path)
        return name.format(table=table) + self.suffix.get(table, ".csv")

    def _write(self, con: duckdb.DuckDBPyConnection, columns: dict[str, Cell], path: Path) -> None:
        arrays: dict[str, Column] = {}
        selected = []
        for place, (name, cell) in enumerate(columns.items()):
            names = [f"c{place}_{part}" for part in range(len(cell.arrays))]
            arrays |= dict(zip(names, cell.arrays, strict=True))
            selected.append(f"{self._as_written(cell.sql.format(*names), cell.sql)} as {name}")
        con.register("rows_to_write", pa.table(arrays))
        query = f"select {', '.join(selected)} from rows_to_write"
        if path.suffix == ".parquet":
            _write_parquet(con.sql(query).to_arrow_table(), path)
        else:
            target = str(path).replace("'", "''")
            con.execute(f"copy ({query}) to '{target}' (format csv, header true{self.options})")
        con.unregister("rows_to_write")

    def _as_written(self, sql: str, template: str) -> str:
        if self.decimal_comma and "::decimal" in template:
            return f"replace(({sql})::varchar, '.', ',')"
        return sql


def _write_parquet(table: pa.Table, path: Path) -> None:
    """Instants are marked as UTC, so that no reader can take them for local ones."""
    fields = [
        pa.field(column.name, pa.timestamp("us", tz="UTC"))
        if pa.types.is_timestamp(column.type)
        else column
        for column in table.schema
    ]
    pq.write_table(table.cast(pa.schema(fields)), path, compression="zstd", version="2.6")

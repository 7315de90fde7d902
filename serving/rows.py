"""Rows of an answer as a table, CSV, JSON lines or Parquet; every digit of a decimal is kept."""

import csv
import errno
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from serving.questions import QueryError
from serving.quoting import quoted

ROWS_AT_ONCE = 10_000
# Enough for a screen to scroll through; files hold everything.
ROWS_SHOWN = 1_000
# The columns of an explain: its plan is drawn over lines, which a table would show in one.
EXPLAINED = ["explain_key", "explain_value"]
# Types whose values begin with a minus and are no formula for that.
NUMBERS = {
    *("tinyint", "smallint", "integer", "bigint", "hugeint"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    *("bignum", "float", "double", "decimal"),
}
# A text as a cell of CSV that no spreadsheet takes for a formula.
Harmless = Callable[[object], object]


def show(rows: duckdb.DuckDBPyRelation, shape: str, harmless: Harmless) -> None:
    """Write to the terminal: shape is table (the first rows, cut to its width), csv or json."""
    if shape == "table" and rows.columns == EXPLAINED:
        sys.stdout.writelines(f"{plan}\n" for _, plan in rows.fetchall())
    elif shape == "table":
        rows.show(max_rows=ROWS_SHOWN)
    else:
        _write_text(rows, shape, sys.stdout, harmless)


def write_rows(
    rows: duckdb.DuckDBPyRelation,
    shape: str,
    path: Path,
    harmless: Harmless,
    *,
    is_private: bool = False,
) -> None:
    """Write a file whole or not at all: shape is csv, json or parquet.

    is_private: for its owner alone, from the first byte. Raises QueryError where the shape cannot
    hold the rows, and OSError where the file cannot be written, or is none, such as a device.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "what lies there is no file")
    # Of a link, what it leads to is written.
    path = path.resolve()
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(0o600 if is_private else 0o666, exist_ok=False)
    try:
        if shape == "parquet":
            _write_parquet(rows, part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                _write_text(rows, shape, file, harmless)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_text(
    rows: duckdb.DuckDBPyRelation, shape: str, file: TextIO, harmless: Harmless
) -> None:
    if shape == "csv":
        _write_csv(rows, file, harmless)
    else:
        _write_json(rows, file)


class _Lines(NamedTuple):
    """Ends lines with a newline alone. The writer quotes what may end a line as its own lines end:
    told a newline alone, it would leave a bare carriage return unquoted, and readers break there.
    """

    file: TextIO

    def write(self, line: str) -> int:
        return self.file.write(line.removesuffix("\r\n") + "\n")


def _write_csv(rows: duckdb.DuckDBPyRelation, file: TextIO, harmless: Harmless) -> None:
    """NULL is an empty field, as DuckDB and pandas write it. Columns by place: names may repeat."""
    writer = csv.writer(_Lines(file), lineterminator="\r\n")
    writer.writerow([harmless(name) for name in rows.columns])
    is_text = [data_type.id not in NUMBERS for data_type in rows.types]
    texts = ", ".join(f"#{place}::varchar" for place, _ in enumerate(is_text, 1))
    for some in _batches(rows.project(texts)):
        writer.writerows(
            [harmless(cell) if text else cell for cell, text in zip(row, is_text, strict=True)]
            for row in some
        )


def _write_json(rows: duckdb.DuckDBPyRelation, file: TextIO) -> None:
    """Columns by place: no name of ours may meet one of theirs."""
    if repeated := [name for name, times in Counter(rows.columns).items() if times > 1]:
        raise QueryError(
            f"Columns of one name ({', '.join(repeated)}) cannot be told apart in JSON: "
            "give each a name of its own, by `as`."
        )
    pairs = ", ".join(f"{quoted(name)}, #{place}" for place, name in enumerate(rows.columns, 1))
    for some in _batches(rows.project(f"json_object({pairs})::varchar")):
        file.writelines(f"{line}\n" for (line,) in some)


def _write_parquet(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    reader = rows.to_arrow_reader(ROWS_AT_ONCE)
    try:
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
    except pa.ArrowNotImplementedError as error:  # Intervals and unions.
        kinds = ", ".join(f"{field.name}: {field.type}" for field in reader.schema)
        raise QueryError(
            f"Parquet cannot hold one of these columns: write it as text, by `::varchar` ({kinds})."
        ) from error


def _batches(rows: duckdb.DuckDBPyRelation) -> Iterator[list[tuple[str | None, ...]]]:
    while some := rows.fetchmany(ROWS_AT_ONCE):
        yield some

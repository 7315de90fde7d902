"""Rows of an answer as a table, CSV, JSON lines or Parquet; every digit of a decimal is kept."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import duckdb
import pyarrow.parquet as pq

ROWS_AT_ONCE = 10_000
# Enough for a screen to scroll through; files hold everything.
ROWS_SHOWN = 1_000


def show(rows: duckdb.DuckDBPyRelation, shape: str) -> None:
    """Write to the terminal: shape is table (the first rows, cut to its width), csv or json."""
    if shape == "table":
        rows.show(max_rows=ROWS_SHOWN)
    else:
        _write_text(rows, shape, sys.stdout)


def write_rows(rows: duckdb.DuckDBPyRelation, shape: str, path: Path) -> None:
    """Write a file whole or not at all: shape is csv, json or parquet."""
    part = path.with_name(f".{path.name}.part")
    try:
        if shape == "parquet":
            _write_parquet(rows, part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                _write_text(rows, shape, file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_text(rows: duckdb.DuckDBPyRelation, shape: str, file: TextIO) -> None:
    if shape == "csv":
        _write_csv(rows, file)
    else:
        _write_json(rows, file)


def _write_csv(rows: duckdb.DuckDBPyRelation, file: TextIO) -> None:
    """NULL is an empty field, as DuckDB and pandas write it."""
    writer = csv.writer(file, lineterminator="\n")
    names = rows.columns
    writer.writerow(names)
    texts = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"::varchar' for name in names)
    for some in _batches(rows.project(texts)):
        writer.writerows(some)


def _write_json(rows: duckdb.DuckDBPyRelation, file: TextIO) -> None:
    for some in _batches(rows.query("answer", "select to_json(answer)::varchar from answer")):
        file.writelines(f"{line}\n" for (line,) in some)


def _write_parquet(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    reader = rows.to_arrow_reader(ROWS_AT_ONCE)
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def _batches(rows: duckdb.DuckDBPyRelation) -> Iterator[list[tuple[str | None, ...]]]:
    while some := rows.fetchmany(ROWS_AT_ONCE):
        yield some

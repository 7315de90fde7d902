"""Whether a file holds a text, packed or in columns as it may be: as good as a byte search."""

import gzip
import io
import shutil
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import IO

import duckdb

from ingest.casts import literal, quoted
from ingest.neighbours import Standing
from ingest.spellings import Spellings
from ingest.unpacking import FAULTS

CHUNK_BYTES = 1 << 20
GZIP_MARK, PARQUET_MARK, DUCKDB_MARK = b"\x1f\x8b", b"PAR1", b"DUCK"
SQLITE_MARK = b"SQLite format 3\0"
# A Parquet file ends with the length of its footer, then its mark.
LENGTH_BYTES = 4
# DuckDB's mark stands behind a checksum.
DUCKDB_MARK_AT = 8
MARK_BYTES = 16


def holding(folder: Path, text: Spellings) -> list[Path]:
    """The files below a folder that hold a text, or are named after it; links aside, and what
    goes while they are looked at."""
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_symlink())
    return [
        path
        for path in paths
        if path.is_file() and (is_named_after(path, folder, text) or _still_holds(path, text))
    ]


def is_named_after(path: Path, folder: Path, text: Spellings) -> bool:
    """Whether a text stands in the path of what lies below a folder."""
    name = path.relative_to(folder).as_posix()
    return Standing.ALONE in text.standings(name, is_path=True)


def _still_holds(path: Path, text: Spellings) -> bool:
    """A database of another program has files beside it that come and go."""
    try:
        return holds(path, text)
    except FileNotFoundError:
        return False


def holds(path: Path, text: Spellings) -> bool:
    """Whether a file holds a text."""
    with path.open("rb") as file:
        mark = file.read(MARK_BYTES)
    if mark.startswith(PARQUET_MARK):
        rows = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
        return _in_footer(path, text) or _in_rows(rows, text)
    if mark.startswith(DUCKDB_MARK, DUCKDB_MARK_AT):
        return _in_database(path, text)
    if mark.startswith(SQLITE_MARK) and _in_sqlite(path, text):
        return True
    if mark.startswith(GZIP_MARK):
        return _in_packed(path, text)
    if zipfile.is_zipfile(path):
        return _in_archive(path, text)
    with path.open("rb") as file:
        return _in_bytes(file, text)


def _in_bytes(file: IO[bytes], text: Spellings) -> bool:
    kept, piece = b"", file.read(CHUNK_BYTES)
    while piece:
        window, following = kept + piece, file.read(CHUNK_BYTES)
        found = text.standings_in_bytes(window, is_first=not kept, is_last=not following)
        if any(one is Standing.ALONE for _, one in found):
            return True
        kept, piece = window[-text.overlap :], following
    return False


def _in_footer(path: Path, text: Spellings) -> bool:
    """Column names and what stands beside the rows are packed nowhere."""
    with path.open("rb") as file:
        file.seek(-LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        file.seek(-length - LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        return _in_bytes(io.BytesIO(file.read(length)), text)


def _in_packed(path: Path, text: Spellings) -> bool:
    """Unpacked it may be anything again."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".search-") as unpacked:
        try:
            with gzip.open(path, "rb") as packed:
                shutil.copyfileobj(packed, unpacked)
        except FAULTS:
            # What cannot be unpacked can only be searched as it is.
            with path.open("rb") as file:
                return _in_bytes(file, text)
        unpacked.flush()
        return holds(Path(unpacked.name), text)


def _in_archive(path: Path, text: Spellings) -> bool:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                if _in_bytes(file, text):
                    return True
    return False


def _in_database(path: Path, text: Spellings) -> bool:
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        return any(
            _in_rows(f"{quoted(schema)}.{quoted(table)}", text, con) for schema, table in tables
        )


def _in_sqlite(path: Path, text: Spellings) -> bool:
    """A long value is spread over the pages of the file: its bytes may be cut in the address.

    What was deleted is found, if at all, among the bytes.
    """
    # Where nobody writes ahead the file is all there is; else files were left beside it.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)) as con:
            con.text_factory = lambda content: content.decode(errors="replace")
            tables = con.execute("select name from sqlite_master where type = 'table'").fetchall()
            return any(_in_values(con, quoted(name), text) for (name,) in tables)
    except sqlite3.Error:
        # No database after all, or a damaged one.
        return False


def _in_values(con: sqlite3.Connection, table: str, text: Spellings) -> bool:
    values = (value for row in con.execute(f"select * from {table}") for value in row)
    return any(
        text.are_in(value) if isinstance(value, str) else text.are_in_bytes(value)
        for value in values
        if isinstance(value, str | bytes)
    )


def _in_rows(relation: str, text: Spellings, con: duckdb.DuckDBPyConnection | None = None) -> bool:
    """DuckDB finds the rows that may hold it, which spares us most of them."""
    query = (
        f"select cast(row_of as varchar) from {relation} as row_of"
        f" where regexp_matches(cast(row_of as varchar), {literal(text.pattern)})"
    )
    if con is None:
        with duckdb.connect() as own:
            return _in_rows(relation, text, own)
    found = con.execute(query)
    return any(text.are_in(row) for (row,) in iter(found.fetchone, None))

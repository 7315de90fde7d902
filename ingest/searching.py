"""Whether a file holds a text, packed or in columns as it may be: as good as a byte search."""

import gzip
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import duckdb

from ingest.casts import literal, quoted
from ingest.unpacking import FAULTS

CHUNK_BYTES = 1 << 20
GZIP_MARK, PARQUET_MARK, DUCKDB_MARK = b"\x1f\x8b", b"PAR1", b"DUCK"
# DuckDB's mark stands behind a checksum.
MARK_BYTES = 12


def holding(folder: Path, text: str) -> list[Path]:
    """The files below a folder that hold a text, in upper or lower case; links aside."""
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_symlink())
    return [path for path in paths if path.is_file() and holds(path, text)]


def holds(path: Path, text: str) -> bool:
    """Whether a file holds a text, in upper or lower case."""
    with path.open("rb") as file:
        mark = file.read(MARK_BYTES)
    if mark.startswith(PARQUET_MARK):
        return _in_rows(f"read_parquet({literal(str(path))}, hive_partitioning=false)", text)
    if mark[8:] == DUCKDB_MARK:
        return _in_database(path, text)
    if mark.startswith(GZIP_MARK):
        return _in_packed(path, text)
    if zipfile.is_zipfile(path):
        return _in_archive(path, text)
    with path.open("rb") as file:
        return _in_bytes(file, text)


def _needles(text: str) -> Sequence[bytes]:
    return [text.lower().encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]


def _in_bytes(file: IO[bytes], text: str) -> bool:
    needles = _needles(text)
    kept = b""
    for chunk in _chunks(file):
        window = kept + chunk.lower()
        if any(needle in window for needle in needles):
            return True
        kept = window[-max(map(len, needles)) :]
    return False


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _in_packed(path: Path, text: str) -> bool:
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


def _in_archive(path: Path, text: str) -> bool:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                if _in_bytes(file, text):
                    return True
    return False


def _in_database(path: Path, text: str) -> bool:
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        return any(
            _in_rows(f"{quoted(schema)}.{quoted(table)}", text, con) for schema, table in tables
        )


def _in_rows(relation: str, text: str, con: duckdb.DuckDBPyConnection | None = None) -> bool:
    query = (
        f"select 1 from {relation} as row_of"
        f" where strpos(lower(cast(row_of as varchar)), {literal(text.lower())}) > 0 limit 1"
    )
    if con is not None:
        return con.execute(query).fetchone() is not None
    with duckdb.connect() as own:
        return own.execute(query).fetchone() is not None

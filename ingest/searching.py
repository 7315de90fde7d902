"""Whether a file holds a text, packed or in columns as it may be: as good as a byte search."""

import gzip
import io
import json
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
# A Parquet file ends with the length of its footer, then its mark.
LENGTH_BYTES = 4
# DuckDB's mark stands behind a checksum.
MARK_BYTES = 12


def holding(folder: Path, text: str) -> list[Path]:
    """The files below a folder that hold a text, or are named after it, in upper or lower case;
    links aside."""
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_symlink())
    return [
        path
        for path in paths
        if path.is_file() and (is_named_after(path, folder, text) or holds(path, text))
    ]


def is_named_after(path: Path, folder: Path, text: str) -> bool:
    """Whether a text stands in the path of what lies below a folder, in upper or lower case."""
    return text.lower() in path.relative_to(folder).as_posix().lower()


def holds(path: Path, text: str) -> bool:
    """Whether a file holds a text, in upper or lower case."""
    with path.open("rb") as file:
        mark = file.read(MARK_BYTES)
    if mark.startswith(PARQUET_MARK):
        rows = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
        return _in_footer(path, text) or _in_rows(rows, text)
    if mark[8:] == DUCKDB_MARK:
        return _in_database(path, text)
    if mark.startswith(GZIP_MARK):
        return _in_packed(path, text)
    if zipfile.is_zipfile(path):
        return _in_archive(path, text)
    with path.open("rb") as file:
        return _in_bytes(file, text)


def _needles(text: str) -> Sequence[bytes]:
    """A text as it may be written; JSON may spell what is not ASCII."""
    encoded = [text.lower().encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*encoded, json.dumps(text.lower())[1:-1].encode()]


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


def _in_footer(path: Path, text: str) -> bool:
    """Column names and what stands beside the rows are packed nowhere."""
    with path.open("rb") as file:
        file.seek(-LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        file.seek(-length - LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        return _in_bytes(io.BytesIO(file.read(length)), text)


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

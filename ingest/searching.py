"""Whether a file holds a text, packed or in columns as it may be: as good as a byte search.

What may be a part of another text, and what cannot be searched, is not held; it is told.
"""

import gzip
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import duckdb

from ingest.casts import literal, quoted
from ingest.neighbours import Standing
from ingest.spellings import Spellings
from ingest.unpacking import FAULTS, TOO_MUCH, most_unpacked

CHUNK_BYTES = 1 << 20
GZIP_MARK, PARQUET_MARK, DUCKDB_MARK = b"\x1f\x8b", b"PAR1", b"DUCK"
SQLITE_MARK, ZIP_MARK = b"SQLite format 3\0", b"PK\x03\x04"
# A Parquet file ends with the length of its footer, then its mark.
LENGTH_BYTES = 4
# DuckDB's mark stands behind a checksum.
DUCKDB_MARK_AT = 8
MARK_BYTES = 16
# DuckDB's type of them.
BYTES = "BLOB"
# What is packed in a way that we do not unpack, or locked, as a workbook with a password is.
CLOSED = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"Rar!\x1a\x07": "rar",
    b"%PDF-": "a PDF",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old or a locked Office file",
    b"PARE": "encrypted Parquet",
}


PACKED_MARKS = (GZIP_MARK, ZIP_MARK, PARQUET_MARK, SQLITE_MARK, *CLOSED)


@dataclass
class Left:
    """What a search leaves alone: per file, how often the text may be a part of another there; and
    why a file, or a part of it, could not be searched."""

    doubtful: dict[Path, int] = field(default_factory=dict)
    unsearched: dict[Path, str] = field(default_factory=dict)


class Look:
    """One look at a file for a text, with what is doubtful or cannot be searched in it.

    scratch: the folder for what has to be unpacked for it; else the system's for such files.
    """

    def __init__(self, text: Spellings, scratch: Path | None = None) -> None:
        self.text = text
        self.scratch = scratch
        self.doubtful = 0
        self.unsearched = ""

    def is_in_name(self, path: Path, folder: Path) -> bool:
        name = path.relative_to(folder).as_posix()
        return self._counts(list(self.text.standings(name, is_path=True)))

    def is_in(self, text: str) -> bool:
        return self._counts(list(self.text.standings(text)))

    def is_in_bytes(self, content: bytes) -> bool:
        return self.is_in_stream(io.BytesIO(content))

    def is_in_stream(self, file: IO[bytes]) -> bool:
        """Piece by piece; what is found in several encodings counts once."""
        kept, piece, at = b"", file.read(CHUNK_BYTES), 0
        doubtful: set[int] = set()
        while piece:
            window, following = kept + piece, file.read(CHUNK_BYTES)
            found = self.text.standings_in_bytes(window, is_first=not kept, is_last=not following)
            for start, one in found:
                if one is Standing.ALONE:
                    return True
                if one is Standing.DOUBTFUL:
                    doubtful.add(at + start)
            kept, piece = window[-self.text.overlap :], following
            at += len(window) - len(kept)
        self.doubtful += len(doubtful)
        return False

    def either(self, plain: "Callable[[Look], bool]", better: "Callable[[Look], bool]") -> bool:
        """The same looked at in two ways; what is doubtful counts once."""
        one, two = Look(self.text, self.scratch), Look(self.text, self.scratch)
        if plain(one) or better(two):
            return True
        self.doubtful += two.doubtful or one.doubtful
        self.unsearched = two.unsearched or one.unsearched
        return False

    def _counts(self, found: list[Standing]) -> bool:
        self.doubtful += found.count(Standing.DOUBTFUL)
        return Standing.ALONE in found


def holding(
    folder: Path, text: Spellings, left: Left | None = None, scratch: Path | None = None
) -> list[Path]:
    """The files below a folder that hold a text, or are named after it; links aside, and what
    goes while they are looked at. What is left alone of the others is noted in `left`; `scratch`
    is the folder for what has to be unpacked."""
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_symlink())
    found = []
    for path in paths:
        look = Look(text, scratch)
        if path.is_file() and (look.is_in_name(path, folder) or _still_holds(path, look)):
            found.append(path)
        elif left is not None:
            if look.doubtful:
                left.doubtful[path] = look.doubtful
            if look.unsearched:
                left.unsearched[path] = look.unsearched
    return found


def is_named_after(path: Path, folder: Path, text: Spellings) -> bool:
    """Whether a text stands in the path of what lies below a folder."""
    return Look(text).is_in_name(path, folder)


def _still_holds(path: Path, look: Look) -> bool:
    """A database of another program has files beside it that come and go."""
    try:
        return _holds(path, look)
    except FileNotFoundError:
        return False


def holds(path: Path, text: Spellings, scratch: Path | None = None) -> bool:
    """Whether a file holds a text; `scratch` is the folder for what has to be unpacked."""
    return _holds(path, Look(text, scratch))


def _holds(path: Path, look: Look) -> bool:
    with path.open("rb") as file:
        mark = file.read(MARK_BYTES)
    if mark.startswith(PARQUET_MARK):
        return _in_parquet(path, look)
    if mark.startswith(SQLITE_MARK):
        return _in_sqlite(path, look)
    if mark.startswith(DUCKDB_MARK, DUCKDB_MARK_AT):
        return _in_database(path, look)
    if mark.startswith(GZIP_MARK):
        return _in_packed(path, look)
    if zipfile.is_zipfile(path):
        return _in_archive(path, look)
    closed = (kind for begins, kind in CLOSED.items() if mark.startswith(begins))
    if kind := next(closed, ""):
        look.unsearched = f"it is {kind}, which cannot be looked into"
    return _in_file(path, look)


def _in_file(path: Path, look: Look) -> bool:
    with path.open("rb") as file:
        return look.is_in_stream(file)


def _in_parquet(path: Path, look: Look) -> bool:
    rows = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
    try:
        with duckdb.connect() as con:
            return look.either(
                lambda one: _in_footer(path, one), lambda two: _in_rows(rows, two, con)
            )
    except (duckdb.Error, OSError, ValueError):
        return _in_damaged(path, look, "it is damaged, or no whole Parquet file")


def _in_damaged(path: Path, look: Look, why: str) -> bool:
    """What cannot be read as it was meant can only be searched as it is."""
    look.unsearched = why
    return _in_file(path, look)


def _in_footer(path: Path, look: Look) -> bool:
    """Column names and what stands beside the rows are packed nowhere."""
    with path.open("rb") as file:
        file.seek(-LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        file.seek(-length - LENGTH_BYTES - len(PARQUET_MARK), io.SEEK_END)
        return look.is_in_stream(io.BytesIO(file.read(length)))


def _in_packed(path: Path, look: Look) -> bool:
    """Unpacked it may be anything again."""
    with gzip.open(path, "rb") as packed:
        return _in_unpacked(packed, path, look)


def _in_unpacked(packed: gzip.GzipFile | zipfile.ZipExtFile, path: Path, look: Look) -> bool:
    """What comes out, as far as it does."""
    if look.scratch:
        look.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=look.scratch) as unpacked:
        why = _unpack(packed, unpacked, most_unpacked(path.stat().st_size))
        if _holds(Path(unpacked.name), look):
            return True
    return bool(why) and _in_damaged(path, look, why)


def _unpack(packed: gzip.GzipFile | zipfile.ZipExtFile, target: IO[bytes], most: int) -> str:
    """Write what comes out into a file; return why not all of it, where that is so."""
    why = ""
    try:
        while not why and (piece := packed.read1(CHUNK_BYTES)):
            target.write(piece)
            why = f"it {TOO_MUCH}" if target.tell() > most else ""
    except FAULTS:
        why = "it cannot be unpacked whole"
    target.flush()
    return why


def _in_archive(path: Path, look: Look) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if look.is_in(member.filename):
                    return True
                with archive.open(member) as file:
                    is_packed_again = file.read(MARK_BYTES).startswith(PACKED_MARKS)
                with archive.open(member) as file:
                    assert isinstance(file, zipfile.ZipExtFile)
                    if is_packed_again and _in_unpacked(file, path, look):
                        return True
                    if not is_packed_again and look.is_in_stream(file):
                        return True
    except FAULTS:
        return _in_damaged(path, look, "it cannot be unpacked whole, or is locked")
    return False


def _in_database(path: Path, look: Look) -> bool:
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            tables = con.execute(
                "select table_schema, table_name from information_schema.tables"
                " where table_type = 'BASE TABLE'"
            ).fetchall()
            names = [f"{quoted(schema)}.{quoted(table)}" for schema, table in tables]
            return any(_in_rows(name, look, con) for name in names)
    except duckdb.Error:
        return _in_damaged(path, look, "it cannot be opened as a database of DuckDB")


def _in_sqlite(path: Path, look: Look) -> bool:
    return look.either(lambda one: _in_file(path, one), lambda two: _in_tables(path, two))


def _in_tables(path: Path, look: Look) -> bool:
    """A long value is spread over the pages of the file: its bytes may be cut in the address.

    What was deleted is found, if at all, among the bytes.
    """
    # Where nobody writes ahead the file is all there is; else files were left beside it.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)) as con:
            con.text_factory = lambda content: content.decode(errors="replace")
            tables = con.execute("select name from sqlite_master where type = 'table'").fetchall()
            return any(_in_values(con, quoted(name), look) for (name,) in tables)
    except sqlite3.Error:
        look.unsearched = "it cannot be read as a database of SQLite"
        return False


def _in_values(con: sqlite3.Connection, table: str, look: Look) -> bool:
    values = (value for row in con.execute(f"select * from {table}") for value in row)
    return any(
        look.is_in(value) if isinstance(value, str) else look.is_in_bytes(value)
        for value in values
        if isinstance(value, str | bytes)
    )


def _in_rows(relation: str, look: Look, con: duckdb.DuckDBPyConnection) -> bool:
    """DuckDB finds the rows that may hold it, which spares us most of them.

    Bytes are looked at as they are: written as a text, their escapes are nobody's spelling.
    """
    found = con.execute(f"select column_name, column_type from (describe from {relation})")
    columns = [(quoted(name), type_) for name, type_ in found.fetchall()]
    plain = ", ".join(name for name, type_ in columns if type_ != BYTES)
    in_bytes = [name for name, type_ in columns if type_ == BYTES]
    return bool(plain and _in_texts(f"(select {plain} from {relation})", look, con)) or any(
        _in_blobs(name, relation, look, con) for name in in_bytes
    )


def _in_texts(relation: str, look: Look, con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute(
        f"select cast(row_of as varchar) from {relation} as row_of"
        f" where regexp_matches(cast(row_of as varchar), {literal(look.text.pattern)})"
    )
    return any(look.is_in(row) for (row,) in iter(found.fetchone, None))


def _in_blobs(column: str, relation: str, look: Look, con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute(f"select {column} from {relation} where {column} is not null")
    return any(look.is_in_bytes(value) for (value,) in iter(found.fetchone, None))

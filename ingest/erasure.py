"""Erasure: a person, known by an e-mail address, is taken out of all that the lake keeps.

The one exception to a lake that only grows. Rows stay, for what was counted was so; what they say
of the person goes: personal columns of that person's records, and the address wherever it stands.
Each step may be done again: a killed erasure is begun anew and ends the same.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.casts import literal, quoted
from ingest.delivery import pending
from ingest.durable import sync
from ingest.errors import DeliveryError
from ingest.generations import drop_old_generations, next_generation
from ingest.guessing import DELIMITERS
from ingest.incoming import content_hash
from ingest.lake import CONTRACT_FILE, REFUSED, Lake, metadata_of, sql_files, write_once
from ingest.landed import Landed
from ingest.refusals import erase_from_note, refusals_in
from ingest.searching import Left, holding, holds, is_named_after
from ingest.spellings import Spellings
from ingest.tables import DETECT, Source, Table

TEXT = "VARCHAR"
TEXTS_OF_REFUSED = {"reason", "source_file", "column_name", "_key"}


@dataclass(frozen=True)
class Erased:
    """Of what the person was taken out: records; files of the lake, of the quarantine, and notes of
    refused deliveries rewritten; deliveries and originals removed."""

    records: int
    lake_files: int
    quarantine_files: int
    refusal_notes: int
    deliveries: int


class Folders(NamedTuple):
    """Where a company's deliveries lie, the lake, and, where there is one, the inbox."""

    deliveries: Path
    lake: Path
    inbox: Path | None = None


class Stored(NamedTuple):
    """Of a table in the lake: the keys of the person's records, and the files that hold them or the
    address."""

    table: Table
    records: list[str]
    files: list[str]


def erase(
    sources: Sequence[Source],
    folders: Folders,
    address: str,
    token: str,
    left: Left | None = None,
    before_change: Callable[[], None] = lambda: None,
) -> Erased:
    """Take a person out of lake, quarantine, originals and deliveries; `token` marks where.

    DeliveryError where the address stands in a file that has not landed, or in its name: its rows
    would be lost. Nor may one wait in the inbox: the next run would land it. `left` is told of the
    files of deliveries and inbox that are left alone. All is looked at before anything is changed;
    `before_change` is called between the two where the person was found.
    """
    lake = Lake(folders.lake)
    email = spellings_of(address, sources)
    # Of a killed erasure, before its files are looked at.
    lake.sweep_searching()
    if folders.inbox is not None:
        _refuse_waiting(folders.inbox, email, lake, left)
    landed = _landed_deliveries(sources, folders.deliveries, lake, email, left)
    quarantine_files = [
        path
        for path in holding(lake.root / "quarantine", email, None, lake.searching)
        if path.suffix == ".parquet"
    ]
    notes = holding(lake.root / REFUSED, email, None, lake.searching)
    gone = [*landed, *holding(lake.root / "deliveries", email, None, lake.searching)]
    with _masking(email, token) as con:
        stored = _stored(con, sources, lake, email)
        lake_files = sum(len(one.files) for one in stored)
        if lake_files or quarantine_files or notes or gone:
            before_change()
        if lake_files:
            _erase_from_lake(con, stored, lake, email, token)
    # What nobody may read any more is not kept for readers either.
    drop_old_generations(lake.root, kept_seconds=0)
    for path in quarantine_files:
        _erase_from_quarantine(path, email, token)
    for path in notes:
        erase_from_note(path, email, token)
    for path in gone:
        path.unlink()
    _remove_folders_named_after(email, folders.deliveries)
    records = sum(len(one.records) for one in stored)
    return Erased(records, lake_files, len(quarantine_files), len(notes), len(gone))


def spellings_of(address: str, sources: Sequence[Source]) -> Spellings:
    """An address as the files of these sources may spell it."""
    terms = [table.terms for source in sources for table in source.tables]
    delimiters = {one.delimiter for one in terms}
    if DETECT in delimiters:
        delimiters |= {*DELIMITERS}
    return Spellings(address, {one.encoding for one in terms} - {DETECT}, delimiters - {DETECT})


def _refuse_waiting(inbox: Path, email: Spellings, lake: Lake, left: Left | None) -> None:
    if waiting := holding(inbox, email, left, lake.searching):
        raise DeliveryError(
            f"{len(waiting)} files that hold the address, in them or in their names, wait in the"
            " inbox",
            where=", ".join(path.relative_to(inbox).as_posix() for path in waiting[:5]),
            remedy="run `pilotage ingest` first, or take them out of the inbox",
        )


def _landed_deliveries(
    sources: Sequence[Source],
    deliveries: Path,
    lake: Lake,
    email: Spellings,
    left: Left | None,
) -> list[Path]:
    """The deliveries that hold the address or are named after it, all of them landed."""
    found = holding(deliveries, email, left, lake.searching) if deliveries.is_dir() else []
    landed = {path for source in sources for t in source.tables
              for path in _landed(source, t, deliveries, lake, set(found))}  # fmt: skip
    waiting = [path for path in found if path not in landed]
    if waiting:
        raise _not_landed(waiting, deliveries, lake)
    return found


def _not_landed(waiting: Sequence[Path], deliveries: Path, lake: Lake) -> DeliveryError:
    noted = {note.content_sha256 for note in refusals_in(lake.root, [])}
    refused = [path for path in waiting if content_hash(path) in noted]
    what = f"{len(waiting)} files that hold the address, in them or in their names, have not landed"
    remedy = "run `pilotage ingest` first, or take them out of the deliveries folder"
    if refused:
        # A run would refuse them again.
        what = f"{what}; {len(refused)} of them were refused"
        remedy = "remove or mend these, `pilotage quarantine` says why; then erase again"
    told = [path.relative_to(deliveries).as_posix() for path in refused or waiting]
    return DeliveryError(what, where=", ".join(told[:5]), remedy=remedy)


def _remove_folders_named_after(email: Spellings, deliveries: Path) -> None:
    """Those that held a delivery or nothing, deepest first."""
    for path in sorted(deliveries.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and is_named_after(path, deliveries, email):
            try:
                path.rmdir()
            except OSError as error:
                raise DeliveryError(
                    f"a folder that is named after the person cannot go: {error.strerror}",
                    where=path.relative_to(deliveries).as_posix(),
                    remedy="rename it, or remove it with the links in it, then erase again",
                ) from error


def _landed(
    source: Source, table: Table, deliveries: Path, lake: Lake, wanted: set[Path]
) -> list[Path]:
    if not lake.raw(table).is_dir():
        return []
    landed = Landed(table, lake.loads(table))
    return [
        one.path
        for one in pending(source, table, deliveries)
        if one.path in wanted and landed.load_of(one, content_hash(one.path))
    ]


@contextmanager
def _masking(email: Spellings, token: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which masked(text) puts the token for the address."""
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute("set TimeZone = 'UTC'")
        con.create_function("masked", lambda text: email.masked(text, token), [TEXT], TEXT)
        yield con


def _stored(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Source], lake: Lake, email: Spellings
) -> list[Stored]:
    """Where the person stands in the lake, by table."""
    found = []
    for table in (table for source in sources for table in source.tables):
        if paths := lake.raw_files(table):
            records = _records_of(con, table, paths, email)
            found.append(Stored(table, records, _files_with(con, paths, email, records)))
    return found


def _erase_from_lake(
    con: duckdb.DuckDBPyConnection,
    stored: Sequence[Stored],
    lake: Lake,
    email: Spellings,
    token: str,
) -> None:
    with next_generation(lake.root) as building:
        for one in stored:
            for name in one.files:
                path = building / one.table.source_name / one.table.name / name
                _rewrite(con, one.table, path, one.records, email, token)


def _records_of(
    con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path], email: Spellings
) -> list[str]:
    """The keys of the records one of whose personal columns is, or ever was, the address."""
    personal = [column.name for column in table.columns if column.personal]
    if not personal:
        return []
    is_person = " or ".join(
        f"regexp_full_match(trim(cast({quoted(name)} as varchar)), {literal(email.pattern)})"
        for name in personal
    )
    found = con.execute(f"select distinct _key from {sql_files(files)} where {is_person}")
    return sorted(key for (key,) in found.fetchall())


def _files_with(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], email: Spellings, keys: Sequence[str]
) -> list[str]:
    """The names of the raw files that hold the address or a record of the person."""
    named = {path.name for path in files if path.name != CONTRACT_FILE and holds(path, email)}
    if keys:
        for path in files:
            found = con.execute(
                f"select 1 from {sql_files([path])} where _key in {_listed(keys)} limit 1"
            ).fetchone()
            if found:
                named.add(path.name)
    return sorted(named)


def _rewrite(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    path: Path,
    keys: Sequence[str],
    email: Spellings,
    token: str,
) -> None:
    schema = con.execute(f"select column_name, column_type from (describe {_from(path)})")
    personal = {column.name for column in table.columns if column.personal}
    pattern = literal(email.pattern)
    columns = []
    for name, type_ in schema.fetchall():
        value = quoted(name)
        if type_ == TEXT:
            may_hold = f"regexp_matches({value}, {pattern})"
            value = f"case when {may_hold} then masked({value}) else {value} end"
        if name in personal and keys:
            value = f"case when _key in {_listed(keys)} then null else {value} end"
        columns.append(f"{value} as {quoted(name)}")
    told = email.masked(metadata_of(path), token)
    write_once(con, f"select {', '.join(columns)} {_from(path)}", path, told)


def _from(path: Path) -> str:
    return f"from {sql_files([path])}"


def _listed(keys: Sequence[str]) -> str:
    return f"({', '.join(map(literal, keys))})"


def _erase_from_quarantine(path: Path, email: Spellings, token: str) -> None:
    """The refused row itself goes, that it was refused and why stays."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        raw = row["raw_bytes"]
        told = [text for text in (row["reason"], row["raw_text"]) if text]
        if any(map(email.are_in, told)) or email.are_in_bytes(raw or b""):
            row["raw_text"], row["raw_bytes"] = "", raw and b""
        for name in TEXTS_OF_REFUSED & row.keys():
            row[name] = row[name] and email.masked(row[name], token)
    unfinished = path.with_name(path.name + ".tmp")
    beside = {
        key: email.masked(value.decode(), token).encode()
        for key, value in (table.schema.metadata or {}).items()
    }
    again = pa.Table.from_pylist(rows, schema=table.schema.with_metadata(beside))
    pq.write_table(again, unfinished, compression="zstd")
    sync(unfinished)
    unfinished.replace(path)
    sync(path.parent)

"""Replay: what of the quarantine fits by now, after the declaration or the row itself was mended.

The refused rows of a load are read again, all of them, as a load of their own: it lands what fits
as of the delivery that brought it, and takes over what still does not. So each row is in one place
at any time, a second replay finds nothing to do, and the books balance for every load.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from ingest.books import quarantine_file, quarantine_query, refused_rows, still_refused
from ingest.casts import literal
from ingest.csv_files import read_csv_records
from ingest.errors import DeliveryError
from ingest.guessing import as_guessed
from ingest.incoming import GUESSED
from ingest.json_files import LINE, read_json_records
from ingest.known import (
    News,
    count_rows,
    empty_restated,
    find_news,
    instant_literal,
    restore_known,
    typed_columns,
)
from ingest.lake import Lake, Load, load_id, write_once
from ingest.later_exports import restate_by_exports, told_by
from ingest.mending import Mended, MendedLoad
from ingest.newer import Newer, Restated
from ingest.quarantine import without_value
from ingest.reading import Reading
from ingest.records import QUOTES_DO_NOT_FIT, Record, fault_of
from ingest.scratch import scratch
from ingest.tables import DETECT, Table, Terms
from ingest.text_rows import NO_FINAL_NEWLINE


def replay_table(
    table: Table, deliveries_folder: Path, lake_folder: Path, mended: Mended | None = None
) -> list[Load]:
    """Load what of a table's quarantine fits by now, oldest delivery first; return the new loads.

    A load none of whose rows fits stays as it is. What becomes of mended rows is noted in them.
    """
    lake = Lake(lake_folder)
    loads = lake.loads(table) if lake.raw(table).is_dir() else []
    refused = still_refused(loads)
    if not refused:
        return []
    with scratch(lake, table) as con:
        lake.prepare(con, table)
        newer = Newer(con, lake, table, deliveries_folder)
        again = _Replay(con, lake, table, loads, newer, mended or Mended(Path(), {}))
        again.look_through(refused)
        return [done for load in refused if (done := again.replay(load)) is not None]


@dataclass
class _Replay:
    """The quarantine of one table being read again."""

    con: duckdb.DuckDBPyConnection
    lake: Lake
    table: Table
    loads: list[Load]
    newer: Newer
    mended: Mended
    promising: set[str] = field(default_factory=set)

    def look_through(self, refused: list[Load]) -> None:
        """Note, in `reread`, the key of each refused row and whether it fits by now."""
        self.con.execute("create temp table reread (load_id varchar, _key varchar, fits boolean)")
        for load in refused:
            try:
                reading = self._read(load)
            except DeliveryError as error:
                # Today's declaration does not fit it: it stays as it is.
                mended = self._mended(load)
                mended.note(dict.fromkeys(mended.keys, error.what))
                continue
            self._mended(load).note(self._reasons())
            self.con.execute(f"""
                insert into reread
                select {literal(load.load_id)}, _key, true from typed
                union all select {literal(load.load_id)}, _key, false from refused
            """)
            if reading.delivered > reading.quarantined:
                self.promising.add(load.load_id)

    def replay(self, load: Load) -> Load | None:
        """Read a load's refused rows again and land what fits; None when nothing does."""
        if load.load_id not in self.promising:
            return None
        reading = self._read(load)
        restore_known(self.con, self.lake.raw_files(self.table), told_by(load))
        news = find_news(self.con, lands_whole=self._is_increment(load))
        restated = self._restate(load)
        done = self._load(load, reading, news, restated)
        if done.quarantined_rows:
            kept = quarantine_file(self.lake.root, done)
            write_once(self.con, quarantine_query(done), kept, done.to_json())
        path = self.lake.raw(self.table) / f"{done.load_id}.parquet"
        write_once(self.con, self._rows(load, done), path, done.to_json())
        return done

    def _read(self, load: Load) -> Reading:
        """Judge a load's refused rows by today's declaration. Raises DeliveryError where it does
        not fit them."""
        terms = self.table.terms
        was_text = bool(load.columns) and self._is_text(load)
        if was_text and terms.format == "csv":
            table = as_guessed(self.table, load.notes)
            return read_csv_records(self.con, table, load.columns, self._records(load))
        if was_text:
            return read_json_records(self.con, self.table, self._lines(load))
        # Rows of Parquet are kept as JSON: their numbers have a point, their instants are ISO.
        plain = Terms(terms.path, mode=terms.mode, time_zone=terms.time_zone)
        is_parquet = terms.format == "parquet"
        table = replace(self.table, terms=plain) if is_parquet else self.table
        reading = read_json_records(self.con, table, self._lines(load))
        self.con.execute("update refused set raw_bytes = null")
        return reading

    def _reasons(self) -> dict[int, str]:
        """Why rows of the load that was read last are still refused, without their values."""
        found = self.con.execute("select _row_number, column_name, reason from refused")
        return {
            number: (f"column {column}: " if column else "") + without_value(reason)
            for number, column, reason in found.fetchall()
        }

    def _mended(self, load: Load) -> MendedLoad:
        """A load's refused rows in the file of mended ones, which is still good after a replay that
        took some of them: there they may be named as rows of a load that this one has replayed."""
        query = f"select row_number, coalesce(raw_text, '') from {self._refused(load)}"
        texts = self.con.execute(query).fetchall()
        origins = {one.load_id: one.replay_of for one in self.loads}
        names = [load.load_id]
        while origin := origins.get(names[-1]):
            names.append(origin)
        return self.mended.of_load(names, texts)

    def _is_text(self, load: Load) -> bool:
        return count_rows(self.con, f"{self._refused(load)} where raw_bytes is not null") > 0

    def _refused(self, load: Load) -> str:
        return refused_rows([quarantine_file(self.lake.root, load)], self.loads)

    def _records(self, load: Load) -> list[tuple[int, Record, bool]]:
        """The refused rows as they came, or as they were mended. A line whose quotes did not fit
        is trusted less until it is mended."""
        found = self.con.execute(
            "select row_number, coalesce(line_number, row_number), reason,"
            " coalesce(raw_bytes, encode(raw_text))"
            f" from {self._refused(load)} order by row_number"
        ).fetchall()
        changed = self._mended(load).changed
        records = []
        for number, line, reason, raw in found:
            text = changed.get(number)
            content = self._decoded(raw) if text is None else text.encode()
            is_suspect = text is None and reason == QUOTES_DO_NOT_FIT
            records.append((number, Record(line, content, None), is_suspect))
        return records

    def _lines(self, load: Load) -> list[tuple[int, Record]]:
        return [
            (number, record._replace(fault=fault_of(record.raw, LINE, 1)))
            for number, record, _ in self._records(load)
        ]

    def _decoded(self, raw: bytes) -> bytes:
        """UTF-8 as it is: the reader wrote it. Else bytes that it let pass, by the encoding that is
        declared by now."""
        encoding = self.table.terms.encoding
        try:
            raw.decode()
        except UnicodeDecodeError:
            if encoding != DETECT:
                return raw.decode(encoding, errors="surrogateescape").encode(
                    errors="surrogateescape"
                )
        return raw

    def _restate(self, load: Load) -> Restated:
        """Create `restated`, rows as the lake has them: what would outlive its time is ended."""
        empty_restated(self.con, self.table)
        if self._is_increment(load):
            return self.newer.restate((load.extracted_at, load.source_file), self.loads)
        restate_by_exports(self.con, self.lake, self.table, load, self.loads)
        return Restated(self._restated("upsert"), 0)

    def _is_increment(self, load: Load) -> bool:
        return load.mode != "full" and self.table.terms.mode != "full"

    def _restated(self, operation: str) -> int:
        return count_rows(self.con, f"restated where _op = {literal(operation)}")

    def _load(self, load: Load, reading: Reading, news: News, restated: Restated) -> Load:
        changed = self._mended(load).changed
        texts = [f"{n}:{changed.get(n, '')}" for n, *_ in self._records(load)]
        content = hashlib.sha256("\n".join(["replay", load.load_id, *texts]).encode()).hexdigest()
        return replace(
            load,
            load_id=load_id(self.table, load.extracted_at, content),
            bytes=sum(len(record.raw) for _, record, _ in self._records(load)),
            content_sha256=content,
            contract_version=self.table.contract_version,
            delivered_rows=reading.delivered,
            loaded_rows=news.rows,
            unchanged_rows=reading.delivered - reading.quarantined - news.rows,
            deleted_rows=self._restated("delete"),
            quarantined_rows=reading.quarantined,
            extra_columns=reading.extra_columns,
            mode="replay",
            repeated_rows=news.repeated,
            notes=(*_of_the_file(load.notes), *restated.notes),
            replay_of=load.load_id,
            settles=(),
        )

    def _rows(self, load: Load, done: Load) -> str:
        """The query of what lands: rows under their own numbers, then what had to be restated."""
        columns = typed_columns(self.table)
        at = instant_literal(load.extracted_at)
        return f"""
            select {columns}, _extra, {literal(done.load_id)} as _load_id, _row_number, _key,
                _row_hash, 'upsert' as _op, {literal(load.source_file)} as _source_file,
                {at} as _extracted_at
            from typed
            where _row_number in (select _row_number from landing)
            union all
            select {columns}, _extra, {literal(done.load_id)} as _load_id,
                (select max(_row_number) from typed)
                + row_number() over (order by _extracted_at, _source_file, _key) as _row_number,
                _key, _row_hash, _op, _source_file, _extracted_at
            from restated
            order by _row_number
        """


def _of_the_file(notes: Sequence[str]) -> Iterator[str]:
    """What was noted of the file whose rows are read again; the rest is the load's own."""
    return (note for note in notes if note.startswith((GUESSED, NO_FINAL_NEWLINE)))

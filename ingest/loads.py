"""Loading: every pending delivery of a table into the lake, and the books about it."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.books import quarantine_query, write_loads_table
from ingest.delivery import Delivery, no_delivery, pending
from ingest.errors import DeliveryError, UnsettledError
from ingest.files import read
from ingest.incoming import Incoming, look_at, receive
from ingest.known import (
    News,
    count_rows,
    empty_restated,
    find_news,
    find_vanished,
    learn,
    restore_known,
    rows_to_land,
)
from ingest.lake import Lake, Load, load_id, write_once
from ingest.landed import CORRECTION, Landed
from ingest.newer import Newer, Restated
from ingest.originals import keep_original
from ingest.reading import Reading
from ingest.refusals import note_refusal
from ingest.scratch import scratch, use_threads_for
from ingest.settling import SETTLED, Settled, settled_by
from ingest.tables import Source, Table

__all__ = [
    "Load",
    "extraction_instants",
    "has_delivery",
    "load_table",
    "newest_extraction",
    "oldest_extraction",
    "write_loads_table",
]

Progress = Callable[[Load], None]


def load_table(
    source: Source,
    table: Table,
    deliveries_folder: Path,
    lake_folder: Path,
    progress: Progress | None = None,
    keeps_originals: bool = False,
) -> list[Load]:
    """Land all pending deliveries of a table, oldest extraction first; return the new loads.

    keeps_originals: the lake keeps each delivery as it came, too. `progress` is called after each.
    DeliveryError when a delivery is refused (those before it have landed, it and those after it
    have not) or when the source has no delivery at all.
    """
    lake = Lake(lake_folder)
    found = pending(source, table, deliveries_folder)
    if not found and not has_delivery(source, deliveries_folder, lake):
        raise no_delivery(source, deliveries_folder)
    with scratch(lake, table) as con:
        lake.prepare(con, table)
        landing = _Landing(
            con, lake, table, keeps_originals, Newer(con, lake, table, deliveries_folder)
        )
        loads = []
        for delivery in found:
            try:
                load = landing.land(delivery)
            except DeliveryError as error:
                if source.is_fetched and not isinstance(error, UnsettledError):
                    raise _to_fetch_again(error, delivery) from error
                raise
            if load is not None:
                loads.append(load)
                if progress:
                    progress(load)
    return loads


def has_delivery(source: Source, deliveries_folder: Path, lake: Lake) -> bool:
    """Tell whether anything of a source was ever delivered."""
    return any(
        pending(source, table, deliveries_folder) or lake.loads(table) for table in source.tables
    )


def never_delivered(sources: Iterable[Source], lake_folder: Path) -> list[str]:
    """The declared tables of which the lake holds nothing yet, as source.table."""
    lake = Lake(lake_folder)
    tables = [table for source in sources for table in source.tables]
    return [f"{t.source_name}.{t.name}" for t in tables if not lake.raw_files(t)]


def extraction_instants(
    sources: Iterable[Source], lake_folder: Path, deliveries_folder: Path
) -> list[datetime]:
    """Return the instants (aware) of all that has landed or lies ready, oldest first."""
    lake, found = Lake(lake_folder), set()
    for source in sources:
        for table in source.tables:
            found |= {load.extracted_at for load in lake.loads(table)}
            found |= {one.extracted_at for one in pending(source, table, deliveries_folder)}
    return sorted(found)


def newest_extraction(
    sources: Iterable[Source], lake_folder: Path, deliveries_folder: Path
) -> datetime | None:
    """Return the instant of the last extraction of any of the sources; None without any."""
    return max(extraction_instants(sources, lake_folder, deliveries_folder), default=None)


def oldest_extraction(
    sources: Iterable[Source], lake_folder: Path, deliveries_folder: Path
) -> datetime | None:
    """Return the instant of the first extraction of any of the sources; None without any."""
    return min(extraction_instants(sources, lake_folder, deliveries_folder), default=None)


def _to_fetch_again(error: DeliveryError, delivery: Delivery) -> DeliveryError:
    """Nobody exports what was fetched, and as long as it lies there it is refused first."""
    return DeliveryError(
        error.what,
        where=error.where,
        excerpt=error.excerpt,
        remedy=f"remove {delivery.path}, then run again: it is fetched anew;"
        f" where that is refused too: {error.remedy}",
    )


def _correction_notes(delivery: Delivery, settles: tuple[Settled, ...]) -> tuple[str, ...]:
    if not delivery.is_correction:
        return ()
    rows = sum(run.rows for run in settles)
    return (CORRECTION, f"{SETTLED} {rows}") if rows else (CORRECTION,)


@dataclass
class _Landing:
    """One table being loaded: what is known of it stays in memory from delivery to delivery."""

    con: duckdb.DuckDBPyConnection
    lake: Lake
    table: Table
    keeps_originals: bool
    newer: Newer

    def __post_init__(self) -> None:
        self.landed = Landed(self.table, self.lake.loads(self.table))
        self.is_restored = False
        self.read_rows: int | None = None

    def land(self, delivery: Delivery) -> Load | None:
        """Land one delivery; None when it is in the lake already, whatever the contract then.

        One that is refused leaves a note in the lake, unless it changed meanwhile: half of an
        export is no delivery yet.
        """
        seen = look_at(delivery)
        if self.landed.load_of(delivery, seen.sha256):
            return None
        self.read_rows = None
        is_undecided = self.landed.is_undecided(delivery)
        delivery = self.landed.as_it_lands(delivery)
        try:
            return self._read_and_write(delivery, is_undecided)
        except (DeliveryError, FileNotFoundError) as error:
            seen.refuse_change()
            if isinstance(error, DeliveryError) and not isinstance(error, UnsettledError):
                refused = replace(seen, delivery=delivery)
                note_refusal(self.lake, self.table, refused, self.read_rows, error)
            raise

    def _read_and_write(self, delivery: Delivery, is_undecided: bool) -> Load:
        started = time.perf_counter()
        newest = self.landed.newest
        is_late = newest is not None and delivery.extracted_at < newest
        if is_late and self.table.terms.mode == "full":
            raise self._too_late(delivery)
        if not self.is_restored:
            restore_known(self.con, self.lake.raw_files(self.table))
            self.is_restored = True
        incoming = receive(delivery, self.table.terms, self.lake.incoming(self.table))
        use_threads_for(self.con, incoming.path.stat().st_size, count_rows(self.con, "known"))
        reading = read(self.con, self.table, incoming, delivery.name)
        self.read_rows = reading.delivered
        news = find_news(self.con, lands_whole=is_late or is_undecided)
        vanished, notes = self._vanished(delivery)
        restated = self._restate(delivery, is_late)
        notes += restated.notes
        settles: tuple[Settled, ...] = ()
        if delivery.is_correction:
            settles = settled_by(self.con, self.lake, self.table, delivery, reading.delivered)
        load = self._load(delivery, incoming, reading, news, vanished, notes, settles)
        self._write(delivery, load, restated)
        incoming.path.unlink()
        learn(self.con, load)
        # What was said again is known as of its own instants.
        self.is_restored = not restated.said
        self.landed.add(load)
        return Load(**vars(load) | {"seconds": time.perf_counter() - started})

    def _restate(self, delivery: Delivery, is_late: bool) -> Restated:
        if not is_late:
            return Restated(0, 0)
        empty_restated(self.con, self.table)
        return self.newer.restate((delivery.extracted_at, delivery.name), self.landed.loads)

    def _vanished(self, delivery: Delivery) -> tuple[int, tuple[str, ...]]:
        if self.table.terms.mode != "full":
            return 0, ()
        nameless = self.con.execute("select count(*) from refused where _key is null").fetchone()
        if nameless and nameless[0]:
            # Any key might stand in a row that nobody can read: the next whole export will tell.
            return 0, ("DELETES_POSTPONED",)
        return find_vanished(self.con, self.table, delivery), ()

    def _load(
        self,
        delivery: Delivery,
        incoming: Incoming,
        reading: Reading,
        news: News,
        vanished: int,
        notes: tuple[str, ...],
        settles: tuple[Settled, ...],
    ) -> Load:
        return Load(
            load_id=load_id(self.table, delivery.extracted_at, incoming.sha256),
            source_name=self.table.source_name,
            table_name=self.table.name,
            source_file=delivery.name,
            bytes=incoming.bytes,
            content_sha256=incoming.sha256,
            contract_version=self.table.contract_version,
            schema_fingerprint=reading.schema_fingerprint,
            extracted_at=delivery.extracted_at,
            delivered_rows=reading.delivered,
            loaded_rows=news.rows,
            unchanged_rows=reading.delivered - reading.quarantined - news.rows,
            deleted_rows=vanished,
            quarantined_rows=reading.quarantined,
            extra_columns=reading.extra_columns,
            mode=self.table.terms.mode,
            repeated_rows=news.repeated,
            notes=reading.notes + notes + _correction_notes(delivery, settles),
            columns=reading.columns,
            types=reading.types,
            settles=settles,
        )

    def _write(self, delivery: Delivery, load: Load, restated: Restated) -> None:
        """The raw file last: were we killed before it, nothing would claim the load done."""
        if self.keeps_originals:
            keep_original(self.lake, self.table, delivery, load)
        if load.quarantined_rows:
            path = self.lake.quarantine(self.table) / f"{load.load_id}.parquet"
            write_once(self.con, quarantine_query(load), path, load.to_json())
        # Opened for what vanished only: a thousand files for each of a thousand loads is a million.
        files = self.lake.raw_files(self.table) if load.deleted_rows else []
        rows = rows_to_land(self.table, load, files, restated.said)
        path = self.lake.raw(self.table) / f"{load.load_id}.parquet"
        write_once(self.con, rows, path, load.to_json())

    def _too_late(self, delivery: Delivery) -> DeliveryError:
        what, remedy = "a full export", "take it out of the deliveries folder"
        if delivery.is_correction:
            what = "a full export that was changed after it had landed"
            remedy = "put back what it held, or take it out of the deliveries folder"
        newest = self.landed.newest
        return DeliveryError(
            f"{what} of {self.table} is older ({delivery.extracted_at.isoformat()})"
            f" than one that has landed ({newest.isoformat() if newest else ''})",
            where=delivery.name,
            remedy=f"{remedy}, or load into an empty lake in order",
        )

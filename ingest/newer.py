"""What newer increments said of the keys that a late one brings.

An increment lands only what is new for the lake. A late delivery, such as the correction of an
older day or a replay, would outlive the rows of newer ones that were unchanged, and so were not
written: their files are asked again, where they still lie, and what they said is said again by the
late load. What is late itself is written whole, so that it needs no asking.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest.books import quarantine_file
from ingest.casts import literal
from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from ingest.files import read
from ingest.incoming import content_hash, receive
from ingest.known import count_rows, instant_literal, typed_columns
from ingest.lake import Lake, Load, no_rows, sql_files
from ingest.originals import original_of
from ingest.scratch import set_session
from ingest.tables import Table

# The note of a load that says rows of other deliveries again; how many follows.
RESTATED = "RESTATED"
# How many newer deliveries could not be asked.
NOT_ASKED = "NEWER_NOT_ASKED"


class Restated(NamedTuple):
    """How many rows of newer deliveries are said again, and how many of these nobody could ask."""

    said: int
    unasked: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        told = ((RESTATED, self.said), (NOT_ASKED, self.unasked))
        return tuple(f"{note} {count}" for note, count in told if count)


@dataclass
class Newer:
    """The newer deliveries of a table, each read once in a run: the last row of each key."""

    con: duckdb.DuckDBPyConnection
    lake: Lake
    table: Table
    deliveries_folder: Path
    asked: dict[str, bool] = field(default_factory=dict)

    def restate(self, here: tuple[datetime, str], loads: Iterable[Load]) -> Restated:
        """Fill `restated` with what newer loads than the one of an instant and a file said of the
        keys of `landing`.

        Of each key the first newer word counts: one that the lake holds needs no second one, and
        what came after it was compared with it.
        """
        newer = [one for one in loads if (one.extracted_at, one.source_file) > here]
        # Where no row was unchanged, the lake holds all that was said; of a replay it does anyway.
        silent = [one for one in newer if one.unchanged_rows and not one.replay_of]
        if silent:
            self.con.execute(f"create table if not exists said as {no_rows(self.table)}")
        for one in silent:
            if one.load_id not in self.asked:
                self.asked[one.load_id] = self._ask(one)
        if silent:
            self._say_again(*here)
        unasked = sum(not self.asked[one.load_id] for one in silent)
        return Restated(count_rows(self.con, "restated"), unasked)

    def _ask(self, load: Load) -> bool:
        """Add what a load's file says to `said`; False where it lies there no more, or today's
        declaration does not fit it or one of the rows that it brought."""
        path = self._file_of(load)
        if path is None:
            return False
        delivery = Delivery(load.extracted_at, load.source_file, path)
        # Beside the tables of the delivery that is landing.
        with self.con.cursor() as beside:
            set_session(beside)
            try:
                incoming = receive(delivery, self.table.terms, self._folder(load))
                read(beside, self.table, incoming, delivery.name)
            except (DeliveryError, FileNotFoundError):
                return False
            incoming.path.unlink()
            if count_rows(beside, f"refused where _row_number not in {self._held(load)}"):
                return False
            beside.execute(self._said_by(load))
        return True

    def _folder(self, load: Load) -> Path:
        folder = self.lake.incoming(self.table) / load.load_id
        folder.mkdir(exist_ok=True)
        return folder

    def _file_of(self, load: Load) -> Path | None:
        """The file as it landed: in the deliveries folder, or as the lake keeps it."""
        path = self.deliveries_folder / load.source_file
        if path.is_file() and content_hash(path) == load.content_sha256:
            return path
        return original_of(self.lake, load)

    def _held(self, load: Load) -> str:
        """The rows of a load that went into quarantine, whatever became of them: they have not been
        said by it."""
        if not load.quarantined_rows:
            return "(0)"
        return f"(select row_number from {sql_files([quarantine_file(self.lake.root, load)])})"

    def _said_by(self, load: Load) -> str:
        at = instant_literal(load.extracted_at)
        return f"""
            insert into said by name
            select {typed_columns(self.table)}, _extra, _key, _row_hash, 'upsert' as _op,
                {literal(load.source_file)} as _source_file, {at} as _extracted_at
            from typed
            where _row_number not in {self._held(load)}
            qualify row_number() over (partition by _key order by _row_number desc) = 1
        """

    def _say_again(self, extracted_at: datetime, source_file: str) -> None:
        at = instant_literal(extracted_at)
        later = f"(_extracted_at, _source_file) > ({at}, {literal(source_file)})"
        first = "row_number() over (partition by _key order by _extracted_at, _source_file) = 1"
        self.con.execute(f"""
            insert into restated by name
            with late as (
                select _key, max_by(_row_hash, _row_number) as _late_hash
                from landing group by _key
            ),
            first_said as (
                select said.*, late._late_hash
                from said inner join late using (_key)
                where {later}
                qualify {first}
            ),
            first_written as (
                select _key, _extracted_at, _source_file
                from {sql_files(self.lake.raw_files(self.table))}
                where _key in (select _key from late) and {later}
                qualify {first}
            )
            select first_said.* exclude (_late_hash)
            from first_said
            left outer join first_written using (_key)
            where
                first_said._row_hash <> first_said._late_hash
                and (
                    first_written._key is null
                    or (first_said._extracted_at, first_said._source_file)
                    < (first_written._extracted_at, first_written._source_file)
                )
        """)

"""The lake: write-once Parquet files, one per load until they are packed by the month.

The presence of a load in a raw file IS the commit.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.casts import literal, quoted
from ingest.durable import sync
from ingest.errors import LakeError
from ingest.generations import begin
from ingest.tables import LAKE_COLUMNS, Table

METADATA_KEY = "pilotage"
CONTRACT_FILE = "_contract.parquet"
REFUSED = "refused"


@dataclass(frozen=True)
class Load:
    """One landed delivery. delivered = loaded + unchanged + quarantined rows; deleted come on top.

    `repeated_rows` are those whose key stands above them in the delivery with other values; None
    where they were not counted yet. `extracted_at` is aware. `columns` are the delivery's own, in
    its order, and `types` theirs where the file tells. `settles`: of loads that this one corrects,
    the refused rows that it brings well or again, as (load, first row, last row, how many).
    `replay_of` names the load whose refused rows this one has read again, all of them. `seconds` is
    for display and kept nowhere.
    """

    load_id: str
    source_name: str
    table_name: str
    source_file: str
    bytes: int
    content_sha256: str
    contract_version: str
    schema_fingerprint: str
    extracted_at: datetime
    delivered_rows: int
    loaded_rows: int
    unchanged_rows: int
    deleted_rows: int
    quarantined_rows: int
    extra_columns: tuple[str, ...]
    mode: str
    repeated_rows: int | None = None
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    replay_of: str = ""
    settles: tuple[tuple[str, int, int, int], ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def to_json(self) -> str:
        """Return all that is kept in the Parquet file's metadata."""
        kept = asdict(self) | {"extracted_at": self.extracted_at.isoformat()}
        del kept["seconds"]
        return json.dumps(kept, sort_keys=True)

    @staticmethod
    def from_dict(kept: dict[str, Any]) -> "Load":
        """Return the load that `to_json` wrote, once that is read."""
        for name in ("extra_columns", "notes", "columns", "types"):
            kept[name] = tuple(kept.get(name, ()))
        kept["settles"] = tuple(map(tuple, kept.get("settles", ())))
        return Load(**kept | {"extracted_at": datetime.fromisoformat(kept["extracted_at"])})


def load_id(table: Table, extracted_at: datetime, content_sha256: str) -> str:
    """Return the name of a load: the same delivery under the same contract is the same load.

    The instant counts too: an export that returns to an earlier content is news.
    """
    parts = (
        table.source_name,
        table.name,
        extracted_at.astimezone(UTC).isoformat(),
        content_sha256,
        table.contract_version,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Lake:
    """Where the loads of all tables lie."""

    root: Path

    def raw(self, table: Table) -> Path:
        return self.root / "raw" / table.source_name / table.name

    def quarantine(self, table: Table) -> Path:
        return self.root / "quarantine" / table.source_name / table.name

    def refused(self, table: Table) -> Path:
        """The notes of deliveries that were refused whole."""
        return self.root / REFUSED / table.source_name / table.name

    def originals(self, table: Table) -> Path:
        """The deliveries as they came, packed, where the company keeps them."""
        return self.root / "deliveries" / table.source_name / table.name

    def incoming(self, table: Table) -> Path:
        """A scratch folder for the private copy of a delivery."""
        return self.root / ".incoming" / table.source_name / table.name

    @property
    def searching(self) -> Path:
        """A scratch folder for what has to be unpacked to be searched."""
        return self.root / ".incoming" / ".searching"

    def prepare(self, con: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Make the folders of a table, sweep what a killed run left, keep its contract file."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.sweep(table)
            self.sweep_searching()
            begin(self.root)
            for folder in (self.incoming(table), self.raw(table), self.quarantine(table)):
                folder.mkdir(parents=True, exist_ok=True)
            kept = (self.raw, self.quarantine, self.refused, self.originals)
            for folder in (one(table) for one in kept):
                for torn in folder.glob("*.tmp"):
                    torn.unlink()
        except OSError as error:
            raise LakeError(
                f"the lake cannot be prepared: {error.strerror}",
                where=str(error.filename),
                remedy="check the folder's rights and the free space",
            ) from error
        self._keep_contract(con, table)

    def sweep(self, table: Table) -> None:
        """Remove the private copies of deliveries: they hold what the source's files hold."""
        shutil.rmtree(self.incoming(table), ignore_errors=True)

    def sweep_searching(self) -> None:
        """Remove what was unpacked to be searched."""
        shutil.rmtree(self.searching, ignore_errors=True)

    def loads(self, table: Table) -> list[Load]:
        """Return the loads of a table, oldest extraction first."""
        return loads_in(self.raw(table))

    def raw_files(self, table: Table) -> list[Path]:
        """Return the raw files of a table, the empty one that holds every column included."""
        return sorted(self.raw(table).glob("*.parquet"))

    def _keep_contract(self, con: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Write an empty file of all columns, so that a table without a delivery can be read."""
        path = self.raw(table) / CONTRACT_FILE
        if path.exists() and metadata_of(path) == table.contract_version:
            return
        write_once(con, no_rows(table), path, table.contract_version)


def no_rows(table: Table) -> str:
    """Return the query of a table's columns as the lake has them, without a row."""
    types = {column.name: column.data_type for column in table.columns} | LAKE_COLUMNS
    columns = ", ".join(f"cast(null as {type_}) as {quoted(n)}" for n, type_ in types.items())
    return f"select {columns} where false"


def loads_in(folder: Path) -> list[Load]:
    """Return the loads whose raw files lie in a folder or below it."""
    paths = (path for path in folder.rglob("*.parquet") if path.name != CONTRACT_FILE)
    found = [load for path in paths for load in loads_of(path)]
    return sorted(found, key=lambda load: (load.extracted_at, load.source_file, load.load_id))


def loads_of(path: Path) -> list[Load]:
    """Return the loads that a raw file holds: one as it landed, many once it was packed."""
    kept = json.loads(metadata_of(path))
    return [Load.from_dict(one) for one in (kept if isinstance(kept, list) else [kept])]


def write_once(con: duckdb.DuckDBPyConnection, query: str, path: Path, metadata: str) -> None:
    """Write a query's rows to a Parquet file that is there as a whole or not at all."""
    torn = path.with_name(path.name + ".tmp")
    try:
        con.execute(
            f"copy ({query}) to {literal(str(torn))} (format parquet, compression zstd,"
            f" kv_metadata {{{METADATA_KEY}: {literal(metadata)}}})"
        )
        sync(torn)
        torn.replace(path)
        sync(path.parent)
    except (OSError, duckdb.IOException) as error:
        torn.unlink(missing_ok=True)
        raise LakeError(
            f"a load could not be written: {str(error).splitlines()[0]}",
            where=str(path),
            remedy="check the folder's rights and the free space; nothing half-written is left",
        ) from error


def sql_files(paths: Iterable[Path]) -> str:
    """Return SQL that reads Parquet files together, columns matched by name."""
    names = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{names}], union_by_name=true, hive_partitioning=false)"


def metadata_of(path: Path) -> str:
    """Return what we wrote into a Parquet file beside its rows."""
    try:
        metadata: Mapping[bytes, bytes] = pq.read_metadata(path).metadata or {}
    except pa.ArrowException as error:
        raise LakeError(
            "a file in the lake is damaged",
            where=str(path),
            remedy="put the lake back from a backup (docs/operation.md)",
        ) from error
    if METADATA_KEY.encode() not in metadata:
        raise LakeError(
            "a file in the lake was not written by an ingest run",
            where=str(path),
            remedy="move it out of the lake",
        )
    return metadata[METADATA_KEY.encode()].decode()

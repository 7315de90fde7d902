"""Originals: each delivery as it came, packed, under lake/deliveries/<source>/<table>/.

Named after its load. It is there before the load is, so that a load never lacks its original; one
without a load is the trace of a killed run, and the next run writes it again.
"""

import gzip
import hashlib
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from ingest.delivery import Delivery
from ingest.durable import sync
from ingest.errors import LakeError, UnsettledError
from ingest.lake import Lake, Load
from ingest.tables import Table
from ingest.unpacking import is_packed


def keep_original(lake: Lake, table: Table, delivery: Delivery, load: Load) -> Path:
    """Pack a delivery into the lake; what is packed already stays as it is."""
    folder = lake.originals(table)
    ending = delivery.path.suffix.lower() if is_packed(delivery.path) else ".gz"
    path = folder / f"{load.load_id}{ending}"
    unfinished = path.with_name(path.name + ".tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest = _pack(delivery.path, unfinished)
        if digest == load.content_sha256:
            sync(unfinished)
            unfinished.replace(path)
            sync(folder)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise LakeError(
            f"the original of a delivery could not be kept: {error.strerror}",
            where=str(path),
            remedy="check the folder's rights and the free space; nothing half-written is left",
        ) from error
    if digest != load.content_sha256:
        unfinished.unlink()
        raise UnsettledError(
            "the delivery changed while it was read",
            where=delivery.name,
            remedy="wait until the export has finished, then run again",
        )
    return path


def original_of(lake: Lake, load: Load) -> Path | None:
    """Where the original of a load lies; None where it is not kept."""
    folder = lake.root / "deliveries" / load.source_name / load.table_name
    return next(folder.glob(f"{load.load_id}.*"), None)


def drop_old_originals(lake: Lake, tables: Iterable[Table], days: int) -> int:
    """Remove originals that are older than so many days before the newest; return how many.

    By the instants of extraction: the same lake keeps the same originals whenever it is asked.
    """
    kept = [
        (load.extracted_at, path)
        for table in tables
        for load in lake.loads(table)
        if not load.replay_of and (path := original_of(lake, load))
    ]
    newest = max((at for at, _ in kept), default=None)
    old = [path for at, path in kept if newest and at < newest - timedelta(days=days)]
    for path in old:
        path.unlink()
    return len(old)


def _pack(original: Path, target: Path) -> str:
    """Write the packed copy; return the original's hash."""
    if is_packed(original):
        shutil.copyfile(original, target)
        with original.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    digest = hashlib.sha256()
    # No name and no time inside: the same delivery is packed to the same bytes.
    with (
        original.open("rb") as source,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
    ):
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            packed.write(chunk)
    return digest.hexdigest()

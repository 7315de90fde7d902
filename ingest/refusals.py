"""Deliveries that were refused whole: one note each under lake/refused/<source>/<table>/.

The delivery itself stays where it lies and is looked at again by every run; the note keeps what was
refused and why after it was mended. The same bytes leave the same note, however often they come.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.durable import sync
from ingest.errors import DeliveryError, LakeError
from ingest.incoming import Seen, content_hash
from ingest.lake import REFUSED, Lake, Load
from ingest.landed import FINEST
from ingest.spellings import Spellings
from ingest.tables import Table


@dataclass(frozen=True)
class Refusal:
    """One delivery that was refused whole. `extracted_at` is aware.

    `reason` holds no value of a row: the books are for more eyes than the delivery.
    `delivered_rows` is None where it was refused before its rows could be counted.
    """

    refusal_id: str
    source_name: str
    table_name: str
    source_file: str
    bytes: int
    content_sha256: str
    contract_version: str
    extracted_at: datetime
    delivered_rows: int | None
    mode: str
    reason: str


def note_refusal(
    lake: Lake, table: Table, seen: Seen, rows: int | None, error: DeliveryError
) -> None:
    """Write down that a delivery was refused whole, in place of what was said of it before."""
    folder = lake.refused(table)
    try:
        refusal = _refusal(table, seen, rows, error.what)
        kept = asdict(refusal) | {"extracted_at": refusal.extracted_at.isoformat()}
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{refusal.refusal_id}.json", json.dumps(kept, ensure_ascii=False))
    except OSError as failed:
        raise LakeError(
            f"that a delivery was refused could not be written down: {failed.strerror}",
            where=f"{folder}; the delivery is {seen.delivery.name}, and {error.what}",
            remedy="check the folder's rights and the free space",
        ) from error


def refusals_in(lake_folder: Path, loads: Iterable[Load]) -> list[Refusal]:
    """What was refused whole and has not landed since just as it was, oldest extraction first."""
    landed = defaultdict(list)
    for load in loads:
        landed[load.source_name, load.table_name, load.content_sha256].append(load.extracted_at)
    found = map(_read, (lake_folder / REFUSED).glob("*/*/*.json"))
    left = [
        one
        for one in found
        # As a correction it lands a moment later than it was refused, if another came between.
        if not any(
            one.extracted_at <= at < one.extracted_at + FINEST
            for at in landed[one.source_name, one.table_name, one.content_sha256]
        )
    ]
    return sorted(left, key=lambda one: (one.extracted_at, one.source_file, one.refusal_id))


def still_lying(refusals: Sequence[Refusal], deliveries_folder: Path) -> list[Refusal]:
    """Those whose delivery nobody has mended or removed."""
    paths = ((one, deliveries_folder / one.source_file) for one in refusals)
    return [
        one for one, path in paths if path.is_file() and content_hash(path) == one.content_sha256
    ]


def erase_from_note(path: Path, email: Spellings, token: str) -> None:
    """Put a token in place of an address, which may stand in a file's name or in a reason."""
    _write(path, email.masked(path.read_text(encoding="utf-8"), token))


def _refusal(table: Table, seen: Seen, rows: int | None, reason: str) -> Refusal:
    delivery = seen.delivery
    return Refusal(
        refusal_id=_refusal_id(table, delivery.extracted_at, seen.sha256),
        source_name=table.source_name,
        table_name=table.name,
        source_file=delivery.name,
        bytes=seen.found.st_size,
        content_sha256=seen.sha256,
        contract_version=table.contract_version,
        extracted_at=delivery.extracted_at,
        delivered_rows=rows,
        mode=table.terms.mode,
        reason=reason,
    )


def _refusal_id(table: Table, extracted_at: datetime, content_sha256: str) -> str:
    """Unlike a load's, the same under every contract: one delivery has one note."""
    instant = extracted_at.astimezone(UTC).isoformat()
    parts = (REFUSED, table.source_name, table.name, instant, content_sha256)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".tmp")
    try:
        unfinished.write_text(text, encoding="utf-8")
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _read(path: Path) -> Refusal:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Refusal(**kept | {"extracted_at": datetime.fromisoformat(kept["extracted_at"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"the note of a refused delivery cannot be read: {error}",
            where=str(path),
            remedy="remove it: a delivery that still lies there is refused and noted again",
        ) from error

"""What a lake holds, in figures: no name of a file, no value of a row."""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.lake import loads_in
from ingest.quarantine import refusals
from ingest.refusals import refusals_in


@dataclass(frozen=True)
class Inventory:
    """newest: source -> instant of its last extraction (aware). bytes: on the disk, files that
    generations share counted once. refused_deliveries: whole ones that have not landed since."""

    tables: int
    loads: int
    loaded_rows: int
    quarantined_rows: int
    refused_deliveries: int
    files: int
    bytes: int
    newest: Mapping[str, datetime]


def take_inventory(lake_folder: Path) -> Inventory:
    """Count what a lake holds. Safe beside a run: one generation is read from beginning to end.

    Raises LakeError, OSError.
    """
    loads = loads_in((lake_folder / "raw").resolve())
    newest: dict[str, datetime] = {}
    for load in loads:
        known = newest.get(load.source_name, load.extracted_at)
        newest[load.source_name] = max(known, load.extracted_at)
    sizes = _sizes(lake_folder)
    return Inventory(
        tables=len({(load.source_name, load.table_name) for load in loads}),
        loads=len(loads),
        loaded_rows=sum(load.loaded_rows for load in loads),
        quarantined_rows=sum(group.rows for group in refusals(lake_folder)),
        refused_deliveries=len(refusals_in(lake_folder, loads)),
        files=len(sizes),
        bytes=sum(sizes.values()),
        newest=dict(sorted(newest.items())),
    )


def _sizes(lake_folder: Path) -> dict[int, int]:
    """Inode -> bytes. What a run removes meanwhile does not count."""
    sizes = {}
    for folder, _, names in os.walk(lake_folder):
        for name in names:
            with suppress(FileNotFoundError):
                found = Path(folder, name).lstat()
                if stat.S_ISREG(found.st_mode):
                    sizes[found.st_ino] = found.st_size
    return sizes

"""The way back: readers see an earlier version again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from serving.catalogue import CATALOGUE
from serving.fingerprints import SCHEMA, table_hashes
from serving.versions import (
    ROLLED_BACK,
    PublicationError,
    current_version,
    point_to,
    sweep,
    version_file,
    versions,
)


def roll_back(folder: Path, version: str = "") -> str:
    """Have readers see a kept version again, by default the newest whole one before theirs.

    Returns its name. Every row of it is read before. Raises PublicationError where it is not kept,
    or damaged.
    """
    kept, current = versions(folder), current_version(folder)
    if not kept:
        raise PublicationError("Nothing is published.", "run the chain first")
    if version and version not in kept:
        raise PublicationError(
            f"The version {version} is not kept.", f"choose one of: {', '.join(kept)}"
        )
    # Where the file that readers see is gone, any is better than none.
    earlier = (known for known in reversed(kept) if current is None or known < current)
    chosen = next(_whole(folder, [version] if version else earlier), None)
    if chosen is None:
        others = [known for known in kept if known not in (version, current)]
        raise PublicationError(
            f"The version {version} is damaged."
            if version
            else f"No version before {current or 'the next'} is kept whole.",
            f"choose one of: {', '.join(others)}" if others else "run the chain again",
        )
    sweep(folder)
    point_to(folder, chosen)
    (folder / ROLLED_BACK).touch()
    return chosen


def _whole(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Those of which every mart can be read to its last row."""
    return (name for name in names if _is_whole(version_file(folder, name)))


def _is_whole(path: Path) -> bool:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            told = connection.execute(f"select table_name from {SCHEMA}.{CATALOGUE}").fetchall()
        # Not the hashes, of which a later release may make others: DuckDB's checksums tell.
        return {table for (table,) in told} == {*table_hashes(path)}
    # DuckDB's messages may quote bytes of the file that are no text.
    except (duckdb.Error, UnicodeDecodeError):
        return False

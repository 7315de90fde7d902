"""The versions of the published file: which are kept, which one readers see, and how it changes.

A reader opens the link `marts.duckdb` (or `pilotage.duckdb`, which leads there), and holds on to
the file that it pointed to then. Each step is one rename, so a crash leaves the old version or the
new one.
"""

import os
import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

LINK = "marts.duckdb"
# Before 1.5 DuckDB calls the database of marts.duckdb "marts", like the schema, and finds neither.
LINK_FOR_TOOLS = "pilotage.duckdb"
# There from a rollback to the next publication.
ROLLED_BACK = ".rolled-back"
KEPT_VERSIONS = 3
KEPT_SECONDS = 15 * 60
# To the microsecond: two versions of one second must be told apart by their age, not their hash.
VERSION = re.compile(r"marts-(\d{8}T\d{6}(?:\d{6})?Z-[0-9a-f]{12})\.duckdb")
# Readable for whoever may enter, writable for nobody: a tool that forgets read_only is refused, and
# does not lock out the others.
FOR_READING = 0o444


class PublicationError(Exception):
    """The new version did not pass, or there is no such version; what readers see stays as it is.

    remedy: what to do, where it is not to mend the cause and run again.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


def current_version(folder: Path) -> str | None:
    """The version that marts.duckdb points to; None where nothing is published."""
    link = folder / LINK
    match = VERSION.fullmatch(link.resolve().name) if link.exists() else None
    return match[1] if match else None


def written_at(version: str) -> datetime:
    """When a version was written, as its name tells."""
    digits = re.sub(r"\D", "", version.partition("-")[0])
    return datetime.strptime(digits.ljust(20, "0"), "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)


def is_rolled_back(folder: Path) -> bool:
    """Whether readers see an earlier version because somebody went back to it."""
    return (folder / ROLLED_BACK).exists()


def dangling_links(folder: Path) -> list[Path]:
    """The links of a publication that lead nowhere: readers who open them find nothing."""
    links = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in links if path.is_symlink() and not path.exists())


def versions(folder: Path) -> list[str]:
    """The versions that are kept, oldest first."""
    names = (p.name for p in folder.iterdir()) if folder.is_dir() else ()
    return sorted(match[1] for name in names if (match := VERSION.fullmatch(name)))


def version_file(folder: Path, version: str) -> Path:
    """The file of a version."""
    return folder / f"marts-{version}.duckdb"


def new_version(content: str) -> str:
    """A version's name: when it is written, and a hash of its content."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{content}"


def sweep(folder: Path) -> None:
    """Delete what a killed run left: what it built, and what it spilled beside a version."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (*folder.glob(".building-*"), *folder.glob("marts-*.duckdb.tmp")):
        if stale.is_dir() and not stale.is_symlink():
            shutil.rmtree(stale)
        else:
            stale.unlink()


def remove_stray_wals(folder: Path) -> tuple[str, ...]:
    """Delete the changes that somebody wrote beside a published file; returns the files' names.

    Nobody but a publication writes here. DuckDB would give such a .wal to the next reader.
    """
    found = sorted(folder.glob("*.duckdb.wal"))
    for wal in found:
        wal.unlink()
    return tuple(wal.name for wal in found)


def swap_in(building: Path, folder: Path, version: str) -> None:
    """Make a file that was written and audited the version that readers see."""
    building.chmod(FOR_READING)
    sync(building)
    building.rename(version_file(folder, version))
    point_to(folder, version)
    (folder / ROLLED_BACK).unlink(missing_ok=True)


def point_to(folder: Path, version: str) -> None:
    """Have readers see this version from now on."""
    swap_link(folder / LINK, version_file(folder, version).name)
    if not (folder / LINK_FOR_TOOLS).is_symlink():
        (folder / LINK_FOR_TOOLS).symlink_to(LINK)
    sync(folder)


def swap_link(link: Path, target: str) -> None:
    """Have a link lead to another name of its folder. What it led to was superseded just now.

    Its modification time says so, before the link moves: whoever is killed between the two leaves
    nothing that looks old.
    """
    if link.exists():
        os.utime(link)
    building = link.with_name(f".building-{target}.link")
    building.symlink_to(target)
    building.replace(link)


def is_long_superseded(path: Path) -> bool:
    """Whether no slow reader may still be opening it."""
    return time.time() - path.stat().st_mtime > KEPT_SECONDS


def collect(folder: Path) -> None:
    """Delete old versions, but none that was superseded within the last quarter of an hour."""
    kept = {*versions(folder)[-KEPT_VERSIONS:], current_version(folder)}
    for version in versions(folder):
        path = version_file(folder, version)
        if version not in kept and is_long_superseded(path):
            path.unlink()


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, written through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

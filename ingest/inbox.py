"""The inbox: a folder that other systems drop files into, at any time and at any pace.

A file is taken once it has settled: nobody has changed it for a while and nobody has it open for
writing. It is moved to the deliveries folder under the name it came with; once it has landed and
its original is kept in the lake, it is put away.
"""

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.delivery import files_shown, pending
from ingest.durable import sync
from ingest.errors import DeliveryError
from ingest.incoming import content_hash
from ingest.lake import Lake
from ingest.landed import Landed
from ingest.originals import original_of
from ingest.paths import path_pattern
from ingest.refusals import refusals_in
from ingest.tables import Source, Table


@dataclass(frozen=True)
class Taken:
    """What came out of a look into the inbox: names taken, and names left with the reason."""

    taken: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def take(
    sources: Iterable[Source], inbox: Path, deliveries: Path, lake_folder: Path, settle_seconds: int
) -> Taken:
    """Move every settled file that a declared path names to the deliveries folder."""
    taken, left = [], []
    now = _file_clock(inbox)
    # In this order: what comes in between is no stranger.
    shown = set(files_shown(inbox))
    dropped = _dropped(sources, inbox)
    for path in dropped:
        name = path.relative_to(inbox).as_posix()
        reason = _why_not(path, inbox, now - settle_seconds)
        reason = reason or _move(path, deliveries / name, lake_folder)
        if reason:
            left.append((name, reason))
        else:
            taken.append(name)
    # What has no name of its own yet is on its way to it.
    strange = sorted(path for path in shown.difference(dropped) if path.suffix != ".part")
    reason = "no declared path fits its name"
    left += [(path.relative_to(inbox).as_posix(), reason) for path in strange]
    return Taken(tuple(taken), tuple(left))


def settled_files(sources: Iterable[Source], inbox: Path, settle_seconds: int) -> list[Path]:
    """The files that `take` would take now; nothing is moved."""
    settled_before = _file_clock(inbox) - settle_seconds
    return [path for path in _dropped(sources, inbox) if not _why_not(path, inbox, settled_before)]


def put_away(source: Source, table: Table, deliveries: Path, lake: Lake) -> list[str]:
    """Remove the deliveries that have landed and whose originals the lake keeps; their names."""
    landed = Landed(table, lake.loads(table))
    gone = []
    for delivery in pending(source, table, deliveries):
        load = landed.load_of(delivery, content_hash(delivery.path))
        if load and original_of(lake, load):
            delivery.path.unlink()
            _remove_emptied(delivery.path.parent, deliveries)
            gone.append(delivery.name)
    return gone


def _remove_emptied(folder: Path, deliveries: Path) -> None:
    """Remove what held the last file of an extraction: each has folders of its own."""
    # Whatever else keeps one from going, a file that has just come or its rights, it may stay.
    with suppress(OSError):
        while folder != deliveries:
            folder.rmdir()
            folder = folder.parent


def _dropped(sources: Iterable[Source], inbox: Path) -> list[Path]:
    """The files that any declared path names, each once, in order of their names."""
    patterns = {table.terms.path for source in sources for table in source.tables}
    try:
        found = {path for one in patterns for path, *_ in path_pattern(one).matches(inbox)}
    except ValueError as error:
        raise DeliveryError(
            "a file in the inbox is named after an impossible instant",
            where=f"{error}, under {inbox}",
            remedy="rename or remove it",
        ) from error
    return sorted(found)


def _why_it_waits(target: Path, content_sha256: str, lake_folder: Path) -> str:
    """What was refused is not overwritten: nobody else has it, and it may be another thing."""
    if any(note.content_sha256 == content_sha256 for note in refusals_in(lake_folder, [])):
        return f"another file of that name was refused: remove {target} to let this one come"
    return "another file of that name has not landed yet"


def _file_clock(folder: Path) -> float:
    """The time by the clock that stamps the folder's files: it may be another machine's."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".pilotage-") as probe:
            return Path(probe.name).stat().st_ctime
    except OSError as error:
        raise DeliveryError(
            f"the inbox cannot be used: {error.strerror}",
            where=str(folder),
            remedy="make the folder, or mend its rights: files are taken out of it",
        ) from error


def _why_not(path: Path, inbox: Path, settled_before: float) -> str:
    """Say why a file is not taken; nothing where it can be."""
    parts = [path, *path.parents]
    if any(part.is_symlink() for part in parts[: parts.index(inbox)]):
        return "it is a link, or lies in one: put the file itself there"
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        return "it is no file of its own: put a copy there"
    # The change time too: a copy may be given the modification time of what it was copied from.
    if max(found.st_mtime, found.st_ctime) > settled_before or _is_being_written(path):
        return "it is still being written"
    return ""


def _is_being_written(path: Path) -> bool:
    """Whether a process has the file open for writing, where the system can tell."""
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return False
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        # Granted only while nobody writes; given back with the handle.
        fcntl.fcntl(handle, lease, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def _move(path: Path, target: Path, lake_folder: Path) -> str:
    """Move a file, whole or not at all; say why not where another one has its place."""
    if target.exists():
        there = content_hash(target)
        if there != content_hash(path):
            return _why_it_waits(target, there, lake_folder)
        path.unlink()
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        unfinished = target.with_name(f".{target.name}.part")
        shutil.copyfile(path, unfinished, follow_symlinks=False)
        sync(unfinished)
        unfinished.rename(target)
        path.unlink()
    sync(target.parent)
    return ""

"""What a backup looks like: a plain folder that says of itself what it must hold.

`SHA256SUMS` has a line per file, as `sha256sum --check` reads it; `backup.json` says whose it is
and of when.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from ingest.durable import sync
from ingest.errors import PilotageError

SUMS, NOTE = "SHA256SUMS", "backup.json"
FORMAT = 1
LAKE, COMPANY, DESK = "lake", "company", "last_good_desk"
CHUNK = 1 << 20
NAMES_SHOWN = 5


class BackupError(PilotageError):
    """A backup that cannot be made, or that cannot be trusted; nothing was changed."""


@dataclass(frozen=True)
class Backup:
    """A backup that lies there. sums: path within it -> SHA-256. made_at is aware."""

    folder: Path
    company: str
    made_at: datetime
    sums: Mapping[str, str]

    def files(self, part: str) -> list[str]:
        """The paths of one part of it: lake, company, last_good_desk."""
        return [name for name in self.sums if name.startswith(f"{part}/")]

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum((self.folder / name).stat().st_size for name in self.sums)


def copy_file(source: Path, target: Path) -> str:
    """Copy a file and its hash, written through to the disk; returns the hash.

    Raises BackupError where it changed meanwhile: what was copied may be neither the old file nor
    the new one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    before = source.stat()
    with source.open("rb") as read, target.open("wb") as written:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            written.write(chunk)
    after = source.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise BackupError(
            "A file changed while it was copied.", where=str(source), remedy="Try again."
        )
    sync(target)
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Write down what a backup holds. Raises BackupError for a name that no line can hold."""
    for name in sums:
        if "\n" in name or "\\" in name:
            raise BackupError(
                "The name of a file holds a line break or a backslash.",
                where=repr(name),
                remedy="Rename it.",
            )
    path = folder / SUMS
    path.write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)), encoding="utf-8")
    sync(path)


def read_backup(folder: Path) -> Backup:
    """A backup as it describes itself; nothing of it is verified yet. Raises BackupError."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        told = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        company, made_at = str(told["company"]), datetime.fromisoformat(told["made_at"])
        is_known = told["format"] == FORMAT
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupError(
            "This is no backup, or one that was damaged.",
            where=f"{folder}: {SUMS} and {NOTE} must be there and whole",
            remedy="Name the folder that `pilotage backup` made, or take another backup.",
        ) from error
    if not is_known:
        raise BackupError(
            f"The backup is of another format than {FORMAT}.",
            where=str(folder / NOTE),
            remedy="Restore it with the version of Pilotage that made it.",
        )
    return Backup(folder, company, made_at, _sums(folder, lines))


def _sums(folder: Path, lines: list[str]) -> dict[str, str]:
    sums = {}
    for number, line in enumerate(lines, 1):
        found = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if not found or not _is_within(found[2]):
            raise BackupError(
                "The list of what the backup holds is damaged.",
                where=f"{folder / SUMS}, line {number}",
                remedy="Take another backup.",
            )
        sums[found[2]] = found[1]
    return sums


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.as_posix() == name


def check_whole(backup: Backup) -> None:
    """Read every file. Raises BackupError that names those which are not as they were backed up."""
    odd = list(_odd_files(backup))
    if odd:
        more = f" and {len(odd) - NAMES_SHOWN:,} more" if len(odd) > NAMES_SHOWN else ""
        raise BackupError(
            f"The backup is damaged: {len(odd):,} of its files are not as they were backed up.",
            where=f"{backup.folder}: {'; '.join(odd[:NAMES_SHOWN])}{more}",
            remedy="Take another backup; nothing was changed.",
        )


def _odd_files(backup: Backup) -> Iterator[str]:
    there = {
        path.relative_to(backup.folder).as_posix(): path
        for path in backup.folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    for name in sorted({*backup.sums, *there, NOTE} - {SUMS}):
        path = there.get(name)
        if path is None:
            yield f"{name} is missing"
        elif name not in backup.sums:
            yield f"{name} does not belong to it"
        elif path.is_symlink() or not path.is_file():
            yield f"{name} is no file"
        elif file_hash(path) != backup.sums[name]:
            yield f"{name} was changed"

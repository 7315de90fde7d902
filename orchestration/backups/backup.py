"""A backup: what no run can make again, copied under the company's lock.

The lake, the company's folder (company.yml, desk, models), the book of alerts, the last good desk
and the record of erasures. Warehouse, marts and reports come back with the next run.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from expectations.alerts.book import copy_book
from ingest.durable import sync
from orchestration.backups.archive import (
    COMPANY,
    DESK,
    FORMAT,
    LAKE,
    NOTE,
    Backup,
    BackupError,
    copy_file,
    file_hash,
    read_backup,
    write_sums,
)
from orchestration.company import Company
from orchestration.erasure_record import BEGUN, RECORD

# Of the lake: its link, what the link does not lead to, and scratch.
NOT_COPIED = {"raw", "generations", ".incoming"}
UNFINISHED = (".tmp", ".part", ".new")


def back_up(company: Company, target: Path) -> Backup:
    """Make a backup, there as a whole or not at all. The caller holds the company's lock.

    Raises BackupError where something lies there already, or where it cannot be written.
    """
    _check_place(company, target)
    building = target.with_name(f".{target.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(mode=0o700)
        _write(company, building)
        building.rename(target)
        sync(target.parent)
    except OSError as error:
        raise BackupError(
            f"The backup could not be made: {error.strerror or error}.",
            where=str(error.filename or target),
            remedy="Check the rights and the free space there; nothing half-made is left.",
        ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return read_backup(target)


def company_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files that make a company, and their paths within its folder."""
    for name in ("company.yml", "desk", "models"):
        place = folder / name
        for path in [place, *sorted(place.rglob("*"))]:
            if path.is_file() and not path.name.startswith("."):
                yield path, path.relative_to(folder).as_posix()


def check_lake(company: Company) -> None:
    """Raise BackupError where there is none: before anything is made in the company's home."""
    if not (company.lake / "raw").is_dir():
        raise BackupError(
            "There is no lake to back up: nothing has landed here.",
            where=str(company.lake),
            remedy="Check PILOTAGE_HOME and the company's name, and that the disk is mounted.",
        )


def _check_place(company: Company, target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise BackupError(
            "Something lies where the backup shall be: none is overwritten.",
            where=str(target),
            remedy="Name a folder that is not there yet, with the day in its name, say.",
        )
    if not target.parent.is_dir():
        raise BackupError(
            "The folder that shall hold the backup is not there.",
            where=str(target.parent),
            remedy="Make it, or see whether its disk is mounted.",
        )
    if target.is_relative_to(company.home) or target.is_relative_to(company.folder):
        raise BackupError(
            "The backup would lie within what it is a backup of.",
            where=str(target),
            remedy="Name a folder elsewhere, on another disk at best.",
        )


def _write(company: Company, building: Path) -> None:
    sums = {name: copy_file(path, building / name) for path, name in _files(company)}
    if company.alert_book.is_file():
        copied = building / company.alert_book.name
        copy_book(company.alert_book, copied)
        sync(copied)
        sums[copied.name] = file_hash(copied)
    told = {
        "format": FORMAT,
        "company": company.name,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": version("pilotage"),
    }
    note = building / NOTE
    note.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    sync(note)
    write_sums(building, {**sums, NOTE: file_hash(note)})
    for folder in building.glob("**/"):
        sync(folder)


def _files(company: Company) -> Iterator[tuple[Path, str]]:
    """What is copied as it is, and its path in the backup."""
    for path, name in company_files(company.folder):
        yield path, f"{COMPANY}/{name}"
    for path, name in _lake_files(company.lake):
        yield path, f"{LAKE}/{name}"
    if company.last_good_desk.is_dir():
        for path in sorted(company.last_good_desk.iterdir()):
            yield path, f"{DESK}/{path.name}"
    for name in (RECORD, BEGUN):
        if (company.home / name).is_file():
            yield company.home / name, name


def _lake_files(lake: Path) -> Iterator[tuple[Path, str]]:
    """One generation, and what is beside it."""
    raw = (lake / "raw").resolve()
    for path in _whole(raw):
        yield path, f"raw/{path.relative_to(raw).as_posix()}"
    for path in sorted(lake.iterdir()) if lake.is_dir() else ():
        if path.name not in NOT_COPIED:
            for file in _whole(path):
                yield file, file.relative_to(lake).as_posix()


def _whole(place: Path) -> list[Path]:
    """The files below a folder, or the file itself, without what a killed run left."""
    paths = sorted(place.rglob("*")) if place.is_dir() else [place]
    return [path for path in paths if path.is_file() and not path.name.endswith(UNFINISHED)]

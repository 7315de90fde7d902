"""The way back: a backup becomes a company's data again, as a whole or not at all.

All hashes are verified first. The data are then built beside the company's home and take its place
by rename. What others have put there (deliveries, say) and what readers open stays; the warehouse,
which was built of another lake, does not.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.durable import sync
from orchestration.backups.archive import (
    COMPANY,
    DESK,
    LAKE,
    Backup,
    BackupError,
    check_whole,
    copy_file,
    file_hash,
    read_backup,
)
from orchestration.company import Company, find_company
from orchestration.company_file import company_folder
from orchestration.erasure_record import BEGUN, RECORD, merge_records
from orchestration.lock import LOCK, sole_writer
from orchestration.places import home

# A company's home with one of these is not empty.
HELD = {"lake", "alerts.sqlite", "last_good_desk", "work.duckdb", RECORD, BEGUN}
# What the next run makes anew, and what belongs to the warehouse and the book that were there: the
# journal of another book would be rolled back into the one restored.
NOT_CARRIED = {*HELD, "run_desk", "target"}
# Beside a file of SQLite or DuckDB lie its journals, and beside the book who sends.
BESIDE = ("alerts.sqlite-", "alerts.sqlite.", "work.duckdb.")

SET_ASIDE = ".before-"


@dataclass(frozen=True)
class Restored:
    """What came of it. set_aside: where that which was there lies now; None: nothing was. kept:
    files of the company's folder that differ from the backup's and were let be. due: subjects of
    erasures that the backup does not know: they are to be done again.
    """

    company: Company
    backup: Backup
    set_aside: Path | None
    kept: tuple[str, ...]
    due: tuple[str, ...]


def verified(folder: Path) -> Backup:
    """The backup in that folder, every file of which was read. Raises BackupError."""
    backup = read_backup(folder)
    check_whole(backup)
    return backup


def restore(
    folder: Path, name_or_folder: str, record: Path | None = None, *, replaces: bool = False
) -> Restored:
    """Put a backup in the place of a company's data, and its company folder where none is.

    record: a record of erasures that is newer than the backup's, beside the one that is there.
    replaces: also where the company has data, which are set aside, and over a desk that differs.
    Raises BackupError, before anything is changed, for a backup that is damaged or another
    company's and for a place that is not empty.
    """
    backup = verified(folder)
    if not replaces:
        _refuse_full(home() / backup.company)
    if record is not None and not record.is_file():
        raise BackupError(
            "There is no such record of erasures.",
            where=str(record),
            remedy=f"Name a copy of {RECORD}, of a newer backup, say.",
        )
    _put_company_where_none_is(backup, name_or_folder)
    company = find_company(name_or_folder)
    if company.name != backup.company:
        raise BackupError(
            f"The backup is of the company {backup.company!r}, not of {company.name!r}.",
            where=str(folder),
            remedy="Name the company whose backup it is: --company.",
        )
    with sole_writer(company):
        if not replaces:
            _refuse_full(company.home)
        aside = company.home.with_name(f"{company.name}{SET_ASIDE}{_now()}")
        try:
            due = tuple(_replace_home(company, backup, record, aside))
            differing = list(_differing(company, backup))
            if replaces:
                _replace_company_files(company, backup, differing, aside)
        except OSError as error:
            raise BackupError(
                f"The backup could not be restored to the end: {error.strerror or error}.",
                where=str(error.filename or company.home),
                remedy="Check the rights and the free space there, then restore again; what was "
                f"there is as it was, or lies in {aside}.",
            ) from error
    kept = () if replaces else tuple(differing)
    return Restored(company, backup, aside if aside.is_dir() else None, kept, due)


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"


def _refuse_full(place: Path) -> None:
    if held := sorted(name for name in HELD if (place / name).exists()):
        raise BackupError(
            "The company has data already: nothing was restored over them.",
            where=f"{place}: {', '.join(held)}",
            remedy="Restore to another PILOTAGE_HOME; or, with --replace, set these data aside.",
        )


def _put_company_where_none_is(backup: Backup, name_or_folder: str) -> None:
    """Where a folder is named that is not there, or is empty, it becomes the company's."""
    folder = company_folder(name_or_folder)
    is_empty = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    # A mere name is that of one of our own companies, mistyped perhaps.
    if not is_empty or "/" not in name_or_folder:
        return
    building = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(building, ignore_errors=True)
    for name in backup.files(COMPANY):
        _copy(backup, name, building / name.removeprefix(f"{COMPANY}/"))
    building.rename(folder)
    sync(folder.parent)


def _replace_home(
    company: Company, backup: Backup, record: Path | None, aside: Path
) -> Iterator[str]:
    """Build the new home beside the old one, then change places; yields the erasures that are due.

    The lock's file is one of both, so whoever waits for it waits for this.
    """
    building = company.home.with_name(f".{company.name}.restoring")
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir()
        _build_lake(backup, building / "lake")
        for name in backup.sums:
            if name in (company.alert_book.name, RECORD, BEGUN) or name.startswith(f"{DESK}/"):
                _copy(backup, name, building / name)
        # Of those set aside too: where a restore was killed, nothing else may know.
        known = [company.home, *company.home.parent.glob(f"{company.name}{SET_ASIDE}*")]
        due = merge_records(building, known if record is None else [*known, record])
        _carry_over(company.home, building)
        for folder in building.glob("**/"):
            sync(folder)
        _change_places(company.home, building, aside)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    # One that was but made for the lock.
    if not any(path.name != LOCK for path in aside.rglob("*") if not path.is_dir()):
        shutil.rmtree(aside)
    yield from due


def _change_places(place: Path, building: Path, aside: Path) -> None:
    place.rename(aside)
    try:
        building.rename(place)
    except OSError:
        aside.rename(place)
        raise
    sync(place.parent)


def _build_lake(backup: Backup, lake: Path) -> None:
    """The files of its one generation, and the link that leads there."""
    raw = f"{LAKE}/raw/"
    (lake / "generations/1/raw").mkdir(parents=True)
    for name in backup.files(LAKE):
        within = name.removeprefix(f"{LAKE}/")
        _copy(backup, name, lake / ("generations/1/" + within if name.startswith(raw) else within))
    (lake / "raw").symlink_to("generations/1/raw", target_is_directory=True)


def _copy(backup: Backup, name: str, target: Path) -> None:
    """Raises BackupError where it is no longer what was verified."""
    if copy_file(backup.folder / name, target) != backup.sums[name]:
        raise BackupError(
            "A file of the backup changed while it was restored.",
            where=str(backup.folder / name),
            remedy="Restore again from a backup that nobody writes to.",
        )


def _carry_over(before: Path, building: Path) -> None:
    """What is not of the lake stays, as the same files: what is published, reports, the lock."""
    building.chmod(before.stat().st_mode & 0o7777)
    for path in before.iterdir():
        if path.name in NOT_CARRIED or path.name.startswith(BESIDE):
            continue
        target = building / path.name
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, target, symlinks=True, copy_function=os.link)
        else:
            os.link(path, target, follow_symlinks=False)


def _differing(company: Company, backup: Backup) -> Iterator[str]:
    """The files of the company's folder that the backup has otherwise, or that are gone."""
    for name in backup.files(COMPANY):
        within = name.removeprefix(f"{COMPANY}/")
        path = company.folder / within
        if not path.is_file() or file_hash(path) != backup.sums[name]:
            yield within


def _replace_company_files(company: Company, backup: Backup, names: list[str], aside: Path) -> None:
    """Each by rename; what was there is set aside. Files that the backup lacks are let be."""
    for name in names:
        path = company.folder / name
        if path.is_file():
            copy_file(path, aside / COMPANY / name)
        fresh = path.with_name(f".{path.name}.restoring")
        _copy(backup, f"{COMPANY}/{name}", fresh)
        fresh.replace(path)
        sync(path.parent)

"""Generations of the lake: how what has landed is packed or erased without a moment in between.

Loads are added to the generation that `raw` leads to. A change to what has landed builds the next
one beside it, files that stay being shared, and turns the link in one step. Whoever resolves `raw`
once reads one generation from beginning to end: the one before stays for a while.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.durable import sync
from ingest.errors import LakeError

BUILDING = ".building"
KEPT_SECONDS = 15 * 60


@contextmanager
def next_generation(lake_folder: Path) -> Iterator[Path]:
    """Yield a folder that holds all that `raw` does, to be changed; then `raw` leads to it.

    Files are shared with the generation before: put others in their place, never write into them.
    Where this is left by an exception, or not at all, the lake is as it was.
    """
    begin(lake_folder)
    _move_once(lake_folder)
    generations = lake_folder / "generations"
    building = generations / BUILDING
    shutil.rmtree(building, ignore_errors=True)
    try:
        shutil.copytree(lake_folder / "raw", building / "raw", copy_function=os.link)
        yield building / "raw"
        _turn(lake_folder, building)
    except OSError as error:
        raise LakeError(
            f"the next generation of the lake could not be written: {error.strerror}",
            where=str(error.filename),
            remedy="check the folder's rights and the free space; the lake is as it was",
        ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def drop_old_generations(lake_folder: Path, kept_seconds: float = KEPT_SECONDS) -> int:
    """Remove the generations that nobody should be reading any more; return how many."""
    generations = lake_folder / "generations"
    if not generations.is_dir():
        return 0
    current = (lake_folder / "raw").resolve().parent
    for probe_left in (one for one in generations.iterdir() if one.is_file()):
        probe_left.unlink()
    with tempfile.NamedTemporaryFile(dir=generations) as probe:
        # By the clock that stamps the folders.
        limit = Path(probe.name).stat().st_ctime - kept_seconds
    old = [
        one
        for one in generations.iterdir()
        if one.is_dir() and one != current and (one.name == BUILDING or _left_at(one) <= limit)
    ]
    for one in old:
        shutil.rmtree(one)
    return len(old)


def begin(lake_folder: Path) -> None:
    """Give a lake its first generation; end what a killed run began."""
    if not (lake_folder / "raw").exists():
        first = lake_folder / "generations" / "1"
        (first / "raw").mkdir(parents=True, exist_ok=True)
        _link(lake_folder, first)


def _move_once(lake_folder: Path) -> None:
    """Make a link of the plain folder that `raw` is in a lake from before there were generations.

    Killed between the two steps, the lake gets its link when the next run begins.
    """
    raw = lake_folder / "raw"
    if not raw.is_symlink():
        first = lake_folder / "generations" / "1"
        first.mkdir(parents=True, exist_ok=True)
        raw.rename(first / "raw")
        _link(lake_folder, first)


def _turn(lake_folder: Path, building: Path) -> None:
    for folder in building.rglob("*"):
        if folder.is_dir():
            sync(folder)
    before = (lake_folder / "raw").resolve().parent
    numbers = [int(one.name) for one in building.parent.iterdir() if one.name.isdigit()]
    generation = building.with_name(str(max(numbers) + 1))
    building.rename(generation)
    sync(generation.parent)
    # From now on it ages as one that nobody begins to read.
    (before / ".left").touch()
    _link(lake_folder, generation)


def _left_at(generation: Path) -> float:
    """When a generation was left. One that never was anything else was never read."""
    mark = generation / ".left"
    return mark.stat().st_ctime if mark.exists() else 0.0


def _link(lake_folder: Path, generation: Path) -> None:
    unfinished = lake_folder / ".raw.new"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(Path("generations") / generation.name / "raw", target_is_directory=True)
    unfinished.replace(lake_folder / "raw")
    sync(lake_folder)

"""The machine of the soak test: its clock, its disk, and a command that may be killed."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

import psutil

from orchestration.places import ROOT

MOVED_CLOCK = Path(__file__).with_name("moved_clock.py")
DAY_SECONDS = 24 * 3600
# A line of a run -> the longest wait after it before the kill.
MOMENTS = {
    "fetched koban": 1.0,
    "raw_crm/": 0.5,
    "Prepare": 1.0,
    "Build (dbt)": 10.0,
    "marts/": 3.0,
    "Judge": 2.0,
    "Publish": 1.0,
    "published/marts": 1.0,
}
LONGEST_ORPHAN_SECONDS, LOOK_SECONDS = 600, 0.2
DISK_BYTES = 700 << 20


@dataclass(frozen=True)
class Kill:
    """SIGKILL so long after a line: of the run's process alone, as the system does when memory runs
    out, or of all that it has started, as when the machine goes down."""

    line: str
    wait: float
    is_of_all: bool


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it took. code: negative where a signal ended it."""

    code: int
    told: str
    peak_kb: int = 0
    cpu_seconds: float = 0


def some_kill(draw: Random) -> Kill:
    line = draw.choice([*MOMENTS])
    return Kill(line, draw.random() * MOMENTS[line], draw.random() < 0.5)


def call(
    arguments: list[str],
    clock: datetime,
    environment: dict[str, str],
    *,
    kill: Kill | None = None,
    largest_file: int | None = None,
) -> Outcome:
    """Call the command line at that time. It has ended when all that it started has ended, too."""
    process = subprocess.Popen(
        [sys.executable, str(MOVED_CLOCK), clock.isoformat(), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    if largest_file is not None:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest_file, largest_file))
    assert process.stdout
    told = []
    for line in process.stdout:
        told.append(line)
        if kill and kill.line in line:
            time.sleep(kill.wait)
            (os.killpg if kill.is_of_all else os.kill)(process.pid, signal.SIGKILL)
            kill = None
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wait_for_orphans(process.pid)
    cpu = usage.ru_utime + usage.ru_stime
    return Outcome(process.returncode, "".join(told), usage.ru_maxrss, cpu)


def wait_for_orphans(group: int) -> None:
    """What a killed process had started goes on for a while; a day lies before the next run."""
    for _ in range(int(LONGEST_ORPHAN_SECONDS / LOOK_SECONDS)):
        if not _works(group):
            return
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"{LONGEST_ORPHAN_SECONDS} s later something of {group} still runs")


def _works(group: int) -> bool:
    """Whether a process of the group goes on; one that nobody has waited for does not."""
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                return True
    return False


@dataclass(frozen=True)
class Disk:
    """Where the company's data lie: a small disk of its own, where the tests may mount one."""

    folder: Path
    is_mounted: bool

    @contextmanager
    def filled(self, left: int) -> Iterator[int | None]:
        """So few bytes are left meanwhile. Where there is no small disk to fill, no file may grow
        beyond that (the number that is given): the same refusals, in other words."""
        if not self.is_mounted:
            yield left
            return
        ballast = self.folder / "somebody elses.bin"
        free = os.statvfs(self.folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - left)
        try:
            yield None
        finally:
            ballast.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A disk in memory, mounted there, which only root may do; else but the folder."""
    folder.mkdir()
    size = f"size={DISK_BYTES}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    try:
        yield Disk(folder, mounted.returncode == 0)
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


def age(folder: Path) -> None:
    """A day goes by for the files there, whose times are the system's."""
    for path in folder.rglob("*"):
        told = path.lstat()
        times = (told.st_atime - DAY_SECONDS, told.st_mtime - DAY_SECONDS)
        os.utime(path, times, follow_symlinks=False)

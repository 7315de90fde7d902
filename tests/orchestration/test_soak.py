"""A month of unattended days, a run each: bad files, a dead source, full disks, SIGKILL, a clock
that goes wrong, the night in which clocks are put forward.

Each day ends in a published version that says what the books beside it say, or in an alert or a
message that says why not; and nothing that a run takes or leaves grows from day to day. Only
simulated are the clock (moved_clock.py), the full disk where none may be mounted (soak_machine.py),
and the age of what was published: between two days its files are made a day older.

SOAK_SEED=<number> repeats a month, SOAK_DAYS=<number> makes it shorter.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest
from loopback import Api
from soak_company import STARTED, Firm, Sales, local
from soak_days import LATE_HOURS, Measured, Soak, live, told
from soak_machine import Disk, age, small_disk

from serving.fingerprints import table_hashes

DAYS = int(os.environ.get("SOAK_DAYS") or 30)
NIGHT_OF_23_HOURS = date(2025, 3, 30)
# Fault -> on how many days of the thirty.
OFTEN = {
    "torn row": 2,
    "missing column": 2,
    "dead source": 2,
    "full disk": 2,
    "killed": 5,
    "clock ahead": 1,
    "clock back": 1,
}
# They tell when and by which load something came, and what was told of it meanwhile.
OF_THE_WAY = {"fct_loads", "fct_alerts", "fct_check_results", "fct_drift_events"}
# What the last days may take, of what the first ones took.
SHARES = {"peak_kb": 1.3, "cpu_seconds": 1.5, "kept_bytes": 1.3, "kept_files": 1.1}


def days_of_the_month() -> list[date]:
    first = NIGHT_OF_23_HOURS - timedelta(days=DAYS // 2)
    return [first + timedelta(days=number) for number in range(DAYS)]


def planned(draw: random.Random, days: list[date]) -> dict[date, str]:
    """Day -> what goes wrong on it. Half of the days are healthy, among them the first, the last
    and the short one."""
    faults = [fault for fault, number in OFTEN.items() for _ in range(number)]
    may_fail = [day for day in days[1:-1] if day != NIGHT_OF_23_HOURS]
    chosen = draw.sample(may_fail, min(len(faults), len(days) // 2, len(may_fail)))
    return dict(zip(chosen, draw.sample(faults, len(chosen)), strict=True))


@pytest.fixture
def soak(tmp_path: Path) -> Iterator[Soak]:
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    draw = random.Random(seed)
    firm = Firm(tmp_path / "firm" / "soak", Sales(draw))
    firm.found()
    late = f"k_late,freshness,koban.deals,,company,,,{LATE_HOURS},,,error,data_team,Asked daily.\n"
    with (firm.folder / "desk" / "thresholds.csv").open("a", encoding="utf-8") as desk:
        desk.write(late)
    api = Api(firm.answer)
    with small_disk(tmp_path / "home") as disk:
        how = "one in memory" if disk.is_mounted else "RLIMIT_FSIZE, as no disk may be mounted"
        print(f"SOAK_SEED={seed}; the full disk is {how}")
        yield Soak(firm, disk, api, draw, begun=days_of_the_month()[0])
    api.close()


@pytest.mark.long
def test_each_day_of_a_month_ends_in_what_is_right_or_in_a_reason(
    soak: Soak, tmp_path: Path
) -> None:
    days = days_of_the_month()
    faults = planned(soak.draw, days)
    soak.firm.sales.begin(days[0])
    for day in days:
        print(f"{day} {faults.get(day, 'healthy')}", flush=True)
        live(soak, day, faults.get(day, ""))
        age(soak.data / "published")

    assert told(soak) == soak.firm.books.pipeline(days[-1])
    assert_nothing_creeps(soak.measured)
    assert_as_if_undisturbed(soak, days[-1], tmp_path)


def assert_nothing_creeps(measured: list[Measured]) -> None:
    """By the medians of the first and the last third of the healthy days. The very first runs are
    left out: dbt reads the whole project, and not all versions that are kept lie there yet."""
    runs = measured[2:]
    third = len(runs) // 3
    for name, share in SHARES.items() if third else ():
        taken = [getattr(run, name) for run in runs]
        first, last = median(taken[:third]), median(taken[-third:])
        assert last <= first * share, f"{name}: {taken}"


def assert_as_if_undisturbed(soak: Soak, day: date, tmp_path: Path) -> None:
    """A company that is given all the deliveries at once has the same tables."""
    (tmp_path / "calm").mkdir()
    calm = replace(soak, disk=Disk(tmp_path / "calm", is_mounted=False))
    done = calm.call("run", "--no-fetch", "--as-of", str(day), clock=local(day, STARTED))
    assert done.code == 0, done.told
    seen, expected = table_hashes(soak.published), table_hashes(calm.published)
    differing = {table for table in expected if seen[table] != expected[table]}
    assert differing <= OF_THE_WAY, differing

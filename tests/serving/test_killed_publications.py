"""A publisher that is killed at any instant leaves a whole file, and the next one makes it good."""

import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from publishing import (
    KILLED,
    build,
    check_whole,
    done_in_child,
    ended,
    in_child,
    publish_and_die,
    publish_number,
)

from serving.versions import current_version

# Every step of a publication by the function that does it, in order.
STEPS = [
    "publication.sweep",
    "publication.compare_days",
    "publication._write",
    "publication._write_catalogue",
    "publication.write_days",
    "publication._describe_itself",
    "publication._audit",
    "publication.swap_in",
    "versions.sync",
    "versions.point_to",
    "publication.collect",
]
ROWS = 20_000
SEED = 20261129


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, Path]:
    """A warehouse, and the folder where it is published."""
    warehouse, folder = tmp_path / "work.duckdb", tmp_path / "published"
    done_in_child(partial(build, warehouse, 0, ROWS))
    done_in_child(partial(publish_number, warehouse, folder, 0))
    return warehouse, folder


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_a_step_readers_have_a_whole_file_and_the_next_run_recovers(published, step):
    warehouse, folder = published
    assert ended(in_child(partial(publish_and_die, warehouse, folder, 1, step))) == KILLED
    done_in_child(partial(check_whole, folder, warehouse))

    done_in_child(partial(publish_number, warehouse, folder, 1))

    done_in_child(partial(check_whole, folder, warehouse))
    assert not [*folder.glob(".building-*")]


@pytest.mark.parametrize(
    "kills", [pytest.param(25), pytest.param(300, marks=pytest.mark.long, id="at length")]
)
def test_killed_at_random_instants_readers_have_a_whole_file(published, kills):
    warehouse, folder = published
    draw = random.Random(SEED)
    usual, building = _durations(folder, partial(publish_number, warehouse, folder, 1))
    in_building = 0
    for number in range(2, kills + 2):
        known = {*folder.glob(".building-*")}
        publisher = in_child(partial(publish_number, warehouse, folder, number))
        # Four of five wait for the file to be begun: most of the time goes before it.
        if number % 5:
            _wait_for_building(folder, known, patience=10 * usual)
            time.sleep(draw.uniform(0, 0.7 * building))
        else:
            time.sleep(draw.uniform(0, usual))
        os.kill(publisher, signal.SIGKILL)
        was_killed = ended(publisher) == KILLED
        in_building += was_killed and bool({*folder.glob(".building-*")} - known)
        done_in_child(partial(check_whole, folder, warehouse))
    assert in_building >= 0.6 * kills, f"seed {SEED}: only {in_building} of {kills} in mid-build"

    done_in_child(partial(publish_number, warehouse, folder, kills + 2))
    done_in_child(partial(check_whole, folder, warehouse))
    assert not [*folder.glob(".building-*")]
    assert current_version(folder)


def _durations(folder: Path, publishing: Callable[[], object]) -> tuple[float, float]:
    """Seconds that an undisturbed publication takes, and those from its file's beginning on."""
    started = time.monotonic()
    publisher = in_child(publishing)
    _wait_for_building(folder, set(), patience=60)
    begun = time.monotonic()
    assert ended(publisher) == 0
    return time.monotonic() - started, time.monotonic() - begun


def _wait_for_building(folder: Path, known: set[Path], patience: float) -> None:
    """Until a file is begun beside those known: what a killed one left is swept before."""
    limit = time.monotonic() + patience
    while not {*folder.glob(".building-*")} - known and time.monotonic() < limit:
        time.sleep(0.001)

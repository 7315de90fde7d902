"""Readers of three kinds while one version after the other is published: none fails, none sees half
of a version or an older one than before; and what does not pass reaches none of them."""

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pytest
from publishing import FIRST_AS_OF_AT, build, done_in_child, publish_number

from serving.versions import PublicationError

ROWS = 2_000
SEED = 20261129
KINDS = ("short", "held", "attached")


@contextmanager
def opened(kind: str, link: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection of that kind, and the name of the schema in it."""
    if kind == "attached":
        with duckdb.connect() as connection:
            connection.execute(f"attach '{link}' as sales (read_only)")
            yield connection, "sales.marts"
    else:
        with duckdb.connect(str(link), read_only=True) as connection:
            yield connection, "marts"


def passes(kind: str, link: Path, end: Path) -> tuple[int, int, list[str]]:
    """Read until the file `end` is there; passes, versions seen, and what was wrong."""
    done, seen, faults = 0, -1, []
    versions = set()
    while not end.exists():
        try:
            with opened(kind, link) as (connection, schema):
                for _ in range(20 if kind == "held" else 1):
                    number = read(connection, schema)
                    if number < seen:
                        faults.append(f"backward: {number} after {seen}")
                    seen = number
                    versions.add(number)
                    done += 1
                    if kind == "held":
                        time.sleep(0.05)
        except (duckdb.Error, AssertionError) as error:
            faults.append(f"{type(error).__name__}: {error}")
    return done, len(versions), faults


def read(connection: duckdb.DuckDBPyConnection, schema: str) -> int:
    """The number of the version; every row and the table `published` must agree on it."""
    deals = f"select min(build), max(build), count(*) from {schema}.fct_deals"
    lowest, highest, rows = connection.execute(deals).fetchall()[0]
    ((as_of_at, tables),) = connection.execute(
        f"select min(as_of_at), count(*) from {schema}.published"
    ).fetchall()
    number = (as_of_at - FIRST_AS_OF_AT).days
    assert (lowest, highest, rows, tables) == (number, number, ROWS, 2), "torn"
    return number


@pytest.mark.parametrize(
    ("publications", "seconds"),
    [pytest.param(4, 0), pytest.param(25, 60, marks=pytest.mark.long, id="a minute")],
)
def test_eight_readers_see_whole_versions_in_order(tmp_path, publications, seconds):
    warehouse, folder, end = tmp_path / "work.duckdb", tmp_path / "published", tmp_path / "end"

    def publish_next(number: int) -> None:
        build(warehouse, number, ROWS)
        publish_number(warehouse, folder, number)

    done_in_child(partial(publish_next, 0))
    until = time.monotonic() + seconds
    with get_context("spawn").Pool(8) as pool:
        readers = [
            pool.apply_async(passes, (KINDS[i % len(KINDS)], folder / "pilotage.duckdb", end))
            for i in range(8)
        ]
        number = 0
        while number < publications or time.monotonic() < until:
            number += 1
            done_in_child(partial(publish_next, number))
        end.touch()
        results = [reader.get() for reader in readers]
    faults = [fault for _, _, found in results for fault in found]
    assert not faults, faults[:3]
    assert sum(done for done, _, _ in results) > 0
    assert max(versions for _, versions, _ in results) > 1


def test_what_fails_a_blocking_check_moves_nothing(tmp_path):
    warehouse, folder = tmp_path / "work.duckdb", tmp_path / "published"
    build(warehouse, 0, ROWS)
    publish_number(warehouse, folder, 0)
    before = published_hash(folder)
    draw = random.Random(SEED)
    for number in range(1, 51):
        statuses = [draw.choice(["passed", "warned"]) for _ in range(draw.randint(1, 9))]
        statuses[draw.randrange(len(statuses))] = draw.choice(["failed", "not_evaluated"])
        build(warehouse, number, draw.randint(1, ROWS), tuple(statuses))
        with pytest.raises(PublicationError, match="Blocking checks failed"):
            publish_number(warehouse, folder, number)
        assert published_hash(folder) == before, f"seed {SEED}, failure {number}"


def published_hash(folder: Path) -> tuple[str, str]:
    """Where the link leads, and what is there."""
    file = (folder / "marts.duckdb").resolve()
    return file.name, hashlib.sha256(file.read_bytes()).hexdigest()

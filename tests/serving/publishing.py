"""Publications in processes of their own, which a test may kill; forked, they start at once.

The test itself must not open DuckDB before it forks: its threads do not survive that.
"""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

import serving.publication
import serving.versions
from serving.fingerprints import table_hashes
from serving.publication import publish

FIRST_AS_OF_AT = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC without zone, as everywhere
MARTS = ("fct_check_results", "fct_deals")
KILLED = -signal.SIGKILL


def in_child(work: Callable[[], object]) -> int:
    """Start a process that does the work; returns its id."""
    process = os.fork()
    if process:
        return process
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(process: int) -> int:
    """Wait for a process; 0 is well, negative a signal."""
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def done_in_child(work: Callable[[], object]) -> None:
    """Do the work in a process of its own, which must end well."""
    assert ended(in_child(work)) == 0


def build(warehouse: Path, number: int, rows: int, statuses: tuple[str, ...] = ("passed",)) -> None:
    """A judged warehouse of one mart, every row of which says which build it is of."""
    results = ", ".join(f"('check {i}', '{status}', true)" for i, status in enumerate(statuses))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create or replace table marts.fct_deals as
            select 'd' || i as deal_id, {number} as build from range({rows}) as deals (i);
            create or replace table marts.fct_check_results as
            select * from (values {results}) as results (check_name, status, is_blocking)
            """
        )


def publish_number(warehouse: Path, folder: Path, number: int) -> None:
    """Publish what the warehouse holds, as of another instant for each number."""
    publish(
        warehouse,
        folder,
        company="demo",
        as_of_at=FIRST_AS_OF_AT + timedelta(days=number),
        marts=MARTS,
    )


def publish_and_die(warehouse: Path, folder: Path, number: int, before: str) -> None:
    """Publish, and be killed when the step `before` (module.function) is about to begin."""
    module, function = before.rsplit(".", 1)

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(
        {"publication": serving.publication, "versions": serving.versions}[module], function, die
    )
    publish_number(warehouse, folder, number)


def check_whole(folder: Path, warehouse: Path) -> None:
    """The published file is there and holds what the warehouse does."""
    assert table_hashes(folder / "marts.duckdb") == table_hashes(warehouse)
    with duckdb.connect(str(folder / "pilotage.duckdb"), read_only=True) as connection:
        counted = connection.execute(
            "select count(*), count(distinct as_of_at) from marts.published"
        )
        assert counted.fetchall() == [(len(MARTS), 1)]

"""Ctrl-C: one line, exit code 130, nothing half-written; the next run goes on as if nothing was."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from tiny_company import EXPORT, Tiny

from expectations.alerts.book import open_book
from expectations.alerts.entries import all_alerts
from orchestration.terminal import (
    BLOCKED,
    INTERRUPTED,
    ServingError,
    plain_errors,
    was_interrupted,
)

PILOTAGE = Path(sys.executable).with_name("pilotage")


@pytest.fixture
def start(bare_tiny: Tiny) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a command as a shell does, with a process group of its own: Ctrl-C hits all of it."""
    started = []

    def starting(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [PILOTAGE, *arguments, "--company", str(bare_tiny.folder)],
            env={**os.environ, "PILOTAGE_HOME": str(bare_tiny.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def interrupted(process: "subprocess.Popen[str]", at: str, times: int) -> str:
    """What is told from the moment on at which a line says `at` and Ctrl-C is pressed."""
    assert process.stdout
    for line in process.stdout:
        if at in line:
            break
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate()
    return told


def test_a_run_that_is_stopped_says_so_in_one_line_and_the_next_one_publishes(
    start, tiny, call_pilotage
):
    tiny.deliver("2025-01-10", EXPORT)
    for times in (1, 2):
        run = start("run")
        told = interrupted(run, "Build (dbt)", times)
        assert told.strip() == "Stopped. What was published stays; the next run goes on from here."
        assert run.returncode == 130
        assert not (tiny.data / "published/marts.duckdb").exists()

    done = call_pilotage(tiny.home, "run", "--company", str(tiny.folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tiny.data / "published/marts.duckdb").is_file()


def test_a_landing_that_is_stopped_leaves_nobody_reading_the_project(
    start, bare_tiny, call_pilotage
):
    bare_tiny.deliver("2025-01-10", EXPORT)
    run = start("run")
    told = interrupted(run, "raw_invoicing/", 1)
    assert told.splitlines()[-1].startswith("Stopped.")
    assert run.returncode == 130
    # Whoever still writes there would be another one beside the next run.
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, signal.SIGTERM)
    assert not (bare_tiny.target / "manifest.fingerprint").exists()


# In a process of its own: a query that was stopped goes on in a thread of DuckDB's until that ends.
STOPPED_IN_DUCKDB = """
import os, signal, threading, time
import duckdb, typer
from orchestration.alerting import failures_told
from orchestration.company import find_company
from orchestration.terminal import plain_errors

def press() -> None:
    # Again where the first one was swallowed by native code that is still being loaded.
    time.sleep(0.3)
    while True:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)

def work(company: str) -> None:
    with plain_errors(), failures_told(find_company(company)):
        threading.Thread(target=press, daemon=True).start()
        duckdb.sql("select sum(random()) from range(1_000_000_000_000)").fetchall()

app = typer.Typer()
app.command()(work)
app()
"""


def test_ctrl_c_while_duckdb_works_stops_a_run_and_is_no_failure_of_it(tiny, call_pilotage):
    tiny.deliver("2025-01-10", EXPORT)
    assert call_pilotage(tiny.home, "ingest", "--company", str(tiny.folder)).returncode == 0
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED_IN_DUCKDB, str(tiny.folder)],
        env={**os.environ, "PILOTAGE_HOME": str(tiny.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert stopped.returncode == INTERRUPTED, stopped.stderr
    assert stopped.stderr.strip().startswith("Stopped.")
    with open_book(tiny.data / "alerts.sqlite") as book:
        assert not all_alerts(book)


# Ctrl-C while a weak reference is cleaned up: Python drops what is raised there.
PRESSED_IN_CLEAN_UP = """
import signal, time, weakref
import typer
from orchestration.terminal import keep_interrupts, plain_errors

class Thing: ...

def press(_) -> None:
    signal.raise_signal(signal.SIGINT)

def work() -> None:
    keep_interrupts()
    with plain_errors():
        thing = Thing()
        watched = weakref.ref(thing, press)
        del thing
        time.sleep(60)

app = typer.Typer()
app.command()(work)
app()
"""


def test_ctrl_c_that_python_would_drop_stops_all_the_same():
    stopped = subprocess.run(
        [sys.executable, "-c", PRESSED_IN_CLEAN_UP], capture_output=True, text=True, check=False
    )
    assert (stopped.returncode, stopped.stderr.strip()[:8]) == (INTERRUPTED, "Stopped.")


def test_a_full_disk_after_publication_does_not_hide_that_it_was_published(capsys):
    told = "The marts are published, but not as Parquet: [Errno 28] No space left on device"
    with pytest.raises(typer.Exit) as ended, plain_errors():
        raise ServingError(told, where="published", remedy="make room")
    assert ended.value.exit_code == BLOCKED
    assert "The marts are published" in capsys.readouterr().err


def test_errors_that_lead_in_a_circle_are_no_ctrl_c():
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert not was_interrupted(first)
    second.__cause__ = KeyboardInterrupt()
    assert was_interrupted(first)


def test_what_duckdb_makes_of_ctrl_c_is_one_and_other_errors_of_its_are_none():
    told = ValueError("the publication failed")
    told.__cause__ = RuntimeError("Query interrupted")
    assert was_interrupted(told)
    assert not was_interrupted(RuntimeError("interrupted by nobody"))

"""`pilotage ... | head -1`: a reader who has had enough is no error, and stops no run."""

import os
import subprocess
import sys
from pathlib import Path

from tiny_company import EXPORT, Tiny

PILOTAGE = Path(sys.executable).with_name("pilotage")


def start(tiny: Tiny, *arguments: str, output: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PILOTAGE, *arguments, "--company", str(tiny.folder)],
        env={**os.environ, "PILOTAGE_HOME": str(tiny.home)},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_that_nobody_watches_any_more_publishes(tiny: Tiny) -> None:
    tiny.deliver("2025-01-10", EXPORT)
    run = start(tiny, "run", output=subprocess.PIPE)
    assert run.stdout
    assert run.stdout.readline()
    run.stdout.close()
    _, errors = run.communicate()
    assert run.returncode == 0, errors
    assert "BrokenPipe" not in errors
    assert (tiny.data / "published/marts.duckdb").is_file()


def test_a_command_whose_output_is_closed_does_its_work_and_ends_quietly(tiny: Tiny) -> None:
    tiny.deliver("2025-01-10", EXPORT)
    read_end, write_end = os.pipe()
    os.close(read_end)
    for command in ("ingest", "quarantine", "alerts list", "alerts send"):
        unread = start(tiny, *command.split(), output=write_end)
        _, errors = unread.communicate()
        assert (command, errors, unread.returncode) == (command, "", 0)
    os.close(write_end)
    assert list((tiny.data / "lake/raw/invoicing").rglob("*.parquet"))

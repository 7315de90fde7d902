"""Folders and files that may not be written: named, with what to do, in every command that writes.
So is what may not be read by a question.

The tests' own user may be root, who may do anything: the commands then run without that power.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from powerless import without_roots_power

PILOTAGE = Path(sys.executable).with_name("pilotage")


def refusal(home: Path, *arguments: str) -> str:
    """What a command that ends with 2 says; no stack trace."""
    done = subprocess.run(
        [PILOTAGE, *arguments],
        env={**os.environ, "PILOTAGE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=without_roots_power,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "unexpected" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "what to do" in done.stderr
    return done.stderr


WRITING = {
    "run": ["run"],
    "demo-deliveries": ["demo-deliveries"],
    "ingest": ["ingest"],
    "dbt": ["dbt", "--as-of", "2025-12-31", "ls"],
    "contract": ["contract"],
    "alerts": ["alerts", "list"],
}


@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING)
def test_a_company_folder_without_the_right_to_write_is_named(tmp_path, arguments):
    folder = tmp_path / "demo"
    folder.mkdir(mode=0o555)
    assert f"where: {folder}" in refusal(tmp_path, *arguments)


def test_a_home_without_the_right_to_write_is_named(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    assert f"where: {home}/demo" in refusal(home, "run")
    assert f"where: {home}/dagster" in refusal(home, "dev")


def test_whatever_else_may_not_be_written_is_named_too(tmp_path):
    deliveries, warehouse = tmp_path / "demo/deliveries", tmp_path / "demo/work.duckdb"
    deliveries.mkdir(parents=True, mode=0o555)
    assert f"where: {deliveries}/" in refusal(tmp_path, "demo-deliveries", "--scale", "0.01")

    deliveries.chmod(0o755)
    warehouse.touch(mode=0o444)
    assert f"where: {warehouse}" in refusal(tmp_path, "run", "--scale", "0.01")


def test_a_file_without_the_right_to_read_is_named(tmp_path):
    published, warehouse = tmp_path / "demo/published/marts.duckdb", tmp_path / "demo/work.duckdb"
    published.parent.mkdir(parents=True)
    for path, arguments in ((published, ()), (warehouse, ("--warehouse",))):
        path.touch(mode=0o000)
        told = refusal(tmp_path, "query", *arguments, "select 1")
        assert f"where: {path}" in told
        assert "Give your user the right to it" in told

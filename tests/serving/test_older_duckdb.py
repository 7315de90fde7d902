"""The published file opens in older DuckDBs, installed for the test, which read every mart."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

READ_EVERYTHING = """
import json, sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
    ).fetchall()
    counted = "select count(*), count(columns(*)) from marts."
    rows = {name: connection.execute(counted + name).fetchone() for name, _ in tables}
    (day,) = connection.execute(
        "select max(date_day) from marts.dim_dates where is_as_of_day"
    ).fetchone()
    asked = {
        name: connection.execute(f"select count(*) from {name}", given).fetchone()[0]
        for name, given in {
            "pipeline_as_of(?)": [day], "pipeline_waterfall(?, ?)": [day, day],
            "forecast_as_of(?)": [day],
        }.items()
    }
print(json.dumps([
    duckdb.__version__, {name: found[0] for name, found in rows.items()},
    [name for name, comment in tables if not comment], asked,
]))
"""


def read_with(packages: Path | None, published: Path) -> tuple[str, dict, list, dict]:
    """Read every table with the DuckDB in a folder of packages, by default our own."""
    environment = {**os.environ, **({"PYTHONPATH": str(packages)} if packages else {})}
    done = subprocess.run(
        [sys.executable, "-c", READ_EVERYTHING, str(published)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


@pytest.mark.parametrize("version", ["1.3.2", "1.4.4"])
def test_an_older_duckdb_reads_every_mart(demo_run, tmp_path, version):
    install = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--target", str(tmp_path), f"duckdb=={version}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if install.returncode:
        pytest.skip(f"duckdb {version} could not be installed: {install.stderr[-300:]}")
    published = demo_run.published.with_name("pilotage.duckdb")

    read, rows, untold, asked = read_with(tmp_path, published)

    assert read == version
    assert (rows, untold, asked) == read_with(None, published)[1:]
    assert len(rows) > 80
    assert untold == []
    assert min(asked.values()) > 0

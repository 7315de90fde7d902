"""Runs a real company's whole chain once per test module; tests read only what it published."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
PILOTAGE = Path(sys.executable).with_name("pilotage")


@dataclass(frozen=True)
class Published:
    """A company's published marts, as any reader opens them."""

    path: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of one query. Money comes as Decimal, days as date."""
        with duckdb.connect(self.path, read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        """The only row of one query."""
        (row,) = self.rows(sql)
        return row


@pytest.fixture(scope="module")
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Published:
    """What `pilotage run` publishes for the company in the module's folder, as of its AS_OF."""
    if not os.environ.get("REAL_DATA_DIR"):
        pytest.skip("REAL_DATA_DIR is not set: the real files of this company are not here.")
    folder = Path(request.path).parent
    home = tmp_path_factory.mktemp(folder.name)
    run = subprocess.run(
        [PILOTAGE, "run", "--company", folder, "--as-of", request.module.AS_OF],
        cwd=ROOT,
        env={
            **os.environ,
            # A relative folder is meant from where the tests were started, not from ROOT.
            "REAL_DATA_DIR": str(Path(os.environ["REAL_DATA_DIR"]).resolve()),
            "PILOTAGE_HOME": str(home),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return Published(home / folder.name / "published" / "marts.duckdb")

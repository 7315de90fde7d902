"""Companies made for one test, and the command line as a person would call it for them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Company:
    """A company's folder, with the demo's desk; its deliveries and its home lie beside it."""

    folder: Path

    @property
    def deliveries(self) -> Path:
        return self.folder.parent / "deliveries"

    def call(self, *arguments: str, code: int = 0) -> str:
        """Call the command line as a person would; what it told. `code`: as it must exit."""
        command, *rest = arguments
        done = subprocess.run(
            [Path(sys.executable).with_name("pilotage"), command, "--company", self.folder, *rest],
            cwd=ROOT,
            env={**os.environ, "PILOTAGE_HOME": str(self.folder.parent / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode == code, told
        return told

    def rows(self, entity: str, columns: str) -> list[tuple[Any, ...]]:
        """All rows of a conformed entity."""
        warehouse = self.folder.parent / "home" / self.folder.name / "work.duckdb"
        with duckdb.connect(str(warehouse), read_only=True) as con:
            relation = f"intermediate.int_{entity}_conformed"
            return con.execute(f"select {columns} from {relation} order by all").fetchall()


def found_company(home: Path, name: str, *sources: str) -> Company:
    """Make the folder of a company that has these sources."""
    folder = home / name
    shutil.copytree(ROOT / "dbt_project/companies/demo/desk", folder / "desk")
    settings = {
        "name": name,
        "deliveries": str(home / "deliveries"),
        "sources": list(sources),
        "business_tz": "Europe/Paris",
        "reporting_currency": "EUR",
        "fiscal_year_start_month": 1,
    }
    (folder / "company.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (home / "deliveries").mkdir()
    return Company(folder)

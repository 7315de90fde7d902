"""Where things lie: the checkout, the dbt project and the home of the companies' data."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = ROOT / "dbt_project"
COMPANIES = DBT_PROJECT / "companies"
DAGSTER_SETTINGS = ROOT / "orchestration" / "dagster.yaml"


def home() -> Path:
    """The folder that holds every company's data: PILOTAGE_HOME, else var/ in the checkout."""
    return Path(os.environ.get("PILOTAGE_HOME") or ROOT / "var").expanduser().resolve()


def dbt_executable() -> str:
    """The dbt that belongs to the running Python, whatever PATH says."""
    return str(Path(sys.executable).with_name("dbt"))

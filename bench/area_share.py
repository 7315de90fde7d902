"""Share of a build's CPU seconds that one area takes, or several together.

    .venv/bin/python bench/area_share.py [area,area...] [company]

The company has been built (`make run`, or `SCALE=50 make demo`). In a scratch copy of its warehouse
dbt builds everything, and then the areas' models (models/*/<area>) and their checks alone; of both
what dbt needs to start and to compile the same is taken off. It reports; it judges nothing.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from orchestration.as_of import resolve_as_of
from orchestration.company import Company, find_company
from orchestration.dbt_settings import dbt_arguments, dbt_environment
from orchestration.places import DBT_PROJECT, dbt_executable

BUILD = ("build", "--exclude-resource-type", "unit_test")


def cpu_seconds(company: Company, *arguments: str) -> float:
    """CPU seconds of dbt and what it starts."""
    with duckdb.connect(str(company.warehouse), read_only=True) as connection:
        extracted = connection.execute(
            "select min(known_at), max(known_at) from intermediate.int_opportunities_loaded"
        ).fetchone()
    assert extracted
    as_of = resolve_as_of(None, company.business_tz, *extracted)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 our own dbt
        [dbt_executable(), *dbt_arguments(company, list(arguments))],
        cwd=DBT_PROJECT,
        env={**os.environ, **dbt_environment(company, as_of)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def built(company: Company, *selection: str) -> float:
    """CPU seconds of building a selection, without dbt's start and compilation."""
    started = cpu_seconds(company, "compile", "--exclude", "test_type:unit", *selection)
    return cpu_seconds(company, *BUILD, *selection) - started


def main(areas: str = "forecast", name: str = "demo") -> None:
    """Build both and print what they cost."""
    company = find_company(name)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        shutil.copy(company.warehouse, home / company.warehouse.name)
        (home / "lake").symlink_to(company.lake)
        company = replace(company, home=home)
        folders = [
            f"path:models/{room}/{area}"
            for room in ("intermediate", "marts")
            for area in areas.split(",")
            if (DBT_PROJECT / "models" / room / area).is_dir()
        ]
        whole = built(company)
        part = built(company, "--select", *folders)
    print(f"CPU seconds without dbt's start: {areas} {part:.1f} of {whole:.1f}, {part / whole:.1%}")


if __name__ == "__main__":
    main(*sys.argv[1:])

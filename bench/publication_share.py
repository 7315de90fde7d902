"""Share of a run's CPU seconds that publishing takes: the file, Parquet and the report.

    .venv/bin/python bench/publication_share.py [scale]

Runs the demo company from nothing in a scratch home (SCALE=50 takes 10 GB there), then publishes
from its warehouse once more, into an empty folder: as every mart is new there, that costs what it
cost in the run. Each part is a process of its own, whose imports count too. It reports; it judges
nothing.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration.company import Company, find_company


def cpu_seconds(work: Callable[..., Any], *arguments: Any) -> float:
    """CPU seconds of a function in a process of its own, and of what that starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(scale: str) -> None:
    """The whole chain."""
    pilotage = Path(sys.executable).with_name("pilotage")
    subprocess.run(  # noqa: S603 - our own command
        [pilotage, "run", "--company", "demo", "--scale", scale],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def publish_marts(company: Company, folder: Path) -> None:
    """The published file."""
    import duckdb  # noqa: PLC0415 - loaded where it is counted

    from serving.publication import publish  # noqa: PLC0415

    with duckdb.connect(str(company.published / "marts.duckdb"), read_only=True) as connection:
        told = connection.execute("select table_name, as_of_at from marts.published").fetchall()
    publish(
        company.warehouse,
        folder,
        company=company.name,
        as_of_at=told[0][1],
        marts=[table for table, _ in told],
        manifest=company.target / "manifest.json",
    )


def copy_to_parquet(folder: Path) -> None:
    """The marts as Parquet."""
    from serving import parquet  # noqa: PLC0415

    parquet.copy_to_parquet(folder)


def write_report(company: Company, folder: Path) -> None:
    """The report."""
    from serving.report import building  # noqa: PLC0415

    building.write_report(
        folder / "marts.duckdb",
        folder / "index.html",
        company=company.label,
        currency=company.reporting_currency,
        language=company.language,
    )


def main(scale: str = "1") -> None:
    """Run, publish again, and print what each took."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["PILOTAGE_HOME"] = scratch
        os.environ.pop("AS_OF", None)
        whole = cpu_seconds(run, scale)
        company = find_company("demo")
        folder = Path(scratch) / "again"
        parts = {
            "marts": cpu_seconds(publish_marts, company, folder),
            "parquet": cpu_seconds(copy_to_parquet, folder),
            "report": cpu_seconds(write_report, company, folder),
        }
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts.items())
    part = sum(parts.values())
    print(f"CPU seconds at SCALE={scale}: {told}; {part:.1f} of {whole:.1f}, {part / whole:.1%}")


if __name__ == "__main__":
    main(*sys.argv[1:])

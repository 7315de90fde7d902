"""`pilotage simulate`: a scheme of objectives replayed on a copy of the warehouse."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from expectations.desk.objective_schemes import (
    COLUMNS,
    CURRENT,
    FILE,
    Criterion,
    read_scheme_to_try,
    read_schemes,
    write_schemes,
)
from ingest.errors import PilotageError
from orchestration.as_of import AsOf, end_of_day
from orchestration.company import Company
from orchestration.dbt_settings import dbt_arguments, dbt_environment
from orchestration.desk import check_desk_file
from orchestration.lock import check_warehouse_is_free, sole_writer
from orchestration.places import DBT_PROJECT, dbt_executable
from orchestration.terminal import ChainError
from serving.simulation import SimulationError, day_of_the_run, write_report

# What lies between the schemes of the desk and the marts that tell of them.
REPLAYED = tuple(
    f"objective_schemes+,+{mart}" for mart in ("mart_scheme_simulations", "mart_scheme_criteria")
)


def simulate(company: Company, scheme_file: Path) -> tuple[Path, list[str]]:
    """Replay the file's schemes as of the last run; returns the report and its lines in short.

    Nothing of the company changes: the replay works on a copy that is removed afterwards.
    Raises ExpectationsError for a file that cannot be used, PilotageError where there is none and
    where no run has been.
    """
    _check_is_file(scheme_file)
    check_desk_file(scheme_file, Path(FILE).stem)
    desk_schemes = read_schemes(company.desk / FILE)
    tried = read_scheme_to_try(scheme_file, desk_schemes)
    shown = [*(name for name in desk_schemes if name == CURRENT), *tried]
    report = company.reports / f"simulation_{scheme_file.stem}.md"
    criteria = [line for scheme in (desk_schemes | tried).values() for line in scheme]
    with sole_writer(company), _copy(company, criteria) as copy:
        try:
            as_of = end_of_day(day_of_the_run(copy.warehouse), company.business_tz)
            _replay(copy, as_of)
            return report, write_report(copy.warehouse, shown, company.label, report)
        except SimulationError as error:
            raise PilotageError(
                f"The warehouse does not hold what is to be replayed: {error}.",
                where=str(company.warehouse),
                remedy=f"Run the chain first: pilotage run --company {company.reference}.",
            ) from error


def _check_is_file(scheme_file: Path) -> None:
    if not scheme_file.is_file():
        fault = "is a folder, not a file" if scheme_file.is_dir() else "is not there"
        raise PilotageError(
            f"The scheme to try {fault}.",
            where=str(scheme_file),
            remedy=f"Name a CSV file of schemes with the header {','.join(COLUMNS)}.",
        )


@contextmanager
def _copy(company: Company, criteria: Iterable[Criterion]) -> Iterator[Company]:
    """The company with a copy of its warehouse and a desk that holds these criteria."""
    if not company.warehouse.is_file():
        raise PilotageError(
            "There is no past to replay: no run has been made.",
            where=str(company.warehouse),
            remedy=f"Run the chain first: pilotage run --company {company.reference}.",
        )
    check_warehouse_is_free(company)
    scratch = company.home / "simulation"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        shutil.copytree(company.desk, scratch / "desk")
        copy = replace(company, home=scratch, desk=scratch / "desk")
        shutil.copyfile(company.warehouse, copy.warehouse)
        write_schemes(copy.desk / FILE, criteria)
        yield copy
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replay(copy: Company, as_of: AsOf) -> None:
    """Build the schemes and what follows from them, with the same models as every run."""
    build = ["build", "--quiet", "--exclude-resource-type", "unit_test", "--select", *REPLAYED]
    command = dbt_arguments(copy, build)
    done = subprocess.run(  # noqa: S603 - our own command
        [dbt_executable(), *command],
        cwd=DBT_PROJECT,
        env={**os.environ, **dbt_environment(copy, as_of)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ChainError(
            "The replay failed.",
            where=f"dbt: {' '.join(done.stdout.split())[-500:]}",
            remedy="Mend what dbt names, or run the chain anew first.",
        )

"""`pilotage dev` and `pilotage backfill`: runs that Dagster's own instance keeps."""

import os
import shutil
import sys
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestration.as_of import AsOfError, read_day
from orchestration.company import Company, find_company
from orchestration.desk import with_usable_desk
from orchestration.lock import sole_writer
from orchestration.options import AsOfOption, CompanyOption
from orchestration.places import DAGSTER_SETTINGS, ROOT, dagster_home, writable_folder
from orchestration.run_log import is_json
from orchestration.terminal import in_foreground, is_debug, plain_errors, show_step

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Of 127.0.0.1.")]


@app.command()
def dev(company: CompanyOption = "demo", as_of: AsOfOption = "", port: PortOption = 3000) -> None:
    """Serve Dagster's web interface on 127.0.0.1."""
    with plain_errors():
        chosen = with_usable_desk(find_company(company))
        environment = {**os.environ, "COMPANY": str(chosen.folder), "AS_OF": as_of}
        environment["DAGSTER_HOME"] = str(_instance())
    if not is_debug():
        # Dagster's notes to developers on its own beta parameters; its child processes inherit it.
        environment["PYTHONWARNINGS"] = "ignore"
    command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--module-name", "orchestration.definitions"]
    if is_json():
        command += ["--log-format", "json"]
    raise typer.Exit(in_foreground(command, ROOT, environment))


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="The first day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="The last day, YYYY-MM-DD.")],
    company: CompanyOption = "demo",
) -> None:
    """Write the pipeline at the end of each day of a range as files, in one run.

    They lie in published/days/snapshot_date=<day>/pipeline.parquet, as the publication knows them
    by now: what late deliveries changed is written anew. Dagster's web interface shows the days.
    """
    with plain_errors():
        days = [read_day(first, "FROM", "--from"), read_day(last, "TO", "--to")]
        chosen = find_company(company)
        _check_days(chosen, *days)
        started = time.perf_counter()
        folder, rows = _write_days(chosen, *(day.isoformat() for day in days))
        show_step("published/days", rows, time.perf_counter() - started, str(folder))


def _check_days(company: Company, first: date, last: date) -> None:
    """Before Dagster is loaded: a slip of the pen need not wait for it."""
    from serving.days import check_days  # noqa: PLC0415 - loads DuckDB
    from serving.versions import PublicationError  # noqa: PLC0415

    try:
        check_days(company.published, first, last)
    except PublicationError as error:
        where = f"--from, --to; {company.published}"
        raise AsOfError(str(error), where=where, remedy=error.remedy) from error


def _write_days(company: Company, first: str, last: str) -> tuple[Path, int]:
    """One run of one asset; its partitions are the days of the range."""
    import dagster as dg  # noqa: PLC0415 - takes seconds

    from orchestration.backfilling import write_days  # noqa: PLC0415 - loads Dagster

    with warnings.catch_warnings():
        warnings.simplefilter("default" if is_debug() else "ignore")
        with (
            sole_writer(company),
            dg.DagsterInstance.from_config(str(_instance())) as instance,
        ):
            return write_days(company, first, last, instance)


def _instance() -> Path:
    """Where Dagster keeps its runs."""
    instance = writable_folder(dagster_home())
    instance.chmod(0o700)  # the logs of runs
    shutil.copyfile(DAGSTER_SETTINGS, instance / "dagster.yaml")
    return instance

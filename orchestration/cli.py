"""The command line. `pilotage run` is the chain; the other commands are single links of it."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ingest.errors import PilotageError
from orchestration import alert_commands
from orchestration.company import Company, find_company
from orchestration.dbt_settings import TELEMETRY_OFF, dbt_arguments, dbt_environment
from orchestration.desk import conformed_columns, with_desk_of_the_run, with_usable_desk
from orchestration.landing import (
    asked_or_newest,
    check_as_of,
    company_as_of,
    company_sources,
    read_scale,
    write_demo_deliveries,
)
from orchestration.lock import check_warehouse_is_free, sole_writer
from orchestration.options import CompanyOption
from orchestration.places import (
    DAGSTER_SETTINGS,
    DBT_PROJECT,
    ROOT,
    dbt_executable,
    home,
    writable_folder,
)
from orchestration.terminal import plain_errors, show_step

os.environ.update(TELEMETRY_OFF)

app = typer.Typer(
    help="From deliveries to published marts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(alert_commands.app, name="alerts")

AsOfOption = Annotated[
    str,
    typer.Option("--as-of", envvar="AS_OF", help="YYYY-MM-DD; default: day of the last delivery."),
]
ScaleOption = Annotated[
    # A text: Typer's own complaint would be neither ours nor tell what to do.
    str, typer.Option("--scale", envvar="SCALE", help="Size of the demo company: 0.01 or more.")
]


@app.command()
def run(company: CompanyOption = "demo", as_of: AsOfOption = "", scale: ScaleOption = "1") -> None:
    """The whole chain: land, build, judge, publish. --scale is for the demo company only."""
    with plain_errors(), ExitStack() as held:
        chosen = with_usable_desk(find_company(company))
        size = read_scale(scale)
        check_as_of(chosen, as_of)
        held.enter_context(sole_writer(chosen))
        started = time.perf_counter()
        if chosen.desk_fault:
            show_step("The last good desk is used", note=chosen.desk_fault)
        if chosen.is_demo:
            show_step("Deliver")
            note = "another demo company: starts anew" * write_demo_deliveries(chosen, size)
            show_step("  demo deliveries", seconds=time.perf_counter() - started, note=note)
        _run(chosen, as_of, started)


def _run(company: Company, as_of: str, started: float) -> None:
    """The chain and its summary; a run that does not publish is an alert of its own."""
    instant = company_as_of(company, as_of)
    company = with_desk_of_the_run(company)
    # Only now: Dagster takes seconds to import, bad input should be told at once.
    from orchestration.alerting import tell_run  # noqa: PLC0415
    from orchestration.chain import run_chain  # noqa: PLC0415
    from orchestration.progress import Record  # noqa: PLC0415
    from orchestration.summary import summarize  # noqa: PLC0415

    record = Record()
    try:
        run_chain(company, instant, record)
    except Exception as error:
        tell_run(company, f"A run did not publish: {type(error).__name__}.")
        raise
    finally:
        if record.built:
            summary = summarize(company, instant, record, time.perf_counter() - started)
            typer.echo("\n" + "\n".join(summary.lines()))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A select, or a file that holds one.")],
    company: CompanyOption = "demo",
) -> None:
    """Show rows of the warehouse, for looking into a failed check."""
    import duckdb  # noqa: PLC0415 - not needed to show help

    with plain_errors():
        chosen = find_company(company)
        try:
            text = Path(sql).read_text(encoding="utf-8") if sql.endswith(".sql") else sql
            with duckdb.connect(str(chosen.warehouse), read_only=True) as connection:
                if (rows := connection.sql(text)) is not None:
                    rows.show()
        except (duckdb.Error, OSError) as error:
            raise PilotageError(
                str(error),
                where=str(chosen.warehouse),
                remedy="give a select, or a file that holds one, once a run has built the tables",
            ) from error


@app.command("demo-deliveries")
def demo_deliveries(scale: ScaleOption = "1") -> None:
    """Write the demo company's deliveries."""
    with plain_errors():
        company, size = find_company("demo"), read_scale(scale)
        started = time.perf_counter()
        with sole_writer(company):
            write_demo_deliveries(company, size)
        seconds = time.perf_counter() - started
        show_step(f"deliveries in {company.deliveries}", seconds=seconds)


@app.command()
def ingest(company: CompanyOption = "demo") -> None:
    """Land what was delivered: deliveries -> lake."""
    from ingest.books import write_loads_table  # noqa: PLC0415 - loads DuckDB
    from ingest.loads import load_table  # noqa: PLC0415 - loads pyarrow

    with plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        held.enter_context(sole_writer(chosen))
        for source in company_sources(chosen):
            for table in source.tables:
                started = time.perf_counter()
                loads = load_table(source, table, chosen.deliveries, chosen.lake)
                rows = sum(load.loaded_rows for load in loads)
                show_step(f"{source.name}.{table.name}", rows, time.perf_counter() - started)
        write_loads_table(chosen.lake, chosen.warehouse)


@app.command()
def quarantine(company: CompanyOption = "demo") -> None:
    """Show what was refused and why: tables, columns, reasons, how often; no values."""
    from ingest.quarantine import refusals  # noqa: PLC0415 - loads DuckDB

    with plain_errors():
        chosen = find_company(company)
        found = refusals(chosen.lake)
    for group in found:
        column = f", column {group.column}" if group.column else ""
        typer.echo(f"{group.rows:>10,}  {group.table}{column}: {group.reason}")
        days = f"{group.oldest:%Y-%m-%d} to {group.newest:%Y-%m-%d}"
        typer.echo(f"            in {group.deliveries:,} deliveries, {days}, e.g. {group.example}")
    total = sum(group.rows for group in found)
    typer.echo(f"{total:,} rows in quarantine" if total else "Nothing is in quarantine.")


@app.command(context_settings={"ignore_unknown_options": True})
def dbt(
    arguments: Annotated[list[str], typer.Argument(help="What dbt shall do, after --.")],
    company: CompanyOption = "demo",
    as_of: AsOfOption = "",
) -> None:
    """Call dbt with a company's settings: pilotage dbt --company demo -- build -s dim_reps."""
    with plain_errors():
        chosen = with_usable_desk(find_company(company))
        command = dbt_arguments(chosen, asked_or_newest(chosen, as_of), arguments)
        chosen.home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **dbt_environment(chosen)}
    done = subprocess.run(  # noqa: S603 - the arguments are the person's own
        [dbt_executable(), *command], cwd=DBT_PROJECT, env=environment, check=False
    )
    if done.returncode:
        raise typer.Exit(done.returncode)


@app.command()
def contract(company: CompanyOption = "demo") -> None:
    """Export the rules of the desk as an Open Data Contract Standard file."""
    from expectations.contract import write_contract  # noqa: PLC0415 - not needed to show help

    with plain_errors():
        chosen = find_company(company)
        path = chosen.reports / "contract.odcs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_contract(chosen.desk, conformed_columns(), path, chosen.name)
    typer.echo(f"open {path}")


@app.command()
def simulate(
    scheme: Annotated[Path, typer.Option(help="CSV with the columns of desk/objective_schemes.")],
    company: CompanyOption = "demo",
) -> None:
    """Replay a scheme of objectives over past periods: who would attain it, what it would pay."""
    from orchestration.simulating import simulate as replay  # noqa: PLC0415 - loads DuckDB

    with plain_errors():
        report, short = replay(with_usable_desk(find_company(company)), scheme)
    typer.echo("\n".join([*short, f"open {report}"]))


@app.command()
def docs(company: CompanyOption = "demo") -> None:
    """Write dbt's documentation of every table and column as one static page."""
    with plain_errors():
        chosen = find_company(company)
        check_warehouse_is_free(chosen)
    dbt(["docs", "generate", "--static"], company)
    typer.echo(f"open {chosen.target / 'static_index.html'}")


@app.command()
def dev(company: CompanyOption = "demo", as_of: AsOfOption = "") -> None:
    """Serve Dagster's web interface on 127.0.0.1."""
    with plain_errors():
        chosen = with_usable_desk(find_company(company))
        instance = writable_folder(home() / "dagster")
        shutil.copyfile(DAGSTER_SETTINGS, instance / "dagster.yaml")
    environment = {**os.environ, "COMPANY": str(chosen.folder), "AS_OF": as_of}
    environment["DAGSTER_HOME"] = str(instance)
    # -W: without the notes that Dagster writes to its own developers.
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "--host", "127.0.0.1"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--module-name", "orchestration.definitions"],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    raise typer.Exit(done.returncode)

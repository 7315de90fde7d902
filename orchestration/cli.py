"""The command line. `pilotage run` is the chain; the other commands are single links of it."""

import os
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import PilotageError
from ingest.tables import Source, Table
from orchestration import (
    alert_commands,
    backup_commands,
    dagster_commands,
    lake_commands,
    lineage_commands,
    operating_commands,
    publish_commands,
    query_commands,
)
from orchestration.alerting import failures_told
from orchestration.as_of import AsOf, local_day
from orchestration.company import Company, find_company
from orchestration.dbt_settings import dbt_arguments, dbt_environment
from orchestration.desk import conformed_columns, with_desk_of_the_run, with_usable_desk
from orchestration.journal import journaled
from orchestration.landing import (
    asked_or_newest,
    asks_sources,
    check_as_of,
    company_as_of,
    company_sources,
    drop_originals,
    fetch_deliveries,
    land_table,
    left_out,
    read_scale,
    take_from_inbox,
    write_demo_deliveries,
)
from orchestration.lock import check_warehouse_is_free, sole_writer
from orchestration.mirror_address import check_mirror_address
from orchestration.options import AsOfOption, CompanyOption, FetchOption, ScaleOption
from orchestration.outlet import outlive_the_reader
from orchestration.places import (
    DBT_PROJECT,
    dbt_executable,
    writable_folder,
)
from orchestration.run_log import is_json, lines_of, log
from orchestration.telemetry import switch_off
from orchestration.terminal import in_foreground, keep_interrupts, plain_errors, show_step

if TYPE_CHECKING:
    from ingest.lake import Load

switch_off()


def with_outside_in_mind() -> None:
    """Before any command: readers that leave early, and Ctrl-C at any moment."""
    outlive_the_reader()
    keep_interrupts()


app = typer.Typer(
    help="From deliveries to published marts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    callback=with_outside_in_mind,
)
app.add_typer(alert_commands.app, name="alerts")
app.add_typer(publish_commands.app, name="publish")
app.add_typer(lake_commands.app)
app.add_typer(query_commands.app)
app.add_typer(lineage_commands.app)
app.add_typer(dagster_commands.app)
app.add_typer(operating_commands.app)
app.add_typer(backup_commands.app)


@app.command()
def run(
    company: CompanyOption = "demo",
    as_of: AsOfOption = "",
    scale: ScaleOption = "",
    fetches: FetchOption = True,
) -> None:
    """The whole chain: fetch, land, build, judge, publish. --scale is for the demo company only."""
    key = str(uuid.uuid4())
    with lines_of(key, Path(company).name), plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        with failures_told(chosen, as_of):
            check_mirror_address()
            chosen = with_usable_desk(chosen)
        size = _demo_size(chosen, scale)
        check_as_of(chosen, as_of)
        held.enter_context(sole_writer(chosen))
        started = time.perf_counter()
        if chosen.desk_fault:
            show_step("The last good desk is used", note=chosen.desk_fault)
        if chosen.is_demo:
            show_step("Deliver")
            write_demo_deliveries(chosen, size)
            show_step("  demo deliveries", seconds=time.perf_counter() - started)
        held.enter_context(journaled(chosen, as_of, key))
        with failures_told(chosen, as_of):
            if fetches and asks_sources(chosen, as_of):
                _fetch(chosen)
            _run(chosen, as_of, key, started)


def _demo_size(company: Company, scale: str) -> float | None:
    if scale and not company.is_demo:
        raise PilotageError(
            f"The company {company.name!r} has a size of its own.",
            where="SCALE (--scale)",
            remedy="Leave it out: only the demo company is made up, to a scale.",
        )
    return read_scale(scale)


def _run(company: Company, as_of: str, key: str, started: float) -> None:
    """The chain and its summary, also where it ends too early."""
    _take(company)
    instant = company_as_of(company, as_of)
    _tell_a_day_to_come(company, instant)
    company = with_desk_of_the_run(company)
    check_warehouse_is_free(company)
    # Only now: bad input should be told at once.
    from orchestration.chain import run_chain  # noqa: PLC0415
    from orchestration.progress import Record  # noqa: PLC0415
    from orchestration.summary import summarize  # noqa: PLC0415
    from orchestration.tracing import traced  # noqa: PLC0415

    def show_summary() -> None:
        if record.built:
            summary = summarize(company, instant, record, time.perf_counter() - started)
            if is_json():
                log("summary", summary.document())
            else:
                typer.echo("\n" + "\n".join(summary.lines()))

    record = Record(key)
    try:
        with traced(company, instant, record):
            run_chain(company, instant, record)
    # Not for a KeyboardInterrupt: whoever stopped the run knows.
    except Exception:
        show_summary()
        raise
    show_summary()


def _tell_a_day_to_come(company: Company, as_of: AsOf) -> None:
    """By default a run stands at the day of the newest delivery, which may be dated wrongly."""
    if as_of.day > local_day(datetime.now(UTC).replace(tzinfo=None), company.business_tz):
        note = f"{as_of.day}: AS_OF says so, or a delivery (`pilotage doctor` names its source)"
        show_step("This run stands at a day to come", note=note)


def _take(company: Company) -> None:
    """Take from the inbox, and name what stays in it."""
    for name, reason in take_from_inbox(company):
        show_step("  left in the inbox", note=f"{name}: {reason}")


@app.command("demo-deliveries")
def demo_deliveries(
    scale: ScaleOption = "",
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Give up the demo there: lake, alerts, decisions."),
    ] = False,
) -> None:
    """Write the demo company's deliveries."""
    with plain_errors():
        company, size = find_company("demo"), read_scale(scale)
        started = time.perf_counter()
        with sole_writer(company):
            write_demo_deliveries(company, size, anew=anew)
        seconds = time.perf_counter() - started
        show_step(f"deliveries in {company.deliveries}", seconds=seconds)


@app.command()
def fetch(company: CompanyOption = "demo") -> None:
    """Fetch deliveries from the company's databases and APIs; `run` does it too."""
    with plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        held.enter_context(sole_writer(chosen))
        if not any(source.is_fetched for source in company_sources(chosen)):
            show_step("nothing to fetch", note="all sources of the company deliver files")
        _fetch(chosen)


def _fetch(company: Company) -> None:
    for source, seconds in fetch_deliveries(company):
        show_step(f"  fetched {source}", seconds=seconds)


@app.command()
def ingest(company: CompanyOption = "demo") -> None:
    """Land what was delivered: deliveries -> lake."""
    from ingest.books import write_loads_table  # noqa: PLC0415 - loads DuckDB
    from ingest.drift import write_drift_table  # noqa: PLC0415 - loads DuckDB

    with plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        held.enter_context(sole_writer(chosen))
        _take(chosen)
        sources = company_sources(chosen)
        for source in sources:
            for table in source.tables:
                _land(chosen, source, table)
        write_loads_table(chosen.lake, chosen.warehouse)
        write_drift_table(sources, chosen.lake, chosen.warehouse)
        drop_originals(chosen)
        for line in left_out(chosen).lines():
            typer.echo(line)


def _land(company: Company, source: Source, table: Table) -> None:
    """Land a table and tell of it, also where a delivery is refused after others have landed."""
    started = time.perf_counter()
    loads: list[Load] = []

    try:
        land_table(company, source, table, loads.append)
    finally:
        rows, seconds = sum(load.loaded_rows for load in loads), time.perf_counter() - started
        show_step(f"{source.name}.{table.name}", rows, seconds)


@app.command(context_settings={"ignore_unknown_options": True})
def dbt(
    arguments: Annotated[list[str], typer.Argument(help="What dbt shall do, after --.")],
    company: CompanyOption = "demo",
    as_of: AsOfOption = "",
) -> None:
    """Call dbt with a company's settings: pilotage dbt --company demo -- build -s dim_reps."""
    with plain_errors():
        _call_dbt(find_company(company), as_of, arguments)


def _call_dbt(company: Company, as_of: str, arguments: list[str], *, reads: bool = False) -> None:
    """Under the company's lock, as dbt writes its target folder and mostly the warehouse too.

    With the desk of the run, as a run has it: dbt reads the whole project anew for another folder.
    Raises PilotageError for --vars: they are the company's, and dbt would take one of two only.
    reads: dbt will open the warehouse for sure; say so first where another program has it.
    """
    if any(argument.split("=")[0] == "--vars" for argument in arguments):
        raise PilotageError(
            "dbt's vars are those of the company: --vars would be left out in silence.",
            where="the arguments after --",
            remedy="Change company.yml or dbt_project/dbt_project.yml; the day is --as-of.",
        )
    usable = with_usable_desk(company)
    instant = asked_or_newest(usable, as_of)
    with sole_writer(usable):
        if reads:
            check_warehouse_is_free(usable)
        chosen = with_desk_of_the_run(usable)
        command = [dbt_executable(), *dbt_arguments(chosen, arguments)]
        environment = {**os.environ, **dbt_environment(chosen, instant)}
        code = in_foreground(command, DBT_PROJECT, environment)
    if code:
        raise typer.Exit(code)


@app.command()
def contract(company: CompanyOption = "demo") -> None:
    """Export the rules of the desk as an Open Data Contract Standard file."""
    from expectations.contract import write_contract  # noqa: PLC0415 - not needed to show help

    with plain_errors():
        chosen = find_company(company)
        path = writable_folder(chosen.reports) / "contract.odcs.yaml"
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
        _call_dbt(chosen, "", ["docs", "generate", "--static"], reads=True)
    typer.echo(f"open {chosen.target / 'static_index.html'}")

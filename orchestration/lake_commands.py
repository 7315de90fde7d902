"""The commands that look after the lake: what was refused, what of it fits by now, its files, and
whom it must forget."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import PilotageError
from orchestration.company import find_company
from orchestration.erasing import erase_person
from orchestration.landing import company_sources
from orchestration.lock import sole_writer
from orchestration.options import CompanyOption
from orchestration.terminal import plain_errors, show_step

if TYPE_CHECKING:
    from ingest.mending import Mended

app = typer.Typer()

ERASED = {
    "records": "records emptied of what is personal",
    "lake_files": "files of the lake written anew",
    "quarantine_files": "files of the quarantine written anew",
    "refusal_notes": "notes of refused deliveries written anew",
    "deliveries": "deliveries and originals removed, each as a whole: the lake keeps their rows",
    "alert_texts": "texts of alerts written anew",
    "other_files": "files of runs removed: the warehouse, and versions and reports that held it",
    "ambiguous_files": "files left alone, as the address may be another's there",
    "unsearched_files": "files left alone, as they cannot be searched",
}

LINES_SHOWN = 12

ToOption = Annotated[
    str, typer.Option("--to", help="Write the rows themselves to this CSV file, to mend them.")
]
MendedOption = Annotated[
    str, typer.Option("--mended", help="A file of `quarantine --to` whose raw_text was mended.")
]


@app.command()
def quarantine(company: CompanyOption = "demo", to: ToOption = "") -> None:
    """Show what was refused and why: deliveries, columns, reasons, how often; no values."""
    from ingest.lake import loads_in  # noqa: PLC0415 - loads pyarrow
    from ingest.quarantine import refusals, write_refused_rows  # noqa: PLC0415 - loads DuckDB
    from ingest.refusals import refusals_in, still_lying  # noqa: PLC0415 - loads pyarrow

    with plain_errors():
        chosen = find_company(company)
        whole = still_lying(
            refusals_in(chosen.lake, loads_in(chosen.lake / "raw")), chosen.deliveries
        )
        found = refusals(chosen.lake)
        if to and found:
            write_refused_rows(chosen.lake, Path(to))
    for delivery in whole:
        typer.echo(f"     whole  {delivery.source_name}.{delivery.table_name}: {delivery.reason}")
        typer.echo(f"            {delivery.source_file}, {delivery.bytes:,} bytes")
        if chosen.inbox and (chosen.inbox / delivery.source_file).is_file():
            typer.echo("            another of that name waits in the inbox: remove this one first")
    for group in found:
        column = f", column {group.column}" if group.column else ""
        typer.echo(f"{group.rows:>10,}  {group.table}{column}: {group.reason}")
        days = f"{group.oldest:%Y-%m-%d} to {group.newest:%Y-%m-%d}"
        typer.echo(f"            in {group.deliveries:,} deliveries, {days}, e.g. {group.example}")
    total = sum(group.rows for group in found)
    if whole:
        typer.echo(f"{len(whole):,} deliveries refused whole: mend or remove them, then run again")
    if total or not whole:
        typer.echo(f"{total:,} rows in quarantine" if total else "Nothing is in quarantine.")
    if to:
        typer.echo(_written(company, to) if found else f"{to} was not written: nothing to mend.")


def _written(company: str, to: str) -> str:
    return (
        f"written to {to}: mend raw_text, then `pilotage replay --company {company} --mended {to}`"
    )


@app.command()
def replay(company: CompanyOption = "demo", mended: MendedOption = "") -> None:
    """Load what of the quarantine fits by now, once the declaration or the row was mended.

    Exits 2 where a row of --mended was not taken, or none was.
    """
    from ingest.books import write_loads_table  # noqa: PLC0415 - loads DuckDB
    from ingest.mending import read_mended  # noqa: PLC0415 - loads DuckDB
    from ingest.replay import replay_table  # noqa: PLC0415 - loads pyarrow

    with plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        rows_mended = read_mended(Path(mended)) if mended else None
        held.enter_context(sole_writer(chosen))
        fitted = 0
        for source in company_sources(chosen):
            for table in source.tables:
                started = time.perf_counter()
                loads = replay_table(table, chosen.deliveries, chosen.lake, rows_mended)
                rows = sum(load.loaded_rows + load.unchanged_rows for load in loads)
                left = sum(load.quarantined_rows for load in loads)
                fitted += rows
                if loads:
                    note = f"{left:,} still refused" if left else ""
                    show_step(
                        f"{source.name}.{table.name}", rows, time.perf_counter() - started, note
                    )
        write_loads_table(chosen.lake, chosen.warehouse)
        told = f"{fitted:,} rows fit by now" if fitted else "Nothing in quarantine fits by now."
        typer.echo(told)
        if rows_mended is not None:
            _tell_mended(rows_mended)


def _tell_mended(mended: "Mended") -> None:
    """Name the rows of the file that were not taken. Raises PilotageError where there is one, or
    where none was taken."""
    if mended.unchanged:
        lines = sorted(mended.rows[key].line for key in mended.unchanged)
        shown = ", ".join(map(str, lines[:LINES_SHOWN])) + (" ..." if lines[LINES_SHOWN:] else "")
        typer.echo(f"{len(lines):,} rows of {mended.path} are as they were refused: line {shown}")
    not_taken = list(mended.not_taken())
    for line in not_taken:
        typer.echo(f"  {line}")
    if not_taken:
        raise PilotageError(
            f"{len(not_taken):,} mended rows were not taken, {len(mended.landed):,} were",
            where=str(mended.path),
            remedy="mend raw_text in the lines named above, then replay the file again",
        )
    if not mended.landed:
        raise PilotageError(
            "no row was mended",
            where=str(mended.path),
            remedy="change raw_text of the rows that are to be loaded, then replay the file again",
        )


@app.command()
def compact(company: CompanyOption = "demo") -> None:
    """Pack the lake's many small files into one a month and table; rows and counts stay."""
    from ingest.compaction import compact as pack  # noqa: PLC0415 - loads pyarrow

    with plain_errors(), ExitStack() as held:
        chosen = find_company(company)
        held.enter_context(sole_writer(chosen))
        packed = pack(chosen.lake)
    typer.echo(f"{packed.before:,} files of loads, now {packed.after:,}")


@app.command()
def erase(
    email: Annotated[str, typer.Option("--email", help="The address of the person to forget.")],
    company: CompanyOption = "demo",
) -> None:
    """Take a person out of lake, deliveries, quarantine, warehouse, versions and alerts.

    Exits 2 where the address was found nowhere.
    """
    stopped = "The person may be erased in part: erase again, to the end."
    with plain_errors(stopped), ExitStack() as held:
        chosen = find_company(company)
        held.enter_context(sole_writer(chosen))
        erasure = erase_person(chosen, email.strip())
        for kind, count in erasure.done.items():
            typer.echo(f"{count:>10,}  {ERASED[kind]}")
        for line in erasure.left:
            typer.echo(line)
        if not erasure.was_there:
            kept = "can be searched" if erasure.left else "is kept"
            raise PilotageError(
                f"The address stands nowhere in what {kept}: nobody was erased, which is recorded.",
                where="--email",
                remedy="look how the company's data spell it; a person may have several addresses",
            )
    doubt = ", BUT the files named above may still hold the person's address"
    typer.echo(
        f"Erased and recorded{doubt if erasure.left else ''}. `pilotage run` builds and publishes"
        " anew, and takes the person out of a mirror in PostgreSQL. Delete the person in the CRM"
        " too: the next export would bring them back, and what was emptied counts as missing until"
        " then. Backups hold them still: whoever restores one is told to erase them again."
    )

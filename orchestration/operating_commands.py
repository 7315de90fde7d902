"""The commands for whoever keeps Pilotage running: how does a company stand, what is wrong,
what would an upgrade break?

Each exits with 0 where all is well, with 1 where something is wrong, with 2 where what it was given
is.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.company import find_company
from orchestration.options import CompanyOption, JsonOption
from orchestration.terminal import BLOCKED, plain_errors, print_json

if TYPE_CHECKING:
    from orchestration.upgrading import Upgrade
    from serving.contracts import Change

app = typer.Typer()


@app.command()
def status(company: CompanyOption = "demo", as_json: JsonOption = False) -> None:
    """Last runs, what is published, how old the data are, alerts, the lake; also beside a run.

    It writes and locks nothing, and tells figures, no data. Exits 1 where the last run did not
    publish or something of this cannot be read, 2 for an unknown company. docs/operation.md lists
    the keys of --json.
    """
    from orchestration.status import take_status  # noqa: PLC0415 - not needed to show help
    from orchestration.status_text import status_document, status_lines  # noqa: PLC0415

    with plain_errors():
        found = take_status(find_company(company))
        if as_json:
            print_json(status_document(found))
        else:
            typer.echo("\n".join(status_lines(found)))
    if found.wrong:
        raise typer.Exit(BLOCKED)


FreeOption = Annotated[
    float | None,
    typer.Option(
        "--least-free-gb",
        min=0,
        help="Room that the disk must have; default: 1 GB and the published version twice.",
    ),
]


@app.command()
def doctor(
    company: CompanyOption = "demo",
    least_free_gb: FreeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is wrong, and how to mend it: settings, rights, disk, clock, sources, telemetry, files.

    Says what is wrong, where, and how to mend it; changes nothing. Databases are asked for the
    declared columns, APIs only whether somebody answers. Exits 1 where something is wrong, 2 for an
    unknown company. docs/operation.md lists the checks.
    """
    from orchestration.examining.doctor import (  # noqa: PLC0415 - not needed to show help
        count_wrong,
        document,
        examine,
        lines,
    )

    with plain_errors():
        findings = list(examine(company, least_free_gb))
        if as_json:
            print_json(document(findings))
        else:
            typer.echo("\n".join(lines(findings)))
    if count_wrong(findings):
        raise typer.Exit(BLOCKED)


@app.command("upgrade-check")
def upgrade_check(company: CompanyOption = "demo", as_json: JsonOption = False) -> None:
    """What this version would change of the published tables: what breaks BI, and what is new.

    Compares the contracts of the marts (columns, types, what is never NULL, grain) with the
    published file; builds nothing. Exits 1 where a change breaks, 0 where all is as it was, new, or
    nothing is published yet, 2 where the company or the published file cannot be read.
    """
    from orchestration.upgrading import check_upgrade  # noqa: PLC0415 - loads DuckDB

    with plain_errors():
        found = check_upgrade(find_company(company))
        if as_json:
            print_json(
                {
                    "version": found.version,
                    "tables": found.tables,
                    "breaking": [_told(change) for change in found.breaking],
                    "additions": [_told(change) for change in found.additions],
                }
            )
        else:
            _show(found)
    if found.breaking:
        raise typer.Exit(BLOCKED)


def _told(change: "Change") -> dict[str, str | None]:
    return {"table": change.table, "column": change.column or None, "told": change.told}


def _show(found: "Upgrade") -> None:
    if found.version is None:
        typer.echo(f"Nothing is published yet: {found.tables:,} tables would be new.")
        return
    typer.echo(f"Published is {found.version}; this version builds {found.tables:,} tables.")
    for change in (*found.breaking, *found.additions):
        name = f"{change.table}.{change.column}" if change.column else change.table
        typer.echo(f"  {'BREAKS' if change.is_breaking else 'new':<8}{name} {change.told}")
    counts = f"{len(found.breaking):,} breaking changes, {len(found.additions):,} additions"
    typer.echo(counts if found.changes else "No contract has changed.")
    if found.breaking:
        typer.echo(
            "  what to do: tell those who read these columns before the next run publishes, or keep"
            " the older version of Pilotage until they are ready"
        )

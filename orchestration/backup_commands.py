"""The commands that keep what cannot be rebuilt, and bring it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.company import find_company
from orchestration.lock import sole_writer
from orchestration.options import CompanyOption, JsonOption
from orchestration.terminal import BLOCKED, plain_errors, print_json

if TYPE_CHECKING:
    from orchestration.backups.archive import Backup
    from orchestration.backups.restore import Restored

app = typer.Typer()

BackupArgument = Annotated[Path, typer.Argument(help="The folder that `pilotage backup` made.")]
ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", help="Set aside the data that are there; also over another desk."),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Only read every file and say whether it is whole.")
]
RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--erasures",
        help="A newer erasures.jsonl than the backup's and that of the data that are there.",
    ),
]


@app.command()
def backup(
    to: Annotated[Path, typer.Option("--to", help="A folder that is not there yet.")],
    company: CompanyOption = "demo",
    as_json: JsonOption = False,
) -> None:
    """Copy lake, desk, book of alerts and record of erasures; a run makes the rest anew.

    No run goes on meanwhile: it holds the company's lock. Exits 0 where the backup is there as a
    whole, 2 where it could not be made (a run goes on, something lies there already, no room).
    """
    from orchestration.backups.backup import (  # noqa: PLC0415 - not needed to show help
        back_up,
        check_lake,
    )

    with plain_errors("No backup was made."):
        chosen = find_company(company)
        check_lake(chosen)
        with sole_writer(chosen):
            made = back_up(chosen, to.expanduser().resolve())
        _show_backup(made, "Made: the backup", as_json)


@app.command()
def restore(
    folder: BackupArgument,
    company: CompanyOption = "demo",
    replace: ReplaceOption = False,
    record: RecordOption = None,
    check: CheckOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back, once every file of it was found whole; `pilotage run` builds the rest.

    The company's folder is made where there is none; a desk that is there stays, and is told where
    it differs. Exits 1 where it was restored and erasures are to be done again, 2 where it was not:
    a damaged backup, a company that has data.
    """
    from orchestration.backups.restore import (  # noqa: PLC0415 - not needed to show help
        restore as bring_back,
    )
    from orchestration.backups.restore import verified  # noqa: PLC0415

    with plain_errors("Restore again: what was there is as it was, or set aside beside it."):
        if check:
            _show_backup(verified(folder), "Whole: the backup", as_json)
            return
        done = bring_back(folder, company, record, replaces=replace)
        if as_json:
            print_json(_document(done))
        else:
            _show_restored(done)
    if done.due:
        raise typer.Exit(BLOCKED)


def _show_backup(backup: "Backup", told: str, as_json: bool) -> None:
    if as_json:
        print_json(_described(backup))
        return
    size = f"{len(backup.sums):,} files, {backup.bytes / 1e6:,.1f} MB"
    typer.echo(f"{told} of {backup.company}: {backup.folder}")
    typer.echo(f"  {size}, of {backup.made_at:%Y-%m-%d %H:%M} UTC")


def _show_restored(done: "Restored") -> None:
    company, backup = done.company, done.backup
    typer.echo(f"Restored {company.name}: {len(backup.sums):,} files to {company.home}")
    typer.echo(f"  as backed up at {backup.made_at:%Y-%m-%d %H:%M} UTC")
    if done.set_aside:
        typer.echo(
            f"  what was there lies in {done.set_aside}: delete it once you need it no more,"
        )
        typer.echo("  for an erasure does not reach it")
    for name in done.kept:
        typer.echo(f"  kept as it is, the backup has it otherwise: {company.folder / name}")
    typer.echo(f"`pilotage run --company {company.reference}` builds and publishes the rest.")
    if done.due:
        typer.echo(
            f"{len(done.due)} erasures are not in this backup: these people are in the lake again."
            "\n  what to do: `pilotage erase --email <address>` for each, before anything else"
        )
        for subject in done.due:
            typer.echo(f"  subject {subject}")


def _described(backup: "Backup") -> dict[str, Any]:
    return {
        "company": backup.company,
        "backup": str(backup.folder),
        "made_at": backup.made_at.isoformat(),
        "files": len(backup.sums),
        "bytes": backup.bytes,
    }


def _document(done: "Restored") -> dict[str, Any]:
    return {
        **_described(done.backup),
        "home": str(done.company.home),
        "set_aside": str(done.set_aside) if done.set_aside else None,
        "kept": list(done.kept),
        "due_erasures": list(done.due),
    }

"""The commands that look after what is published: which versions are kept, and back to one."""

from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import PilotageError
from orchestration.company import find_company
from orchestration.lock import sole_writer
from orchestration.options import CompanyOption
from orchestration.terminal import plain_errors

if TYPE_CHECKING:
    from serving.reading import Version

app = typer.Typer(help="The versions that are published.", no_args_is_help=True)

VersionArgument = Annotated[
    str, typer.Argument(help="As `list` names it; default: the newest whole one before.")
]


@app.command("list")
def list_versions(company: CompanyOption = "demo") -> None:
    """The kept versions, newest first; * marks the one that readers see."""
    from serving.reading import kept_versions  # noqa: PLC0415 - loads DuckDB

    with plain_errors():
        chosen = find_company(company)
        kept = kept_versions(chosen.published)
    for version in kept:
        mark = "*" if version.is_current else " "
        typer.echo(f"{mark} {version.name}  {_told(version)}".rstrip())
    if not kept:
        typer.echo(f"Nothing is published in {chosen.published}.")


def _told(version: "Version") -> str:
    if version.as_of_at is None:
        return "damaged: it cannot be read. Delete its file once readers see another version."
    return (
        f"before {version.as_of_at:%Y-%m-%d %H:%M} UTC  "
        f"{version.tables:,} tables  {version.rows:>11,} rows  "
        f"{version.bytes / 1e6:>8,.1f} MB  {version.run_id}"
    )


@app.command()
def rollback(version: VersionArgument = "", company: CompanyOption = "demo") -> None:
    """Have readers see an earlier version again, until a run publishes anew."""
    from serving.parquet import point_parquet_to  # noqa: PLC0415 - loads DuckDB
    from serving.rollback import roll_back  # noqa: PLC0415
    from serving.versions import PublicationError  # noqa: PLC0415

    with plain_errors():
        chosen = find_company(company)
        with sole_writer(chosen):
            try:
                now = roll_back(chosen.published, version)
                has_parquet = point_parquet_to(chosen.published, now)
            except PublicationError as error:
                raise PilotageError(
                    str(error), where=str(chosen.published), remedy=error.remedy
                ) from error
    typer.echo(f"Readers of the file{' and of Parquet' if has_parquet else ''} see {now}.")
    if not has_parquet:
        typer.echo("It has no Parquet files: published/parquet is gone until the next run.")
    typer.echo("The next run that passes its checks publishes anew; until then the report")
    typer.echo("and a mirror in PostgreSQL stay on the version that they were made of.")

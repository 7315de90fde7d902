"""Questions to what is published, or to the warehouse, for people without a BI tool."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from ingest.errors import PilotageError
from ingest.formulas import harmless
from orchestration.company import find_company
from orchestration.options import CompanyOption
from orchestration.terminal import plain_errors

if TYPE_CHECKING:
    import duckdb

app = typer.Typer()


class Shape(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


ENDINGS = {".csv": Shape.CSV, ".json": Shape.JSON, ".jsonl": Shape.JSON, ".parquet": Shape.PARQUET}

ShapeOption = Annotated[
    Shape | None,
    typer.Option("--format", help="json is an object per line; default: as --to ends, or table."),
]
WarehouseOption = Annotated[
    bool,
    typer.Option(
        "--warehouse",
        help="Ask the warehouse of the last run instead, passed or not. It reads the lake, so a "
        "question to it may read any file that you may: for whoever may read the company's files "
        "anyway. Names need their schema there: marts.fct_x.",
    ),
]


class _Asking(TyperCommand):
    """A question may begin with a comment (`-- why`), which is no option: those hold no space."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # An option that is mistyped beside it then counts as a second question, and is refused.
        ctx.ignore_unknown_options = any(map(_is_comment, args))
        return super().parse_args(ctx, args)


def _is_comment(argument: str) -> bool:
    name = argument.partition("=")[0]
    return argument.startswith("--") and name.split() != [name]


@app.command(cls=_Asking)
def query(
    sql: Annotated[str, typer.Argument(help="A select, or a .sql file that holds one.")],
    company: CompanyOption = "demo",
    shape: ShapeOption = None,
    to: Annotated[str, typer.Option("--to", help="A file; default: the terminal.")] = "",
    warehouse: WarehouseOption = False,
) -> None:
    """Show rows of the published marts, and nothing but read them."""
    from orchestration.asking import opened  # noqa: PLC0415 - loads DuckDB
    from serving.questions import answer  # noqa: PLC0415
    from serving.rows import show  # noqa: PLC0415 - loads pyarrow

    with plain_errors():
        asked = find_company(company)
        written_as = _shape(shape, to)
        question = _question(sql)
        with opened(asked, warehouse=warehouse) as connection:
            rows = answer(connection, question)
            if to:
                _write(rows, written_as, to, is_private=warehouse)
            else:
                show(rows, written_as, harmless)


def _shape(given: Shape | None, to: str) -> Shape:
    shape = given or ENDINGS.get(Path(to).suffix, Shape.TABLE)
    if to and shape is Shape.TABLE:
        raise PilotageError(
            "A table is for the terminal, and shows the first rows only.",
            where=f"--to {to}",
            remedy="name a file that ends with .csv, .json or .parquet, or give --format",
        )
    if shape is Shape.PARQUET and not to:
        raise PilotageError(
            "Parquet is not for the terminal.", where="query", remedy="name a file: --to"
        )
    return shape


def _question(sql: str) -> str:
    text = _read(Path(sql)) if sql.endswith(".sql") else sql
    if not text.strip():
        raise PilotageError("the query is empty", where="query", remedy="give a select")
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PilotageError(
            f"The file of the question cannot be read: {error.strerror or error}.",
            where=str(path),
            remedy="name a .sql file that is there and that you may read, or give the select",
        ) from error
    except UnicodeDecodeError as error:
        raise PilotageError(
            f"The file of the question is not UTF-8: {error.reason} at byte {error.start}.",
            where=str(path),
            remedy="save it as UTF-8",
        ) from error


def _write(rows: "duckdb.DuckDBPyRelation", shape: Shape, to: str, *, is_private: bool) -> None:
    """The warehouse holds people's names and addresses, what is published does not."""
    from serving.rows import write_rows  # noqa: PLC0415

    try:
        write_rows(rows, shape, Path(to), harmless, is_private=is_private)
    except OSError as error:
        raise PilotageError(
            f"the rows cannot be written: {error.strerror or error}",
            where=f"--to {to}",
            remedy="name a file in a folder that is there and may be written to",
        ) from error

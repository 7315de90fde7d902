"""Questions to what is published, or to the warehouse, for people without a BI tool."""

from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import PilotageError
from ingest.formulas import harmless
from orchestration.company import Company, find_company
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
    typer.Option("--warehouse", help="Ask the warehouse of the last run instead, passed or not."),
]


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A select, or a .sql file that holds one.")],
    company: CompanyOption = "demo",
    shape: ShapeOption = None,
    to: Annotated[str, typer.Option("--to", help="A file; default: the terminal.")] = "",
    warehouse: WarehouseOption = False,
) -> None:
    """Show rows of the published marts, and nothing but read them."""
    import duckdb  # noqa: PLC0415 - not needed to show help

    from serving.questions import QueryError, answer  # noqa: PLC0415 - loads DuckDB
    from serving.rows import show  # noqa: PLC0415 - loads pyarrow

    remedy = "give one select, or a .sql file that holds one, once a run has built the tables"
    with plain_errors():
        asked = find_company(company)
        written_as = _shape(shape, to)
        try:
            question = _question(sql)
            with _opened(asked, warehouse) as connection:
                rows = answer(connection, question)
                if to:
                    _write(rows, written_as, to, is_private=warehouse)
                else:
                    show(rows, written_as, harmless)
        except (duckdb.Error, QueryError, OSError, UnicodeDecodeError) as error:
            raise PilotageError(str(error), where="query", remedy=remedy) from error


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
    text = Path(sql).read_text(encoding="utf-8") if sql.endswith(".sql") else sql
    if not text.strip():
        raise PilotageError("the query is empty", where="query", remedy="give a select")
    return text


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


def _opened(
    company: Company, warehouse: bool
) -> "AbstractContextManager[duckdb.DuckDBPyConnection]":
    """The warehouse's views read the lake, so that it cannot be opened as if it stood alone."""
    import duckdb  # noqa: PLC0415

    from serving.reading import hardened  # noqa: PLC0415
    from serving.versions import LINK  # noqa: PLC0415

    if warehouse:
        return duckdb.connect(
            str(company.warehouse),
            read_only=True,
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
        )
    return hardened(company.published / LINK)

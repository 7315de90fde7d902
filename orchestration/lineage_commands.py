"""Where a published figure comes from: `pilotage lineage mart_flash.month_conversion`."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from expectations.desk_files import nearest
from ingest.errors import PilotageError
from orchestration.company import Company, find_company
from orchestration.options import CompanyOption, JsonOption
from orchestration.terminal import plain_errors, print_json

if TYPE_CHECKING:
    from orchestration.lineage import Column, Lineage

WIDTH = 100

app = typer.Typer()


@app.command()
def lineage(
    name: Annotated[str, typer.Argument(help="A table, or one of its columns: table.column.")],
    company: CompanyOption = "demo",
    as_json: JsonOption = False,
) -> None:
    """Of which columns a column is made, and to which delivered ones it comes down.

    Of its value: what decides which rows there are is not named. Read out of the SQL of the
    company's last run.
    """
    from orchestration.lineage import (  # noqa: PLC0415 - not needed to show help
        Column,
        Lineage,
        compiled_below,
    )

    with plain_errors():
        chosen = find_company(company)
        manifest = _manifest(chosen)
        nodes = {**manifest["nodes"], **manifest["sources"]}
        traced = Lineage(manifest, compiled_below(chosen.target))
        table, asked = _asked(name, nodes, traced)
        columns = [Column(table, one) for one in asked]
        if as_json:
            print_json([_document(column, traced, nodes) for column in columns])
        elif len(columns) == 1:
            typer.echo("\n".join(_whole(columns[0], traced, nodes)))
        else:
            for column in columns:
                makers = ", ".join(_shown(one, nodes) for one in traced.of(table)[column.name])
                typer.echo(_wrapped(f"  {column.name:<30} {makers}", 33))


def _manifest(company: Company) -> dict[str, Any]:
    path = company.target / "manifest.json"
    if not path.is_file() or not (company.target / "compiled").is_dir():
        raise PilotageError(
            f"Nothing was built for {company.name!r} yet.",
            where=str(path),
            remedy=f"Run first: pilotage run --company {company.reference}",
        )
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _asked(
    name: str, nodes: Mapping[str, Mapping[str, Any]], traced: "Lineage"
) -> tuple[str, list[str]]:
    """The table meant, and its columns or the one named; a schema before it may be written."""
    known = {
        node["name"]: key
        for key, node in nodes.items()
        if node["resource_type"] in ("model", "seed")
    }
    parts = name.split(".")
    place = next((i for i, part in enumerate(parts) if part in known), None)
    if place is None:
        tables = " or ".join(repr(part) for part in parts)
        raise PilotageError(
            f"No table of the project is called {tables}{nearest(parts[0], known)}.",
            where=name,
            remedy="Name one as `pilotage query 'show tables'` shows it, e.g. fct_stage_visits.",
        )
    table, named = known[parts[place]], ".".join(parts[place + 1 :])
    columns = list(traced.of(table))
    if named and named not in columns:
        raise PilotageError(
            f"{parts[place]} has no column {named!r}{nearest(named, columns)}.",
            where=name,
            remedy=f"Name one of: {', '.join(columns)}",
        )
    return table, [named] if named else columns


def _whole(
    column: "Column", traced: "Lineage", nodes: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    told = _described(column, nodes)
    yield _wrapped(_shown(column, nodes) + (f": {told}" if told else ""), 4)
    makers = traced.of(column.table)[column.name]
    if not makers:
        yield "  is made of no other column: of constants, a count of rows, or Python"
        return
    yield "  is made of"
    for maker in makers:
        told = _described(maker, nodes)
        yield _wrapped(f"    {_shown(maker, nodes)}" + (f": {told}" if told else ""), 8)
    yield "  and comes down to"
    for table, columns in groupby(traced.origins(column), key=lambda one: one.table):
        names = ", ".join(one.name for one in columns)
        yield _wrapped(f"    {_table(nodes[table])}: {names}", 8)


def _document(
    column: "Column", traced: "Lineage", nodes: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "column": _shown(column, nodes),
        "description": _described(column, nodes),
        "made_of": _names(traced.of(column.table)[column.name], nodes),
        "comes_down_to": _names(traced.origins(column), nodes),
    }


def _names(columns: "Iterable[Column]", nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [_shown(column, nodes) for column in columns]


def _described(column: "Column", nodes: Mapping[str, Mapping[str, Any]]) -> str:
    told: str = nodes[column.table]["columns"].get(column.name, {}).get("description", "")
    return " ".join(told.split())


def _shown(column: "Column", nodes: Mapping[str, Mapping[str, Any]]) -> str:
    return f"{_table(nodes[column.table])}.{column.name}"


def _table(node: Mapping[str, Any]) -> str:
    """As people name it; a delivered one with its source, a seed as what it is: a file of the
    desk."""
    if node["resource_type"] == "source":
        return f"{node['source_name']}.{node['name']}"
    return f"desk/{node['name']}" if node["resource_type"] == "seed" else str(node["name"])


def _wrapped(text: str, indent: int) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * indent, break_long_words=False)

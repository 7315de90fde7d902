"""Descriptions of marts: dbt's, else the comments in the warehouse. BI tools read them."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import duckdb

from serving.fingerprints import SCHEMA, mart_names
from serving.quoting import name_of, quoted

# (table, column) -> text; the column of a table's own description is "".
Descriptions = dict[tuple[str, str], str]


def read_descriptions(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    marts: Collection[str],
    manifest: Path | None,
) -> Descriptions:
    """The descriptions of these marts in an attached database, and of their columns."""
    described = {**comments(connection, database), **_from_manifest(manifest)}
    existing = {place for place in _columns(connection, database) if place[0] in marts}
    return {place: text for place, text in described.items() if place in existing and text}


def comment_statements(database: str, descriptions: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """The statements that write descriptions as comments into an attached database."""
    for (table, column), text in sorted(descriptions.items()):
        name = f"{database}.{SCHEMA}.{name_of(table)}"
        target = f"column {name}.{name_of(column)}" if column else f"table {name}"
        yield f"comment on {target} is {quoted(text)}"


def comments(connection: duckdb.DuckDBPyConnection, database: str) -> Descriptions:
    """The comments on the tables in the schema marts of an attached database."""
    rows = connection.execute(
        """
        select table_name, '' as column_name, comment
        from duckdb_tables()
        where database_name = $database and schema_name = $schema and comment is not null
        union all
        select table_name, column_name, comment
        from duckdb_columns()
        where database_name = $database and schema_name = $schema and comment is not null
        """,
        {"database": database, "schema": SCHEMA},
    ).fetchall()
    return {(table, column): text for table, column, text in rows}


def _from_manifest(manifest: Path | None) -> Descriptions:
    if manifest is None:
        return {}
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    descriptions: Descriptions = {}
    for node in nodes:
        if node["resource_type"] == "model" and node["schema"] == SCHEMA:
            descriptions[node["name"], ""] = " ".join(node["description"].split())
            for column in node["columns"].values():
                descriptions[node["name"], column["name"]] = " ".join(column["description"].split())
    return descriptions


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> set[tuple[str, str]]:
    rows = connection.execute(
        """
        select table_name, column_name
        from duckdb_columns()
        where database_name = ? and schema_name = ?
        """,
        [database, SCHEMA],
    ).fetchall()
    return {*rows, *((table, "") for table in mart_names(connection, database))}

"""Contracts of marts: what readers count on, and which changes break what they have built.

The published file is the contract that is in force: its tables, columns, types, what is never NULL,
and the grain, which is the first sentence of a table's description.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from serving.descriptions import comments
from serving.fingerprints import SCHEMA, attach, mart_names
from serving.quoting import name_of


@dataclass(frozen=True)
class Column:
    """data_type as DuckDB calls it. is_required: it is never NULL."""

    data_type: str
    is_required: bool


@dataclass(frozen=True)
class Contract:
    """One mart: the grain, and its columns by name. No grain: the mart does not tell."""

    grain: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One difference. column: empty where the whole table is meant."""

    table: str
    column: str
    told: str
    is_breaking: bool


def grain(description: str) -> str:
    """The first sentence of a description, on one line and without its full stop."""
    return " ".join(description.split()).partition(". ")[0].rstrip(".")


def canonical_types(types: Iterable[str]) -> dict[str, str]:
    """Each type and how DuckDB calls it: decimal(18, 2) is DECIMAL(18,2)."""
    with duckdb.connect() as connection:
        return {
            one: str(connection.sql(f"select cast(null as {one}) as value").types[0])
            for one in {*types}
        }


def columns_declared(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> str:
    """The columns of a mart in an attached database as SQL declares them: type, never NULL."""
    columns = connection.execute(
        """
        select column_name, data_type || case when is_nullable then '' else ' not null' end
        from duckdb_columns()
        where database_name = ? and schema_name = ? and table_name = ?
        order by column_index
        """,
        [database, SCHEMA, table],
    ).fetchall()
    return ", ".join(f"{name_of(name)} {declared}" for name, declared in columns)


def published_contracts(path: Path) -> dict[str, Contract]:
    """Mart -> its contract in a published file. Raises duckdb.Error where it cannot be read."""
    with duckdb.connect() as connection:
        attach(connection, path, "published")
        described = comments(connection, "published")
        names = mart_names(connection, "published")
        columns: dict[str, dict[str, Column]] = {name: {} for name in names}
        for table, column, data_type, is_nullable in connection.execute(
            """
            select table_name, column_name, data_type, is_nullable
            from duckdb_columns()
            where database_name = 'published' and schema_name = ?
            order by table_name, column_index
            """,
            [SCHEMA],
        ).fetchall():
            if table in columns:
                columns[table][column] = Column(data_type, not is_nullable)
    return {name: Contract(grain(described.get((name, ""), "")), columns[name]) for name in names}


def changes(before: Mapping[str, Contract], now: Mapping[str, Contract]) -> Iterator[Change]:
    """What is otherwise now, by table: what breaks first, then what is new."""
    for table in sorted({*before, *now}):
        if table not in now:
            yield Change(table, "", "is gone", is_breaking=True)
        elif table not in before:
            yield Change(table, "", f"is new: {now[table].grain}", is_breaking=False)
        else:
            yield from _changes(table, before[table], now[table])


def _changes(table: str, before: Contract, now: Contract) -> Iterator[Change]:
    if before.grain and before.grain.casefold() != now.grain.casefold():
        told = f"has another grain: was {before.grain!r}, is {now.grain!r}"
        yield Change(table, "", told, is_breaking=True)
    for name, column in before.columns.items():
        if name not in now.columns:
            yield Change(table, name, "is gone", is_breaking=True)
            continue
        after = now.columns[name]
        if column.data_type != after.data_type:
            told = f"was {column.data_type}, is {after.data_type}"
            yield Change(table, name, told, is_breaking=True)
        if column.is_required and not after.is_required:
            yield Change(table, name, "may be NULL now", is_breaking=True)
    for name in now.columns:
        if name not in before.columns:
            told = f"is new: {now.columns[name].data_type}"
            yield Change(table, name, told, is_breaking=False)

"""The published marts, opened so that a query can read them and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from serving.reading import hardened

Row = dict[str, Any]


class Marts:
    """Queries of one published file. Names of tables need no schema; macros are at hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self.path = path

    def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows as column -> value."""
        found = self._connection.execute(sql, list(values))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, sql: str, *values: object) -> Row:
        """The first row; empty where there is none, so that its values read as NULL."""
        return next(iter(self.rows(sql, *values)), {})

    def value(self, sql: str, *values: object) -> Any:
        """The first value of the first row; None where there is none."""
        return next(iter(self.row(sql, *values).values()), None)

    def names(self) -> set[str]:
        """The tables of the file."""
        return {row["table_name"] for row in self.rows("select table_name from duckdb_tables()")}

    def holds(self, mart: str) -> bool:
        """Whether the mart has rows: a source that is not delivered leaves its marts empty."""
        return bool(self.value(f"select 1 from {mart} limit 1"))


@contextmanager
def open_marts(published: Path) -> Iterator[Marts]:
    """The published file, read-only and cut off from everything else.

    Raises duckdb.IOException where there is none that can be read.
    """
    with hardened(published) as connection:
        yield Marts(connection, published)

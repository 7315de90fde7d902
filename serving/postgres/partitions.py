"""Partitions of a mart: what is compared, staged and replaced as one. Here they are chosen.

A partition is a month of the mart's partition column; without a date column it is the whole mart.
"""

import hashlib
from dataclasses import dataclass

import duckdb

from serving.fingerprints import SCHEMA, column_types, row_line
from serving.postgres.column_types import Column, column
from serving.quoting import name_of

WHOLE = ""


@dataclass(frozen=True)
class Partition:
    """The content of a partition: rows and fingerprint."""

    rows: int
    hash: str


@dataclass(frozen=True)
class Shape:
    """A mart's columns, and the column whose month makes its partitions; WHOLE where none does."""

    table: str
    columns: tuple[Column, ...]
    partition_column: str

    @property
    def types(self) -> dict[str, str]:
        """Column -> type in PostgreSQL."""
        return {one.name: one.data_type for one in self.columns}

    @property
    def names(self) -> str:
        """The columns, for a statement."""
        return ", ".join(name_of(one.name) for one in self.columns)

    @property
    def key(self) -> str:
        """The partition of a row: an expression that gives the same text in both databases."""
        if self.partition_column == WHOLE:
            return "'all'"
        day = f"{name_of(self.partition_column)}::timestamp"
        return f"coalesce(cast(cast(date_trunc('month', {day}) as date) as varchar), 'none')"


def shape(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> Shape:
    """How a table in the schema marts of an attached database is mirrored."""
    columns = column_types(connection, database, table)
    return Shape(
        table,
        tuple(column(name, data_type) for name, data_type in columns),
        _partition_column(connection, database, table, columns),
    )


def partitions(
    connection: duckdb.DuckDBPyConnection, database: str, mart: Shape
) -> dict[str, Partition]:
    """Key -> partition, of a table in an attached database. An empty table has none."""
    columns = column_types(connection, database, mart.table)
    rows = connection.execute(
        f"""
        select partition_key, count(*), sum(md5_number_lower(line))
        from (
            select {mart.key} as partition_key, {row_line(columns)} as line
            from {database}.{SCHEMA}.{name_of(mart.table)}
        )
        group by partition_key
        order by partition_key
        """
    ).fetchall()
    return {
        key: Partition(count, hashlib.sha256(repr((columns, count, total)).encode()).hexdigest())
        for key, count, total in rows
    }


def _partition_column(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    table: str,
    columns: list[tuple[str, str]],
) -> str:
    """The first date that every row has, else the first date.

    What every row has is the day that it tells of, which stays, while a close date that is still
    expected moves with each change and would rewrite two months.
    """
    dates = [name for name, data_type in columns if data_type == "DATE"]
    if not dates:
        return WHOLE
    counts = ", ".join(f"count(*) - count({name_of(name)})" for name in dates)
    absent = (
        connection.execute(f"select {counts} from {database}.{SCHEMA}.{name_of(table)}").fetchone()
        or ()
    )
    return next((name for name, n in zip(dates, absent, strict=True) if n == 0), dates[0])

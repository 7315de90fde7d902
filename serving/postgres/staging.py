"""Staging: changed partitions are copied to the server before readers see any of it.

Each batch is a transaction of its own and stands in a book, so that a mirror that was killed goes
on: what is staged with the right hash is not copied again.
"""

from collections.abc import Collection, Iterator, Mapping

import duckdb

from serving.fingerprints import SCHEMA
from serving.postgres.books import (
    MIRRORED,
    STAGED,
    column_types,
    enter,
    partitions,
    strike,
)
from serving.postgres.errors import MirrorError
from serving.postgres.names import STAGING, staging
from serving.postgres.partitions import Partition, Shape
from serving.postgres.session import Session
from serving.quoting import name_of, quoted

# Rows that a batch has at least, unless none are left: what a killed mirror has to copy again.
BATCH_ROWS = 50_000
_FETCHED = 10_000


def sweep(session: Session, wanted: Collection[str]) -> None:
    """Drop the staging tables that a killed mirror left and that nobody wants any more."""
    left = session.rows("select tablename from pg_tables where schemaname = %s", [STAGING])
    for table in sorted({name for (name,) in left} - {MIRRORED, STAGED} - {*wanted}):
        with session.transaction():
            drop(session, table)


def drop(session: Session, table: str) -> None:
    """Drop a staging table, and take it out of the book."""
    session.execute(f"drop table {staging(table)}")
    strike(session, STAGED, table)


def stage(
    session: Session,
    source: duckdb.DuckDBPyConnection,
    database: str,
    shape: Shape,
    wanted: Mapping[str, Partition],
) -> int:
    """Make the staging table hold these partitions and no others; return the rows copied."""
    staged = _kept(session, shape, wanted)
    missing = {key: one for key, one in wanted.items() if key not in staged}
    for batch in _batches(missing):
        with session.transaction():
            copied = _copy(session, source, database, shape, batch)
            if copied != sum(one.rows for one in batch.values()):
                raise MirrorError(
                    "The server took another number of rows than it was sent",
                    where=f"{staging(shape.table)} in {session.place}",
                    remedy="look for triggers or rules on the schema there",
                )
            enter(session, STAGED, shape.table, shape.partition_column, batch)
    return sum(one.rows for one in missing.values())


def _kept(session: Session, shape: Shape, wanted: Mapping[str, Partition]) -> set[str]:
    """The keys of wanted partitions that are staged already; whatever else is staged goes."""
    table = staging(shape.table)
    with session.transaction():
        staged = partitions(session, STAGED, shape.table, shape.partition_column)
        types = column_types(session, table)
        if types is not None and (staged is None or types != shape.types):
            drop(session, shape.table)
            types = None
        if types is None:
            columns = ", ".join(f"{name_of(one.name)} {one.data_type}" for one in shape.columns)
            session.execute(f"create unlogged table {table} ({columns})")
            strike(session, STAGED, shape.table)
            return set()
        held = staged or {}
        if stale := [key for key, one in held.items() if wanted.get(key) != one]:
            session.execute(f"delete from {table} where {shape.key} = any(%s)", [stale])
            strike(session, STAGED, shape.table, stale)
        return held.keys() - stale


def _batches(missing: Mapping[str, Partition]) -> Iterator[dict[str, Partition]]:
    batch: dict[str, Partition] = {}
    for key, one in missing.items():
        batch[key] = one
        if sum(other.rows for other in batch.values()) >= BATCH_ROWS:
            yield batch
            batch = {}
    if batch:
        yield batch


def _copy(
    session: Session,
    source: duckdb.DuckDBPyConnection,
    database: str,
    shape: Shape,
    keys: Collection[str],
) -> int:
    """Copy these partitions into the staging table; return how many rows the server took."""
    lines = source.execute(
        f"""
        select concat_ws(chr(9), {", ".join(one.copied for one in shape.columns)})
        from {database}.{SCHEMA}.{name_of(shape.table)}
        where {shape.key} in ({", ".join(map(quoted, keys))})
        """
    )
    with session.connection.cursor() as cursor:
        with cursor.copy(f"copy {staging(shape.table)} ({shape.names}) from stdin") as copy:
            while fetched := lines.fetchmany(_FETCHED):
                copy.write("".join(f"{line}\n" for (line,) in fetched))
        return cursor.rowcount

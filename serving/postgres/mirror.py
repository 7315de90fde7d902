"""The mirror: the published file in a PostgreSQL, so that readers see one version or the next.

Changed partitions are staged first, then replaced by DELETE and INSERT in one transaction over all
tables, `published` last. Neither waits for readers nor makes them wait. Where the columns of a mart
have changed it must wait for those who read that mart (lock_timeout), and a transaction that began
before and reads the mart only afterwards finds new columns empty: no ALTER keeps the old for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from serving.catalogue import CATALOGUE, HISTORY
from serving.fingerprints import attach
from serving.postgres import READER, books
from serving.postgres.books import MIRRORED, Catalogue
from serving.postgres.comments import write_comments
from serving.postgres.errors import MirrorError
from serving.postgres.functions import write_functions
from serving.postgres.grants import grant, make_reader
from serving.postgres.names import STAGING, mart, staging
from serving.postgres.partitions import Partition, Shape, partitions, shape
from serving.postgres.session import LOCK_SECONDS, Session, opened
from serving.postgres.staging import drop, stage, sweep
from serving.quoting import name_of

# The alias of the published file while it is read.
PUBLISHED = "published"


@dataclass(frozen=True)
class Mirrored:
    """What readers of the server see now, and what was written for it.

    copied_rows: staged by this mirror; one that was killed before may have staged more.
    """

    version: str
    is_new: bool
    tables: int = 0
    partitions: int = 0
    rows: int = 0
    copied_rows: int = 0
    comments: int = 0


@dataclass(frozen=True)
class Change:
    """What is to be done for one table. deleted: keys of partitions; None: all rows.

    types: those that the table on the server has; None where it has to be made.
    """

    shape: Shape
    types: dict[str, str] | None
    deleted: tuple[str, ...] | None
    inserted: dict[str, Partition]

    @property
    def is_empty(self) -> bool:
        """Whether the server holds the table as it shall be."""
        return self.types == self.shape.types and self.deleted == () and not self.inserted


def mirror(
    published: Path, address: str, *, reader: str = READER, lock_seconds: int = LOCK_SECONDS
) -> Mirrored:
    """Make the schema marts of the PostgreSQL at that address hold what the published file holds.

    reader: the role that may read it, made where it is missing.
    Raises MirrorError; the server then holds what it held before. Run again, it goes on.
    """
    with _opened(published) as source, opened(address, lock_seconds) as session:
        wanted = _catalogue(source)
        tables = [*wanted.hashes, HISTORY, CATALOGUE]
        books.prepare(session)
        there = books.read_catalogue(session, wanted.company, tables)
        make_reader(session, reader)
        if there == wanted:
            _let_read(session, reader, tables)
            return Mirrored(wanted.version, is_new=False)
        changes = _changes(session, source, there, wanted, tables)
        sweep(session, [change.shape.table for change in changes if change.inserted])
        copied = _stage(session, source, changes)
        with session.transaction():
            _drop_tables(session, there.tables - {*tables})
            rows = sum(_apply(session, change) for change in changes)
            written = write_comments(session, source, PUBLISHED, tables)
            _let_read(session, reader, tables)
    return Mirrored(
        wanted.version,
        is_new=True,
        tables=len(changes),
        partitions=sum(len(change.inserted) for change in changes),
        rows=rows,
        copied_rows=copied,
        comments=written,
    )


@contextmanager
def _opened(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with duckdb.connect() as source:
            # The version itself, not the link: another one may be published meanwhile.
            attach(source, published.resolve(), PUBLISHED)
            yield source
    except duckdb.Error as error:
        raise MirrorError(
            f"The published file could not be read: {type(error).__name__}",
            where=str(published),
            remedy="look whether its disk is full, and what the terminal shows of it",
            excerpt=" ".join(str(error).split()),
        ) from None


def _let_read(session: Session, reader: str, tables: Sequence[str]) -> None:
    """What belongs to the release and the settings rather than to the version."""
    with session.transaction():
        write_functions(session, tables)
        grant(session, reader, tables)


def _catalogue(source: duckdb.DuckDBPyConnection) -> Catalogue:
    rows = source.execute(
        f"select version, company, table_name, table_hash from {PUBLISHED}.{mart(CATALOGUE)}"
        " order by table_name"
    ).fetchall()
    version, company = rows[0][:2]
    return Catalogue(version, company, {name: hashed for _, _, name, hashed in rows})


def _changes(
    session: Session,
    source: duckdb.DuckDBPyConnection,
    there: Catalogue,
    wanted: Catalogue,
    tables: Sequence[str],
) -> list[Change]:
    """What differs, in the order of the tables. One whose hash is published there is not read."""
    compared = [
        table
        for table in tables
        if table not in wanted.hashes or wanted.hashes[table] != there.hashes.get(table)
    ]
    found = [_change(session, source, table) for table in compared]
    return [change for change in found if not change.is_empty]


def _change(session: Session, source: duckdb.DuckDBPyConnection, table: str) -> Change:
    found = shape(source, PUBLISHED, table)
    wanted = partitions(source, PUBLISHED, found)
    types = books.column_types(session, mart(table))
    held = books.partitions(session, MIRRORED, table, found.partition_column)
    # A book that is lost tells of no partition, and what the table holds is then anybody's guess.
    is_known = held or (types and not session.holds(f"exists (select from {mart(table)})"))
    if types != found.types or held is None or not is_known:
        return Change(found, types, None, wanted)
    return Change(
        found,
        types,
        tuple(key for key, one in held.items() if wanted.get(key) != one),
        {key: one for key, one in wanted.items() if held.get(key) != one},
    )


def _stage(session: Session, source: duckdb.DuckDBPyConnection, changes: Sequence[Change]) -> int:
    copied = 0
    for change in changes:
        if change.inserted:
            with session.at(staging(change.shape.table)):
                copied += stage(session, source, PUBLISHED, change.shape, change.inserted)
    return copied


def _drop_tables(session: Session, tables: set[str]) -> None:
    """Drop marts that the project no longer has."""
    for table in sorted(tables):
        with session.at(mart(table)):
            session.execute(f"drop table {mart(table)}")
            books.strike(session, MIRRORED, table)


def _apply(session: Session, change: Change) -> int:
    """Bring one table to its new state, within the transaction; return the rows inserted."""
    table, name = change.shape.table, mart(change.shape.table)
    with session.at(name):
        _delete(session, change)
        _reshape(session, change)
        books.strike(session, MIRRORED, table, change.deleted)
        rows = 0
        if change.inserted:
            rows = session.execute(
                f"insert into {name} ({change.shape.names})"
                f" select {change.shape.names} from {staging(table)}"
            ).rowcount
            column = change.shape.partition_column
            books.enter(session, MIRRORED, table, column, change.inserted)
            drop(session, table)
            # The planner knows nothing of a new table until autovacuum comes by.
            session.execute(f"analyze {name}")
    if rows != sum(one.rows for one in change.inserted.values()):
        raise MirrorError(
            "A staging table holds other rows than were staged",
            where=f"{staging(table)} in {session.place}",
            remedy=f"nothing but the mirror may write there: drop schema {STAGING} cascade",
        )
    return rows


def _delete(session: Session, change: Change) -> None:
    name = mart(change.shape.table)
    if change.deleted is None:
        if change.types is not None:
            session.execute(f"delete from {name}")
    elif change.deleted:
        session.execute(
            f"delete from {name} where {change.shape.key} = any(%s)", [list(change.deleted)]
        )


def _reshape(session: Session, change: Change) -> None:
    """Make the table, or give it its new columns: a column of another type is another column.

    ALTER TYPE would rewrite the table, which is then empty to whoever looks at an older state.
    """
    name, wanted = mart(change.shape.table), change.shape.types
    if change.types is None:
        columns = ", ".join(f"{name_of(one)} {data_type}" for one, data_type in wanted.items())
        session.execute(f"create table {name} ({columns})")
        return
    for one, data_type in change.types.items():
        if wanted.get(one) != data_type:
            session.execute(f"alter table {name} drop column {name_of(one)}")
    for one, data_type in wanted.items():
        if change.types.get(one) != data_type:
            session.execute(f"alter table {name} add column {name_of(one)} {data_type}")

"""What the mirror knows of the server: which partitions readers have, and which are staged."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from serving.catalogue import CATALOGUE, OWN_TABLES
from serving.fingerprints import SCHEMA
from serving.postgres import ADDRESS_VARIABLE
from serving.postgres.errors import MirrorError
from serving.postgres.names import STAGING, mart
from serving.postgres.partitions import Partition
from serving.postgres.session import Session

MIRRORED, STAGED = "_mirrored", "_staged"
_COLUMNS = """
    table_name text,
    partition_key text,
    partition_column text not null,
    partition_hash text not null,
    row_count bigint not null,
    primary key (table_name, partition_key)
"""


@dataclass(frozen=True)
class Catalogue:
    """marts.published of a server: empty where nothing is mirrored yet. hashes: mart -> hash."""

    version: str
    company: str
    hashes: Mapping[str, str]

    @property
    def tables(self) -> set[str]:
        """The tables that the mirror has made, its own included."""
        return {*self.hashes, *OWN_TABLES} if self.version else set()


def prepare(session: Session) -> None:
    """Make the schemas and the two books where they are missing.

    That of what is staged goes with a crash of the server, as the staging tables do (unlogged).
    """
    with session.transaction():
        for schema in (SCHEMA, STAGING):
            # `if not exists` asks for the right to create also where nothing is to be created.
            if not session.holds("to_regnamespace(%s) is not null", [schema]):
                session.execute(f"create schema {schema}")
        for kind, book in (("table", MIRRORED), ("unlogged table", STAGED)):
            if not session.holds("to_regclass(%s) is not null", [f"{STAGING}.{book}"]):
                session.execute(f"create {kind} {STAGING}.{book} ({_COLUMNS})")


def read_catalogue(session: Session, company: str, tables: Collection[str]) -> Catalogue:
    """What is mirrored; raises MirrorError where somebody else's tables stand in the way."""
    there = {
        name
        for (name,) in session.rows(
            "select relname from pg_class where relnamespace = %s::regnamespace"
            " and relkind in ('r', 'p', 'v', 'm', 'f')",
            [SCHEMA],
        )
    }
    rows = []
    if CATALOGUE in there:
        rows = session.rows(
            f"select version, company, table_name, table_hash from {mart(CATALOGUE)}"
        )
    version, holder = rows[0][:2] if rows else ("", company)
    # One that somebody dropped is not there, whatever the catalogue says.
    hashes = {name: hashed for _, _, name, hashed in rows if name in there}
    found = Catalogue(version, holder, hashes)
    if holder != company:
        raise MirrorError(
            f"The database holds the marts of the company {holder!r}, not of {company!r}",
            where=f"schema {SCHEMA} in {session.place}",
            remedy=f"give each company a database of its own in {ADDRESS_VARIABLE}",
        )
    if foreign := sorted(there & {*tables} - found.tables):
        raise MirrorError(
            f"The database has tables of these names that no mirror has made: {', '.join(foreign)}",
            where=f"schema {SCHEMA} in {session.place}",
            remedy=f"rename them, or give {ADDRESS_VARIABLE} the address of a database of its own",
        )
    return found


def column_types(session: Session, relation: str) -> dict[str, str] | None:
    """Column -> type of a table on the server; None where there is no such table."""
    if not session.holds("to_regclass(%s) is not null", [relation]):
        return None
    return dict(
        session.rows(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [relation],
        )
    )


def partitions(session: Session, book: str, table: str, column: str) -> dict[str, Partition] | None:
    """Key -> partition of a table by a book; None where it was parted by another column."""
    rows = session.rows(
        "select partition_key, partition_column, partition_hash, row_count"
        f" from {STAGING}.{book} where table_name = %s",
        [table],
    )
    if any(by != column for _, by, _, _ in rows):
        return None
    return {key: Partition(count, hashed) for key, _, hashed, count in rows}


def enter(
    session: Session, book: str, table: str, column: str, entered: Mapping[str, Partition]
) -> None:
    """Write partitions of a table into a book."""
    with session.connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {STAGING}.{book} values (%s, %s, %s, %s, %s)",
            [(table, key, column, one.hash, one.rows) for key, one in entered.items()],
        )


def strike(session: Session, book: str, table: str, keys: Iterable[str] | None = None) -> None:
    """Take partitions of a table out of a book, by their keys; None: all of them."""
    if keys is None:
        session.execute(f"delete from {STAGING}.{book} where table_name = %s", [table])
    else:
        session.execute(
            f"delete from {STAGING}.{book} where table_name = %s and partition_key = any(%s)",
            [table, list(keys)],
        )

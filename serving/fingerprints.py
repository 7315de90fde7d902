"""Fingerprints of tables: equal if and only if columns, types and rows are, in whatever order."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from serving.catalogue import OWN_TABLES
from serving.quoting import name_of, quoted

SCHEMA = "marts"
# Types whose values, written out, never hold the separator, nor look like an absent one.
SPEAKS_FOR_ITSELF = re.compile(r"(BOOLEAN|\w*INT(EGER)?|DOUBLE|DECIMAL\(.*\)|DATE|TIMESTAMP)$")
# Beyond it DuckDB lets go of what it has read, and spills beside the file.
MEMORY = "1500MB"


def table_hashes(path: Path) -> dict[str, str]:
    """Table -> fingerprint, for all marts of a DuckDB file but what describes the publication.

    That tells of the publication (its version, hence its time), not of the business.
    """
    with duckdb.connect() as connection:
        attach(connection, path, "warehouse")
        return {
            table: table_hash(connection, "warehouse", table)
            for table in mart_names(connection, "warehouse")
        }


def attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
    """Attach a DuckDB file for reading, as the first thing that a connection does.

    Instants are shown in UTC, so that text is the same. No progress bar: DuckDB would draw it
    across our own lines where Python was not started with a script.
    """
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set memory_limit = {quoted(MEMORY)}")
    connection.execute(f"set temp_directory = {quoted(f'{path}.tmp')}")
    connection.execute(f"attach {quoted(str(path))} as {alias} (read_only)")


def mart_names(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """The tables in the schema marts of an attached database, in alphabetical order."""
    rows = connection.execute(
        """
        select table_name
        from duckdb_tables()
        where database_name = ? and schema_name = ?
        order by table_name
        """,
        [database, SCHEMA],
    ).fetchall()
    return [name for (name,) in rows if name not in OWN_TABLES]


def row_count(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> int:
    """The number of rows of a mart."""
    found = connection.execute(
        f"select count(*) from {database}.{SCHEMA}.{name_of(table)}"
    ).fetchone()
    return int(found[0]) if found else 0


def table_hash(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> str:
    """The fingerprint of one mart: 32 hexadecimal digits.

    Rows are digested one by one and the digests added up, so their order does not matter, and a
    row that comes twice does. Each text is given with its length, so that no two rows read alike.
    """
    columns = column_types(connection, database, table)
    sums = connection.execute(
        f"""
        select count(*), sum(md5_number_lower(line))
        from (select {row_line(columns)} as line from {database}.{SCHEMA}.{name_of(table)})
        """
    ).fetchone()
    return hashlib.sha256(repr((columns, sums)).encode()).hexdigest()[:32]


def checksum(
    connection: duckdb.DuckDBPyConnection, database: str, table: str
) -> tuple[object, ...]:
    """Columns, rows and a sum over the rows of one mart: equal in two databases if the mart is.

    Thirty times as fast as table_hash, and only comparable within one process: what DuckDB's hash
    gives may change with its release.
    """
    sums = connection.execute(
        f"select count(*), sum(hash(mart)) from {database}.{SCHEMA}.{name_of(table)} as mart"
    ).fetchone()
    return (column_types(connection, database, table), sums)


def row_line(columns: Sequence[tuple[str, str]]) -> str:
    """The SQL of a row as one text, given its columns and their types: equal only if the row is."""
    values = [_told(f"{name_of(name)}::varchar", data_type) for name, data_type in columns]
    return f"concat_ws('|', {', '.join(values)})"


def _told(text: str, data_type: str) -> str:
    told = text if SPEAKS_FOR_ITSELF.match(data_type) else f"length({text}) || ':' || {text}"
    return f"coalesce({told}, '-')"


def column_types(
    connection: duckdb.DuckDBPyConnection, database: str, table: str
) -> list[tuple[str, str]]:
    """The columns of a mart in their order, each with DuckDB's name of its type."""
    return connection.execute(
        f"select column_name, column_type from (describe {database}.{SCHEMA}.{name_of(table)})"
    ).fetchall()

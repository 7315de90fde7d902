"""What PostgreSQL and MySQL/MariaDB do differently: catalogue, casts, one state for all tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qsl

import duckdb

from ingest.casts import literal, quoted

# What of an address concerns the encryption of the connection is handed on.
SSL_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")


@dataclass(frozen=True)
class SourceColumn:
    """A column as the database has it. `family`: whole, exact, floating, boolean, date, instant
    (with zone), local (without) or other."""

    name: str
    data_type: str
    family: str


@dataclass(frozen=True)
class TableQuery:
    """What is asked for a table: SQL with `{}` for the values, each of them cast to text.

    `columns` names them; `extra` names what the table has beside them.
    """

    table_name: str
    query: str
    texts: tuple[str, ...]
    columns: tuple[str, ...]
    extra: tuple[str, ...]


class Dialect(Protocol):
    """One kind of database."""

    @property
    def name(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def schemes(self) -> tuple[str, ...]: ...
    @property
    def settings(self) -> tuple[str, ...]: ...
    @property
    def utc_mark(self) -> str: ...

    def options(self, timeout: int, address: SplitResult) -> str:
        """What the connection is opened with, beside its secret."""
        ...

    def columns(self, con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, SourceColumn]:
        """The columns of a table, in its order; none where it is not there or not granted."""
        ...

    def ask(self, con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, ...]]:
        """What the server answers to a statement in its own words."""
        ...

    def quoted(self, name: str) -> str:
        """A name as the database wants it."""
        ...

    def relation(self, name: str) -> str:
        """A table, `schema.table` or `table`."""
        ...

    def as_text(self, column: SourceColumn) -> str:
        """The SQL that says a value as a file would."""
        ...

    def copy(
        self,
        con: duckdb.DuckDBPyConnection,
        queries: Sequence[TableQuery],
        folder: Path,
        timeout: int,
    ) -> None:
        """Write <table>.parquet for each query, all of one state of the database."""
        ...


class Postgres:
    """One transaction, repeatable read and read only, spans catalogue and all tables."""

    name = "postgres"
    extension = "postgres_scanner"
    schemes = ("postgresql", "postgres")
    settings: tuple[str, ...] = ()
    utc_mark = "+00"
    families: Mapping[str, str] = {
        "int2": "whole",
        "int4": "whole",
        "int8": "whole",
        "numeric": "exact",
        "float4": "floating",
        "float8": "floating",
        "bool": "boolean",
        "date": "date",
        "timestamptz": "instant",
        "timestamp": "local",
    }

    def options(self, timeout: int, address: SplitResult) -> str:
        """The session's settings hold however the server or the role are set up."""
        limit = timeout * 1000
        settings = {
            "statement_timeout": str(limit),
            "idle_in_transaction_session_timeout": str(limit),
            "default_transaction_read_only": "on",
            "TimeZone": "UTC",
            "DateStyle": "ISO",
            "extra_float_digits": "1",
        }
        session = " ".join(f"-c {name}={value}" for name, value in settings.items())
        ssl = [f"{k}={v}" for k, v in parse_qsl(address.query) if k in SSL_OPTIONS]
        return " ".join([f"options='{session}'", "connect_timeout=30", *ssl])

    def columns(self, con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, SourceColumn]:
        name = literal(".".join(self.quoted(part) for part in relation.split(".")))
        found = self.ask(
            con,
            f"""
            select
                held.attname::text,
                format_type(held.atttypid, held.atttypmod),
                base.typname::text
            from pg_attribute as held
            inner join pg_type as own on own.oid = held.atttypid
            inner join pg_type as base on base.oid = coalesce(nullif(own.typbasetype, 0), own.oid)
            where
                held.attrelid = to_regclass({name})
                and held.attnum > 0
                and not held.attisdropped
                and has_column_privilege(held.attrelid, held.attnum, 'select')
            order by held.attnum
            """,
        )
        return {n: SourceColumn(n, t, self.families.get(base, "other")) for n, t, base in found}

    def ask(self, con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, ...]]:
        return _ask(con, "postgres_query", sql)

    def quoted(self, name: str) -> str:
        return quoted(name)

    def relation(self, name: str) -> str:
        return ".".join(map(quoted, name.split(".")))

    def as_text(self, column: SourceColumn) -> str:
        name = quoted(column.name)
        # Zeros that only fill a scale are no digits of the value.
        return f"trim_scale({name})::text" if column.family == "exact" else f"{name}::text"

    def copy(
        self,
        con: duckdb.DuckDBPyConnection,
        queries: Sequence[TableQuery],
        folder: Path,
        timeout: int,
    ) -> None:
        """The server streams each table, all of them within the transaction that is open."""
        for one in queries:
            named = [f"{t} as c{i}" for i, t in enumerate(one.texts)]
            sql = one.query.format(", ".join(named))
            _write(con, f"postgres_query('src', {literal(sql)})", one, folder)


class MySql:
    """One statement spans all tables: the scanner runs queries outside its own transaction, and
    within one statement InnoDB shows one state."""

    name = "mysql"
    extension = "mysql_scanner"
    schemes = ("mysql", "mariadb")
    settings = ("set mysql_session_time_zone = '+00:00'",)
    utc_mark = ""
    families: Mapping[str, str] = {
        "tinyint": "whole",
        "smallint": "whole",
        "mediumint": "whole",
        "int": "whole",
        "bigint": "whole",
        "year": "whole",
        "bit": "whole",
        "decimal": "exact",
        "float": "floating",
        "double": "floating",
        "date": "date",
        "timestamp": "instant",
        "datetime": "local",
    }

    def options(self, timeout: int, address: SplitResult) -> str:
        modes = {k: v for k, v in parse_qsl(address.query) if k in ("ssl_mode", "ssl_ca")}
        return " ".join(f"{name}={value}" for name, value in modes.items())

    def columns(self, con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, SourceColumn]:
        *schema, name = relation.split(".")
        database = literal(schema[0]) if schema else "database()"
        found = self.ask(
            con,
            f"""
            select column_name, cast(column_type as char), cast(data_type as char)
            from information_schema.columns
            where table_schema = {database} and table_name = {literal(name)}
            order by ordinal_position
            """,
        )
        return {n: SourceColumn(n, t, self.families.get(base, "other")) for n, t, base in found}

    def ask(self, con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[str, ...]]:
        return _ask(con, "mysql_query", sql)

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def relation(self, name: str) -> str:
        return ".".join(map(self.quoted, name.split(".")))

    def as_text(self, column: SourceColumn) -> str:
        name = self.quoted(column.name)
        if column.data_type.startswith("bit"):
            return f"cast({name} + 0 as char)"
        text = f"cast({name} as char)"
        if column.family == "exact" and not column.data_type.endswith(",0)"):
            return f"trim(trailing '.' from trim(trailing '0' from {text}))"
        return f"concat({text}, '+00:00')" if column.family == "instant" else text

    def copy(
        self,
        con: duckdb.DuckDBPyConnection,
        queries: Sequence[TableQuery],
        folder: Path,
        timeout: int,
    ) -> None:
        """The tables come stacked, the narrower ones padded, and are taken apart again here."""
        sql = self._limited(con, self.stacked(queries), timeout)
        con.execute(
            f"create temp table stacked as select * from mysql_query('src', {literal(sql)})"
        )
        for number, one in enumerate(queries):
            _write(con, f"(select * from stacked where part = {number})", one, folder)

    @staticmethod
    def stacked(queries: Sequence[TableQuery]) -> list[str]:
        """The queries with a number each and all of one width, ready to be united."""
        width = max(len(one.texts) for one in queries)
        parts = []
        for number, one in enumerate(queries):
            padded = [*one.texts, *["null"] * (width - len(one.texts))]
            named = [f"{text} as c{index}" for index, text in enumerate(padded)]
            parts.append(one.query.format(", ".join([f"{number} as part", *named])))
        return parts

    def _limited(self, con: duckdb.DuckDBPyConnection, parts: Sequence[str], timeout: int) -> str:
        """The two servers have their own words for a time limit."""
        ((version,),) = self.ask(con, "select version()")
        if "mariadb" in version.lower():
            whole = " union all ".join(parts)
            return f"set statement max_statement_time={timeout} for {whole}"
        hinted = f"select /*+ MAX_EXECUTION_TIME({timeout * 1000}) */"
        return " union all ".join([parts[0].replace("select", hinted, 1), *parts[1:]])


DIALECTS: Mapping[str, Dialect] = {"postgres": Postgres(), "mysql": MySql()}


def _ask(con: duckdb.DuckDBPyConnection, function: str, sql: str) -> list[tuple[str, ...]]:
    return con.execute(f"select * from {function}('src', {literal(sql)})").fetchall()


def _write(con: duckdb.DuckDBPyConnection, relation: str, one: TableQuery, folder: Path) -> None:
    """Columns that are not declared are told by their name; their values stay where they are."""
    values = [f"cast(c{i} as varchar) as {quoted(name)}" for i, name in enumerate(one.columns)]
    names = [f"cast(null as varchar) as {quoted(name)}" for name in one.extra]
    target = literal(str(folder / f"{one.table_name}.parquet"))
    try:
        con.execute(
            f"copy (select {', '.join([*values, *names])} from {relation})"
            f" to {target} (format parquet, compression zstd)"
        )
    except duckdb.Error as error:
        error.add_note(f"in table {one.table_name}")
        raise

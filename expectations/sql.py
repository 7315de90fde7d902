"""Texts and names written into SQL, and what the warehouse says of its tables."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import duckdb


@contextmanager
def connected(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file, and close it afterwards.

    Without the progress bar, which DuckDB draws into the output of a Python without a script.
    """
    with duckdb.connect(str(path), read_only=read_only) as con:
        con.execute("set enable_progress_bar = false")
        yield con


def identifier(name: str) -> str:
    """Write a name, quoted only where it must be: people paste these queries into a shell."""
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    tokens = {token for _, token in duckdb.tokenize(name)}
    if plain and tokens == {duckdb.token_type.identifier}:
        return name
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """Write a text as an SQL expression.

    SQLAlchemy reads `:name` as a parameter even inside quotes, so a colon is spelled chr(58).
    """
    quoted = "'" + text.replace("'", "''") + "'"
    if ":" not in text:
        return quoted
    return "(" + quoted.replace(":", "' || chr(58) || '") + ")"


def instant_literal(instant: datetime) -> str:
    """Write an instant to the second, without the colons that SQLAlchemy takes for parameters."""
    return f"make_timestamp({', '.join(str(part) for part in instant.timetuple()[:6])})"


def text_list(texts: Iterable[str]) -> str:
    """Write texts as the list of an `in`; the list must not be empty."""
    return f"({', '.join(map(text_literal, texts))})"


def day_literal(day: date) -> str:
    """Write a day."""
    return f"date '{day.isoformat()}'"


def local_day(expression: str, time_zone: str) -> str:
    """The local day of an instant (UTC without zone)."""
    zone = text_literal(time_zone)
    return f"cast(timezone({zone}, timezone('UTC', {expression})) as date)"


def record_id(keys: Iterable[str]) -> str:
    """The text that names a record in verdicts: its keys joined by '|'."""
    parts = [f"coalesce(cast({identifier(key)} as varchar), '')" for key in keys]
    return " || '|' || ".join(parts)


def column_types(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str]:
    """Return the table's columns in order with their types; empty where there is no such table."""
    rows = con.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = ? and table_name = ? order by ordinal_position",
        [schema, table],
    ).fetchall()
    return dict(rows)

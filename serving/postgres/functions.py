"""The any-day functions of the mirror: pipeline_as_of(day), forecast_as_of(day) ..."""

import re
from collections.abc import Collection
from pathlib import Path

from psycopg.errors import InvalidFunctionDefinition

from serving.any_day import READS
from serving.fingerprints import SCHEMA
from serving.postgres.session import Session
from serving.quoting import quoted

_WRITTEN = Path(__file__).parents[1] / "any_day_postgres.sql"
# The lines of comment right above a function, its statement, name, parameters and body.
_FUNCTION = re.compile(
    r"(?P<told>(?:^-- [^\n]*\n)+)"
    r"(?P<statement>create or replace function marts\.(?P<name>\w+)\((?P<taken>[^)]*)\)"
    r"[^$]*\$\$(?P<body>[^$]*)\$\$);",
    re.M,
)


def write_functions(session: Session, tables: Collection[str]) -> None:
    """Create the functions where these tables hold what they read; only those that differ.

    A statement that is just using one goes on with the old one: functions are not locked.
    """
    if READS - {*tables}:
        return
    there = {
        name: (body, told)
        for name, body, told in session.rows(
            "select proname, prosrc, obj_description(oid, 'pg_proc') from pg_proc"
            " where pronamespace = %s::regnamespace",
            [SCHEMA],
        )
    }
    for found in _FUNCTION.finditer(_WRITTEN.read_text(encoding="utf-8")):
        told = " ".join(line.removeprefix("-- ") for line in found["told"].splitlines())
        if there.get(found["name"]) != (found["body"], told):
            function = f"{SCHEMA}.{found['name']}({found['taken']})"
            _write(session, function, found["statement"])
            session.execute(f"comment on function {function} is {quoted(told)}")


def _write(session: Session, function: str, statement: str) -> None:
    try:
        with session.transaction():
            session.execute(statement)
    except InvalidFunctionDefinition:
        # Another release answers with other columns.
        session.execute(f"drop function {function}")
        session.execute(statement)

"""Comments on the mirrored tables and columns: BI tools read them."""

from collections.abc import Collection

import duckdb

from serving.descriptions import Descriptions, comments
from serving.fingerprints import SCHEMA
from serving.postgres.names import mart
from serving.postgres.session import Session
from serving.quoting import name_of, quoted

_THERE = """
    select pg_class.relname, coalesce(pg_attribute.attname, ''), pg_description.description
    from pg_description
    inner join pg_class on pg_description.objoid = pg_class.oid
    left join pg_attribute
        on pg_description.objoid = pg_attribute.attrelid
        and pg_description.objsubid = pg_attribute.attnum
        and pg_description.objsubid > 0
    where
        pg_description.classoid = 'pg_class'::regclass
        and pg_class.relnamespace = %s::regnamespace
"""


def write_comments(
    session: Session, source: duckdb.DuckDBPyConnection, database: str, tables: Collection[str]
) -> int:
    """Give these tables the comments that they have in the attached database.

    Only those that differ are written; returns how many.
    """
    wanted: Descriptions = {
        place: text for place, text in comments(source, database).items() if place[0] in tables
    }
    there: Descriptions = {
        (table, column): text
        for table, column, text in session.rows(_THERE, [SCHEMA])
        if table in tables
    }
    changed = [place for place in wanted | there if wanted.get(place) != there.get(place)]
    for table, column in sorted(changed):
        target = f"column {mart(table)}.{name_of(column)}" if column else f"table {mart(table)}"
        text = wanted.get((table, column))
        session.execute(f"comment on {target} is {quoted(text) if text else 'null'}")
    return len(changed)

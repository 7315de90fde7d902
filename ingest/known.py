"""What the lake knows of a table, and what a delivery adds to it.

Kept in the temporary table `known` (_key, _row_hash, _op, _extracted_at, _load_id, _row_number),
one row per key, across all deliveries of one run.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest.casts import literal, quoted
from ingest.delivery import Delivery
from ingest.errors import DeliveryError
from ingest.lake import Load, no_rows, sql_files
from ingest.tables import Table

FEWEST_KEYS_TO_GUARD = 10


class News(NamedTuple):
    """How many rows say something new, and how many of these say otherwise of their key than the
    row of it above them in the same delivery."""

    rows: int
    repeated: int


def restore_known(
    con: duckdb.DuckDBPyConnection, raw_files: Sequence[Path], told_by: str = "true"
) -> None:
    """Fill `known` from the lake: the last row of each key, of those that a condition lets pass.

    The order is that of the extraction, then of the file's name, then of the row in it.
    """
    con.execute(f"""
        create or replace temp table known as
        select _key, _row_hash, _op, _extracted_at, _load_id, _row_number
        from {sql_files(raw_files)}
        where {told_by}
        qualify row_number() over (
            partition by _key order by _extracted_at desc, _source_file desc, _row_number desc
        ) = 1
    """)


def find_news(con: duckdb.DuckDBPyConnection, lands_whole: bool) -> News:
    """Create `landing`, the rows of `typed` that say something new.

    A row is compared with the row of its key before it: the one above in the same delivery, else
    the one known. lands_whole: it is not compared with what is known, which was learnt after it,
    as with a late delivery, or which nobody can tell for sure.
    """
    unlike_known = "known._key is null or known._op = 'delete' or known._row_hash <> here._row_hash"
    con.execute(f"""
        create or replace temp table landing as
        with here as (
            select
                _row_number, _key, _row_hash,
                lag(_row_hash) over (partition by _key order by _row_number) as _above
            from typed
        )
        select
            here._row_number, here._key, here._row_hash, here._above is not null as _repeats
        from here
        left outer join known on here._key = known._key
        where case
            when here._above is not null then here._above <> here._row_hash
            else {"true" if lands_whole else unlike_known}
        end
    """)
    found = con.execute("select count(*), count(*) filter (where _repeats) from landing").fetchone()
    assert found is not None
    return News(*found)


def find_vanished(con: duckdb.DuckDBPyConnection, table: Table, delivery: Delivery) -> int:
    """Create `vanished`, the live keys that a full export no longer holds; return how many.

    The key of a refused row has not vanished. DeliveryError when more went than the table allows.
    """
    con.execute("""
        create or replace temp table vanished as
        select * from known
        where
            _op = 'upsert'
            and not exists (select 1 from typed where typed._key = known._key)
            and not exists (select 1 from refused where refused._key = known._key)
    """)
    vanished = count_rows(con, "vanished")
    live = count_rows(con, "known where _op = 'upsert'")
    if live >= FEWEST_KEYS_TO_GUARD and vanished > table.terms.max_vanished_share * live:
        raise DeliveryError(
            f"{vanished} of {live} known keys of {table} are missing from a full export,"
            f" more than {table.terms.max_vanished_share:.0%}",
            where=delivery.name,
            remedy="export it whole; if they are really gone, raise max_vanished_share for once",
        )
    return vanished


def empty_restated(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create an empty `restated`, rows as the lake has them: nothing is to be said again."""
    con.execute(f"create or replace temp table restated as {no_rows(table)}")


def rows_to_land(table: Table, load: Load, raw_files: Sequence[Path], restated: int) -> str:
    """Return the query of a load: `landing`, then a delete row for each of `vanished`, or, of a
    late one, of which nothing vanishes, what has to be `restated`.

    A delete row holds the last known values. Both are numbered after the delivered rows. The two
    tables and raw_files are read only where the load has something of them.
    """
    at = instant_literal(load.extracted_at)
    stamp = f"{literal(load.source_file)} as _source_file, {at} as _extracted_at"
    values = f"{typed_columns(table)}, _extra, {literal(load.load_id)} as _load_id"
    parts = [
        f"select {values}, _row_number, _key, _row_hash, 'upsert' as _op, {stamp} from typed"
        " where _row_number in (select _row_number from landing)"
    ]
    if load.deleted_rows:
        number = f"{load.delivered_rows} + row_number() over (order by _key) as _row_number"
        lost = f"(select lake_rows.* from {sql_files(raw_files)} as lake_rows"
        lost += " inner join vanished using (_load_id, _row_number)) as lost"
        parts.append(
            f"select {values}, {number}, _key, _row_hash, 'delete' as _op, {stamp} from {lost}"
        )
    if restated:
        order = "order by _extracted_at, _source_file, _key"
        number = f"{load.delivered_rows} + row_number() over ({order}) as _row_number"
        said = "_key, _row_hash, _op, _source_file, _extracted_at"
        parts.append(f"select {values}, {number}, {said} from restated")
    return f"{' union all '.join(parts)} order by _row_number"


def typed_columns(table: Table) -> str:
    """Select list of the declared columns in their declared types."""
    return ", ".join(
        f"cast({quoted(column.name)} as {column.data_type}) as {quoted(column.name)}"
        for column in table.columns
    )


def learn(con: duckdb.DuckDBPyConnection, load: Load) -> None:
    """Bring `known` up to date with what has landed; older news does not replace newer."""
    at = instant_literal(load.extracted_at)
    con.execute(f"""
        delete from known
        where _extracted_at <= {at} and _key in (select _key from landing)
    """)
    con.execute(f"""
        insert into known
        select _key, _row_hash, 'upsert', {at}, {literal(load.load_id)}, _row_number
        from landing
        where _key not in (select _key from known)
        qualify row_number() over (partition by _key order by _row_number desc) = 1
    """)
    if load.deleted_rows:
        con.execute(f"""
            update known set _op = 'delete', _extracted_at = {at}
            where _key in (select _key from vanished)
        """)


def naive_utc(moment: datetime) -> datetime:
    """Return an aware instant as the lake keeps it: UTC, without zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def instant_literal(moment: datetime) -> str:
    """Return an aware instant as SQL writes what the lake keeps of it."""
    return f"timestamp {literal(naive_utc(moment).isoformat(' '))}"


def count_rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a table, or a table and a condition, has."""
    found = con.execute(f"select count(*) from {relation}").fetchone()
    assert found is not None
    return int(found[0])

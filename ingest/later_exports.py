"""What later full exports said of the keys that a replay lands.

Between full exports the lake keeps changes only. What lands late would outlive its time: the next
export in which the row's key could be read says what was so from then on, by a row of its own, by
one that was unchanged (said again here), or by none (deleted here).
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.casts import literal, quoted
from ingest.known import instant_literal
from ingest.lake import Lake, Load, sql_files
from ingest.tables import Table


def restate_by_exports(
    con: duckdb.DuckDBPyConnection, lake: Lake, table: Table, load: Load, loads: Sequence[Load]
) -> None:
    """Fill `restated` with what full exports after a load said of the keys of `landing`.

    `reread` holds the key of each refused row, and whether it fits by now.
    """
    con.execute("create or replace temp table unsettled as select _key from landing")
    files = lake.raw_files(table)
    for later in _later_exports(load, loads):
        if not con.execute("select 1 from unsettled limit 1").fetchone():
            break
        _restate_by(con, table, later, loads, files)


def told_by(load: Load) -> str:
    """The condition on rows of the lake that a load and those before it brought."""
    at = instant_literal(load.extracted_at)
    return (
        f"(_extracted_at < {at}"
        f" or (_extracted_at = {at} and _source_file <= {literal(load.source_file)}))"
    )


def _later_exports(load: Load, loads: Sequence[Load]) -> list[Load]:
    here = (load.extracted_at, load.source_file)
    return [
        one for one in loads if one.mode == "full" and (one.extracted_at, one.source_file) > here
    ]


def _restate_by(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    later: Load,
    loads: Sequence[Load],
    files: Sequence[Path],
) -> None:
    """Settle the keys of which a later export can tell."""
    # A correction has the name of what it corrects, but not its instant.
    here = (later.extracted_at, later.source_file)
    chain = [one.load_id for one in loads if (one.extracted_at, one.source_file) == here]
    names = ", ".join(map(literal, [later.load_id, *chain]))
    columns = ", ".join(quoted(column.name) for column in table.columns)
    at = instant_literal(later.extracted_at)
    file = literal(later.source_file)
    con.execute(f"""
        create or replace temp table told as
        with rows_until as (select * from {sql_files(files)} where {told_by(later)}),
        nameless as (
            select 1 from reread where load_id in ({names}) and _key is null
        )
        select unsettled._key, states.* exclude (_key)
        from unsettled
        left outer join (
            select *, _extracted_at = {at} and _source_file = {file} as is_own
            from rows_until
            qualify row_number() over (
                partition by _key order by _extracted_at desc, _source_file desc,
                    _row_number desc
            ) = 1
        ) as states on unsettled._key = states._key
        where
            coalesce(states.is_own, false)
            or (
                not exists (select 1 from nameless)
                and unsettled._key not in (
                    select _key from reread
                    where load_id in ({names}) and _key is not null and not fits
                )
            )
    """)
    own_replay = f"_key in (select _key from reread where load_id in ({names}) and fits)"
    stamp = f"{file} as _source_file, {at} as _extracted_at"
    con.execute(f"""
        insert into restated by name
        select {columns}, _extra, _row_number, _key, _row_hash, 'upsert' as _op, {stamp}
        from told
        where _op = 'upsert' and not is_own and not {own_replay}
            and _row_hash <> (
                select max_by(landing._row_hash, landing._row_number) from landing
                where landing._key = told._key
            )
        union all by name
        select {columns}, _extra, _row_number, _key, _row_hash, 'delete' as _op, {stamp}
        from typed
        where _key in (
            select _key from told
            where coalesce(_op, 'delete') = 'delete' and not coalesce(is_own, false)
                and not {own_replay}
        )
        qualify row_number() over (partition by _key order by _row_number desc) = 1
    """)
    con.execute("delete from unsettled where _key in (select _key from told)")

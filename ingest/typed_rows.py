"""The casts of one delivery: `delivered` splits into `typed` and `refused`, none left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingest.casts import literal, quoted
from ingest.tables import Column, Table

SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Cell:
    """How one declared column is filled: `given` is SQL on `delivered`, NULL when empty;
    `cast` is SQL with `{}` for the given value, NULL when the value is refused."""

    column: Column
    cast: str
    given: str


def make_typed(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    cells: Sequence[Cell],
    extra: Mapping[str, str],
) -> None:
    """Create `typed`, and `judged` with the rows that a cast or an empty key keeps out of it."""
    given = ", ".join(f"{cell.given} as g{index}" for index, cell in enumerate(cells))
    values = ", ".join(
        f"{_fill(cell.cast, f'g{index}')} as v{index}" for index, cell in enumerate(cells)
    )
    faults = " ".join(_fault(table, cell, index) for index, cell in enumerate(cells))
    names = ", ".join(f"v{index} as {quoted(c.column.name)}" for index, c in enumerate(cells))
    con.execute(f"""
        create or replace temp table judged as
        with given as (select _row_number, {given}, {_extra(extra)} as _extra from delivered),
        valued as (select *, {values} from given),
        hashed as (
            select
                *,
                case {faults} end as _fault,
                md5({_content(table)}) as _row_hash
            from valued
        )
        select _row_number, {names}, _extra, _fault, {_key(table)} as _key, _row_hash
        from hashed
    """)
    con.execute("create or replace temp view typed as select * from judged where _fault is null")


def make_refused(
    con: duckdb.DuckDBPyConnection, table: Table, cells: Sequence[Cell]
) -> frozenset[int]:
    """Create `refused` from the judged and the unreadable; return the row numbers of the former.

    The judged still lack line_number, raw_text and raw_bytes: only the file can tell.
    """
    con.execute("""
        create or replace temp table refused as
        select
            _row_number, line_number, cast(null as varchar) as column_name, reason, raw_text,
            raw_bytes, cast(null as varchar) as _key
        from unreadable
    """)
    faults = con.execute(
        "select distinct _fault from judged where _fault is not null order by 1"
    ).fetchall()
    for (index,) in faults:
        cell = cells[index]
        con.execute(f"""
            insert into refused
            select judged._row_number, null, {literal(cell.column.name)}, {_reason(cell)},
                null, null, judged._key
            from judged
            inner join (select _row_number, {cell.given} as _given from delivered) as offered
                on judged._row_number = offered._row_number
            where judged._fault = {index}
        """)
    if not faults:
        return frozenset()
    found = con.execute("select _row_number from judged where _fault is not null").fetchall()
    return frozenset(number for (number,) in found)


def _fill(cast: str, value: str) -> str:
    return cast.replace("{}", value)


def _fault(table: Table, cell: Cell, index: int) -> str:
    if cell.column.name in table.keys:
        return f"when v{index} is null then {index}"
    return f"when g{index} is not null and v{index} is null then {index}"


def _reason(cell: Cell) -> str:
    shown = f"left(cast(offered._given as varchar), {SHOWN_CHARACTERS})"
    wrong = f"'<' || {shown} || '> is no {cell.column.data_type}'"
    return f"case when offered._given is null then 'the key is empty' else {wrong} end"


def _key(table: Table) -> str:
    """The key as one text, NULL (by ||) when a part is. No key: the content's nth occurrence."""
    if not table.keys:
        nth = "row_number() over (partition by _fault, _row_hash order by _row_number)"
        return f"case when _fault is null then _row_hash || '#' || cast({nth} as varchar) end"
    index = {column.name: number for number, column in enumerate(table.columns)}
    return " || '|' || ".join(
        f"replace(replace(cast(v{index[key]} as varchar), '\\', '\\\\'), '|', '\\|')"
        for key in table.keys
    )


def _content(table: Table) -> str:
    """All values as one text. Lengths before values, so that no two rows share a text."""
    texts = [f"cast(v{index} as varchar)" for index in range(len(table.columns))]
    texts.append("_extra")
    return " || ".join(f"coalesce(length({text}) || ':' || {text}, '-')" for text in texts)


def _extra(extra: Mapping[str, str]) -> str:
    if not extra:
        return "cast(null as varchar)"
    members = ", ".join(f"{literal(name)}, {given}" for name, given in extra.items())
    some = " or ".join(f"{given} is not null" for given in extra.values())
    return f"case when {some} then cast(json_object({members}) as varchar) end"

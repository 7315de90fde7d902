"""What a correction settles of the quarantine: refused rows of the landings that it corrects."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import duckdb
import pyarrow.parquet as pq

from ingest.books import quarantine_file, refused_rows, still_refused
from ingest.casts import literal
from ingest.delivery import Delivery
from ingest.lake import Lake, Load
from ingest.landed import FINEST
from ingest.tables import Table

# The note of a correction that settles refused rows; how many follows.
SETTLED = "SETTLED"


class Settled(NamedTuple):
    """A run of refused rows of a load that a correction settles: how many stand within it."""

    load_id: str
    first_row: int
    last_row: int
    rows: int


def settled_by(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: Table,
    correction: Delivery,
    delivered_rows: int,
) -> tuple[Settled, ...]:
    """Of the rows still in quarantine under a correction's name, runs of those that it settles.

    `typed` and `refused` hold the correction. A full export is the whole table: what it does not
    hold is gone. An increment settles the keys that it brings, well or again; a row whose key
    nobody can read is settled where the file is no shorter than the one it corrects.
    """
    loads = lake.loads(table)
    corrected = [one for one in loads if _is_corrected(one, correction)]
    longest = max((one.delivered_rows for one in corrected if not one.replay_of), default=0)
    is_whole = delivered_rows >= longest
    return tuple(
        run
        for one in still_refused(loads)
        if one in corrected
        for run in _runs(one, _judged(con, lake, table, loads, one, is_whole))
    )


def _is_corrected(load: Load, correction: Delivery) -> bool:
    before = correction.extracted_at - FINEST < load.extracted_at < correction.extracted_at
    return before and load.source_file == correction.name


def _judged(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: Table,
    loads: Sequence[Load],
    load: Load,
    is_whole: bool,
) -> list[tuple[int, bool]]:
    """The open rows of a load, in order, and whether each is settled."""
    path = quarantine_file(lake.root, load)
    # Of before corrections settled rows: the key was not kept.
    key = "_key" if "_key" in pq.read_schema(path).names else "cast(null as varchar)"
    found = con.execute(f"""
        select row_number, {literal(table.terms.mode)} = 'full' or case
            when {key} is null then {is_whole} or raw_text in (select raw_text from refused)
            else {key} in (select _key from typed union all select _key from refused)
        end
        from {refused_rows([path], loads)}
        order by row_number
    """).fetchall()
    return [(number, bool(is_settled)) for number, is_settled in found]


def _runs(load: Load, judged: Iterable[tuple[int, bool]]) -> list[Settled]:
    """The settled rows as runs that no open row interrupts."""
    runs: list[Settled] = []
    goes_on = False
    for number, is_settled in judged:
        if is_settled and goes_on:
            before = runs.pop()
            runs.append(before._replace(last_row=number, rows=before.rows + 1))
        elif is_settled:
            runs.append(Settled(load.load_id, number, number, 1))
        goes_on = is_settled
    return runs

"""JSON lines: one object per line, its members found by name, each number as it was written."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NoReturn

import duckdb

from ingest.incoming import Incoming
from ingest.reading import Reading, check_names, create_unreadable, finish_reading
from ingest.records import Dialect, Numbered, Record, line_text, split
from ingest.tables import Table
from ingest.text_rows import (
    BATCH_ROWS,
    UNREADABLE,
    create_landed,
    insert,
    judge_text,
    text_notes,
    trace,
    unreadable,
)

# A line is one field: its line end is the only mark there is.
LINE = Dialect(delimiter="\n", quote="")

Members = Mapping[str, str | None]


def read_json_lines_file(
    con: duckdb.DuckDBPyConnection, table: Table, incoming: Incoming, file_name: str
) -> Reading:
    """Read each line as one object. A member that is missing from a line is empty there.

    A declared column that no line of the file has is missing, as in a header of CSV.
    """
    names = _names(_lines(incoming)) or [column.name for column in table.columns]
    extra = check_names(table, names, file_name)
    # Sorted, for which line names a member first says nothing about the columns.
    names = sorted(names)
    return read_objects(con, table, lambda: _lines(incoming), names, extra, text_notes(incoming))


def read_json_records(
    con: duckdb.DuckDBPyConnection, table: Table, records: Sequence[tuple[int, Record]]
) -> Reading:
    """Read single lines; a declared column that none of them has may have been in the others."""
    declared = [column.name for column in table.columns]
    names = list(dict.fromkeys([*declared, *_names(iter(records))]))
    extra = check_names(table, names, str(table))
    return read_objects(con, table, lambda: iter(records), names, extra)


def read_objects(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    lines: Callable[[], Numbered],
    names: Sequence[str],
    extra: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> Reading:
    """Read lines of JSON whose members have these names. They are asked for twice: what a cast
    refuses is traced to its line."""
    positions = {name: f"c{index}" for index, name in enumerate(names)}
    _land(con, lines(), positions)
    bad_rows = judge_text(con, table, positions, extra)
    trace(con, lines(), bad_rows)
    return finish_reading(con, table, names, extra, notes)


def _names(lines: Numbered) -> list[str]:
    """All names that any line uses, in order of appearance: a key may come late."""
    return list(dict.fromkeys(name for _, _, members in _objects(lines) for name in members))


def _land(con: duckdb.DuckDBPyConnection, lines: Numbered, positions: Mapping[str, str]) -> None:
    create_landed(con, positions.values())
    create_unreadable(con)
    columns = ["_row_number", *positions.values()]
    objects = _objects(lines)
    while batch := list(islice(objects, BATCH_ROWS)):
        good = [
            [number, *(members.get(name) for name in positions)]
            for number, record, members in batch
            if not record.fault
        ]
        insert(con, "landed", columns, good)
        bad = [unreadable(number, record) for number, record, _ in batch if record.fault]
        insert(con, "unreadable", UNREADABLE, bad)
    con.execute("create or replace temp view delivered as select * from landed")


def _lines(incoming: Incoming) -> Numbered:
    """Every line that is not blank."""
    with incoming.path.open("rb") as file:
        yield from enumerate(split(file, LINE, width=1), start=1)


def _objects(lines: Numbered) -> Iterator[tuple[int, Record, Members]]:
    """Every line and its members as text; none where it has a fault."""
    for number, record in lines:
        if record.fault:
            yield number, record, {}
            continue
        try:
            yield number, record, _members(line_text(record.raw))
        except (ValueError, RecursionError) as error:
            yield number, record._replace(fault=f"no JSON object: {error}"), {}


def _members(text: str) -> Members:
    """The members of an object. ValueError says why it is none."""
    value = json.loads(
        text, parse_float=WrittenNumber, parse_constant=_no_number, object_pairs_hook=_object
    )
    if not isinstance(value, dict):
        raise ValueError(f"the line holds a {type(value).__name__}")
    return {name: as_text(member) for name, member in value.items()}


class WrittenNumber(float):
    """A number with a fraction or an exponent that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> "WrittenNumber":
        """Read it."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twin!r} stands twice")
    return members


def as_text(value: Any) -> str | None:
    """A member as text: numbers as written, objects and lists as JSON. ValueError for a text that
    no file can hold."""
    match value:
        case None:
            return None
        case str():
            text = value
        case bool():
            text = "true" if value else "false"
        case WrittenNumber():
            text = value.text
        case int():
            text = str(value)
        case _:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\0" in text:
        raise ValueError("NUL character")
    text.encode()  # UnicodeEncodeError, a ValueError: half a character
    return text

"""XLSX: one sheet, a header and rows; what a cell holds and not what a spreadsheet shows of it.

A date is a date where the cell says so, and a number else. A formula counts as the value stored
with it. A merged cell holds one value for several: whose it is nobody can tell.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import duckdb
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ingest.errors import DeliveryError
from ingest.incoming import Incoming
from ingest.json_files import read_objects
from ingest.reading import Reading, check_names
from ingest.records import Record
from ingest.tables import Table, Terms
from ingest.unpacking import GROWTH_ALLOWED_ANYWAY, MOST_GROWTH

# Raised for a file that is cut short, damaged, or something else altogether.
FAULTS = (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException)
FORMULA, ERROR = "f", "e"
MIDNIGHT = time()


def read_xlsx_file(
    con: duckdb.DuckDBPyConnection, table: Table, incoming: Incoming, file_name: str
) -> Reading:
    """Read the sheet that is declared, or the only one that holds anything."""
    _refuse_bomb(incoming, file_name)
    sheet, formulas = _sheets(incoming, table.terms.sheet, file_name)
    rows = _rows(sheet, formulas)
    header_row, cells = next(rows, (0, ()))
    header = _header(cells, sheet, header_row, file_name)
    extra = check_names(table, header, file_name)
    records = [_record(number, cells, header, table) for number, cells in rows]
    marked = list(_without_merged(records, sheet))
    reading = read_objects(con, table, lambda: enumerate(marked, start=1), header, extra)
    # The row as JSON is our own writing, no byte of it was delivered.
    con.execute("update refused set raw_bytes = null")
    return reading


def _refuse_bomb(incoming: Incoming, file_name: str) -> None:
    packed = incoming.path.stat().st_size
    try:
        with zipfile.ZipFile(incoming.path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except FAULTS as error:
        raise _no_workbook(file_name, str(error)) from None
    if unpacked > max(GROWTH_ALLOWED_ANYWAY, MOST_GROWTH * packed):
        raise _no_workbook(f"{file_name}: it unpacks to more than {MOST_GROWTH} times its size")


def _no_workbook(where: str, excerpt: str = "") -> DeliveryError:
    """Raised from None: logs keep causes too, and what a library complains of may be a value."""
    return DeliveryError(
        "this is no whole XLSX workbook",
        where=where,
        excerpt=excerpt,
        remedy="export it again",
    )


def _sheets(incoming: Incoming, name: str, file_name: str) -> tuple[Any, Any]:
    """The sheet with the stored values, and the same with its formulas."""
    try:
        values = load_workbook(incoming.path, data_only=True)
        formulas = load_workbook(incoming.path)
    except FAULTS as error:
        raise _no_workbook(file_name, str(error)) from None
    filled = [one.title for one in formulas.worksheets if any(_rows(one, one))]
    wanted = [one for one in filled if name in ("", one)]
    if len(wanted) != 1:
        raise DeliveryError(
            f"the workbook has no sheet {name!r}"
            if name
            else f"the workbook holds {len(filled)} sheets that are not empty",
            where=file_name,
            excerpt=f"sheets: {', '.join(map(repr, filled))}",
            remedy="name the one to read in the declaration: `sheet: ...`",
        )
    return values[wanted[0]], formulas[wanted[0]]


def _rows(sheet: Any, formulas: Any) -> Iterator[tuple[int, Sequence[tuple[Any, Any]]]]:
    """Yield the rows that are not blank: their numbers, their cells with the formulas in them."""
    pairs = zip(sheet.iter_rows(), formulas.iter_rows(), strict=True)
    for number, (cells, originals) in enumerate(pairs, start=sheet.min_row):
        if any(cell.value not in (None, "") for cell in originals):
            yield number, list(zip(cells, originals, strict=True))


def _header(cells: Sequence[tuple[Any, Any]], sheet: Any, row: int, file_name: str) -> list[str]:
    names = [original.value for _, original in cells]
    while names and names[-1] is None:
        names.pop()
    merged = any(one.min_row <= row <= one.max_row for one in sheet.merged_cells.ranges)
    if not names or merged or not all(isinstance(name, str) and name.strip() for name in names):
        raise DeliveryError(
            "the first row is no header: a name is empty, no text, or stands in merged cells",
            where=f"{file_name}, row {row}",
            excerpt=f"sheet {sheet.title!r}: {names[:20]}",
            remedy="export the sheet with one header row that names each column",
        )
    return names


def _record(
    number: int, cells: Sequence[tuple[Any, Any]], header: Sequence[str], table: Table
) -> Record:
    """A row as a line of JSON whose texts are written as the declaration says."""
    instants = {column.name for column in table.columns if column.kind == "timestamp"}
    members = {
        name: _text(cell.value, table.terms, name in instants)
        for name, (cell, _) in zip(header, cells, strict=False)
    }
    fault = next(filter(None, (_fault(*pair) for pair in cells)), None)
    beyond = [str(original.value) for _, original in cells[len(header) :] if original.value]
    if beyond:
        fault = "a value stands beyond the header"
        members["beyond the header"] = ", ".join(beyond)
    return Record(number, json.dumps(members, ensure_ascii=False).encode(), fault)


def _fault(cell: Any, original: Any) -> str | None:
    if original.data_type == FORMULA and cell.value is None:
        return f"{cell.coordinate}: a formula without its value"
    if cell.data_type == ERROR:
        return f"{cell.coordinate}: the error {cell.value}"
    return None


def _without_merged(records: Sequence[Record], sheet: Any) -> Iterator[Record]:
    """Mark the rows of which merged cells are a part."""
    merged = {
        row: f"{one.coord}: merged cells hold one value for several"
        for one in sheet.merged_cells.ranges
        for row in range(one.min_row, one.max_row + 1)
    }
    for record in records:
        yield record._replace(fault=record.fault or merged.get(record.line_number))


def _text(value: Any, terms: Terms, is_instant: bool) -> str | None:
    """A cell as a text file of these terms would have it."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            # A spreadsheet keeps 15 digits; what its binary fractions add is nobody's figure.
            return format(Decimal(f"{value:.15g}"), "f").replace(".", terms.decimal)
        case datetime():
            return _moment(value, terms, is_instant)
        case _:
            return str(value)


def _moment(value: datetime, terms: Terms, is_instant: bool) -> str:
    """Spreadsheets have instants only: one at midnight is a day, unless an instant is declared."""
    if value.time() == MIDNIGHT and not is_instant:
        return value.strftime(terms.date_format)
    return value.strftime(terms.timestamp_format) if terms.timestamp_format else f"{value}"

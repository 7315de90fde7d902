"""Strict casts in DuckDB's SQL: a value that is not plainly of its declared type becomes NULL.

Text is never guessed at: no rounding, no exponents in whole numbers, no underscores, no spaces.
"""

import re

from ingest.errors import DeliveryError
from ingest.tables import Column, Terms

ISO_INSTANT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?"
WITH_OFFSET = r".*\d(Z|[+-]\d{2}(:?\d{2})?)$"
WHOLE_NUMBERS = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
}  # fmt: skip
FLOATS = {"FLOAT", "DOUBLE"}
NAIVE_INSTANTS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
LARGEST_EXACT_WHOLE = 2**53


def quoted(name: str) -> str:
    """Return an identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def from_text(column: Column, text: str, terms: Terms) -> str:  # noqa: PLR0911 - one per type
    """Return the SQL that reads `text` (a varchar expression, never '') as the column's type."""
    match column.kind:
        case "bigint":
            plain = _without_thousands(text, terms)
            return _if_like(plain, "-?[0-9]+", f"try_cast({plain} as bigint)")
        case "decimal":
            return _decimal_from_text(column, _without_thousands(text, terms), terms.decimal)
        case "double":
            text = _without_thousands(text, terms)
            point = rf"\{terms.decimal}"
            number = f"try_cast(replace({text}, {literal(terms.decimal)}, '.') as double)"
            finite = f"case when isfinite({number}) then {number} end"
            return _if_like(text, rf"-?[0-9]*({point}[0-9]*)?([eE][-+]?[0-9]+)?", finite)
        case "boolean":
            return (
                f"case when lower({text}) in ('true', '1') then true "
                f"when lower({text}) in ('false', '0') then false end"
            )
        case "date":
            return _date_from_text(text, terms.date_format)
        case "timestamp":
            return _instant_from_text(text, terms)
        case _:
            return text


def from_physical(  # noqa: PLR0911 - one per pair of types
    column: Column, value: str, physical: str, terms: Terms
) -> str:
    """Return the SQL that reads a Parquet column as the declared type, losing nothing.

    Instants that the file marks as UTC stay; naive ones are local to the declared time zone.
    DeliveryError when the two types have nothing in common.
    """
    if physical == "VARCHAR":
        return from_text(column, f"nullif({value}, '')", terms)
    is_decimal = physical.startswith("DECIMAL")
    is_number = physical in WHOLE_NUMBERS | FLOATS or is_decimal
    match column.kind:
        case "varchar" if is_number or physical in ("BOOLEAN", "DATE", "UUID"):
            return f"cast({value} as varchar)"
        case "boolean" if physical == "BOOLEAN":
            return value
        case "boolean" if physical in WHOLE_NUMBERS:
            return f"case {value} when 1 then true when 0 then false end"
        case "bigint" | "decimal" if is_number:
            return _number_without_loss(column, value, physical)
        case "double" if is_number:
            return f"case when isfinite(cast({value} as double)) then cast({value} as double) end"
        case "date" if physical == "DATE":
            return value
        case "date" if physical in NAIVE_INSTANTS:
            return f"case when {value} = date_trunc('day', {value}) then cast({value} as date) end"
        case "timestamp" if physical == "TIMESTAMP WITH TIME ZONE":
            return f"timezone('UTC', {value})"
        case "timestamp" if physical in NAIVE_INSTANTS:
            return _local_instant(f"cast({value} as timestamp)", terms.time_zone)
    raise DeliveryError(
        f"column {column.name!r} holds {physical}, declared is {column.data_type}",
        remedy="declare the type that is delivered, or have the export changed",
    )


def grouped_number(text: str, mark: str, sign: str) -> str | None:
    """A number as Python writes it, from one with these marks of decimals and thousands; or None.

    The same patterns as the casts', for a look at values before there are any casts.
    """
    if sign and re.fullmatch(_grouped(mark, sign), text):
        text = text.replace(sign, "")
    plain = re.fullmatch(rf"-?[0-9]*(\{mark}[0-9]*)?", text)
    return text.replace(mark, ".") if plain and re.search("[0-9]", text) else None


def _grouped(mark: str, sign: str) -> str:
    return rf"-?[0-9]{{1,3}}([{sign}][0-9]{{3}})+(\{mark}[0-9]*)?"


def _without_thousands(text: str, terms: Terms) -> str:
    """The text without its signs of thousands, where they stand before each three digits."""
    sign = terms.thousands
    if not sign:
        return text
    grouped = f"regexp_full_match({text}, {literal(_grouped(terms.decimal, sign))})"
    return f"case when {grouped} then replace({text}, {literal(sign)}, '') else {text} end"


def _if_like(text: str, pattern: str, value: str) -> str:
    return f"case when regexp_full_match({text}, {literal(pattern)}) then {value} end"


def _decimal_from_text(column: Column, text: str, mark: str) -> str:
    precision, scale = column.digits
    fraction = rf"(\{mark}[0-9]{{1,{scale}}})?" if scale else ""
    pattern = rf"-?0*[0-9]{{0,{precision - scale}}}{fraction}"
    dotted = text if mark == "." else f"replace({text}, {literal(mark)}, '.')"
    return _if_like(text, pattern, f"try_cast({dotted} as {column.data_type})")


def _date_from_text(text: str, form: str) -> str:
    read = f"try_strptime({text}, {literal(form)})"
    same = f"strftime({read}, {literal(form)}) = {text}"
    return f"case when {same} then cast({read} as date) end"


def _instant_from_text(text: str, terms: Terms) -> str:
    if terms.timestamp_format:
        form = literal(terms.timestamp_format)
        read = f"try_strptime({text}, {form})"
        naive = f"case when strftime({read}, {form}) = {text} then {read} end"
        if terms.timestamp_format.endswith("Z"):
            return naive
        return _local_instant(f"({naive})", terms.time_zone)
    absolute = f"timezone('UTC', try_cast({text} as timestamptz))"
    local = _local_instant(f"try_cast({text} as timestamp)", terms.time_zone)
    has_offset = f"regexp_full_match({text}, {literal(WITH_OFFSET)})"
    return _if_like(text, ISO_INSTANT, f"case when {has_offset} then {absolute} else {local} end")


def _local_instant(naive: str, time_zone: str) -> str:
    """An hour that the clocks skipped gives NULL; one that they repeat is its second passing."""
    if time_zone == "UTC":
        return naive
    zone = literal(time_zone)
    instant = f"timezone({zone}, {naive})"
    exists = f"timezone({zone}, {instant}) = {naive}"
    return f"case when {exists} then timezone('UTC', {instant}) end"


def _number_without_loss(column: Column, value: str, physical: str) -> str:
    cast = f"try_cast({value} as {column.data_type})"
    if physical in FLOATS:
        limit = f" and abs({value}) <= {LARGEST_EXACT_WHOLE}" if column.kind == "bigint" else ""
        same = f"isfinite({value}) and cast({cast} as {physical}) = {value}{limit}"
        return f"case when {same} then {cast} end"
    return f"case when {cast} = {value} then {cast} end"

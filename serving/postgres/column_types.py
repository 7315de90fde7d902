"""DuckDB's types in PostgreSQL, and DuckDB's values as PostgreSQL's COPY reads them."""

import re
from dataclasses import dataclass

from serving.quoting import name_of

# The names that PostgreSQL's own format_type gives, so that they can be compared.
_NAMES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "SMALLINT": "smallint",
    "USMALLINT": "integer",
    "INTEGER": "integer",
    "UINTEGER": "bigint",
    "BIGINT": "bigint",
    "UBIGINT": "numeric(20,0)",
    "HUGEINT": "numeric(39,0)",
    "UHUGEINT": "numeric(39,0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time without time zone",
    # An instant in UTC without zone stays one, as everywhere in the marts.
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMP_S": "timestamp without time zone",
    "TIMESTAMP_MS": "timestamp without time zone",
    "TIMESTAMP_NS": "timestamp without time zone",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "INTERVAL": "interval",
    "UUID": "uuid",
    "BLOB": "bytea",
    "JSON": "jsonb",
}
_NESTED = re.compile(r"(STRUCT|MAP)\(|.*\]$", re.S)
_EXACT = re.compile(r"DECIMAL\((\d+),(\d+)\)")
# PostgreSQL holds no character NUL: in texts it becomes the character for what has none.
_NUL = "chr(65533)"


@dataclass(frozen=True)
class Column:
    """A column: its type in PostgreSQL, and the DuckDB expression of its value in COPY's text."""

    name: str
    data_type: str
    copied: str


def column(name: str, data_type: str) -> Column:
    """The column of that name and DuckDB type. What PostgreSQL has no type for becomes text."""
    value = name_of(name)
    if exact := _EXACT.fullmatch(data_type):
        return Column(name, f"numeric({exact[1]},{exact[2]})", _told(f"{value}::varchar"))
    if _NESTED.match(data_type):
        return Column(name, "jsonb", _told(_json(f"to_json({value})")))
    known = _NAMES.get(data_type, "text")
    if known == "jsonb":
        return Column(name, known, _told(_json(value)))
    if known == "bytea":
        return Column(name, known, _told(rf"'\\x' || hex({value})"))
    if known.startswith("timestamp without"):
        value = f"{value}::timestamp"
    told = f"{value}::varchar"
    return Column(name, known, _told(_escaped(told) if known == "text" else told))


def _json(value: str) -> str:
    return _escaped(rf"replace({value}::varchar, '\u0000', '\ufffd')")


def _escaped(text: str) -> str:
    pairs = (r"'\', '\\'", r"chr(9), '\t'", r"chr(10), '\n'", r"chr(13), '\r'", f"chr(0), {_NUL}")
    for pair in pairs:
        text = f"replace({text}, {pair})"
    return text


def _told(text: str) -> str:
    return rf"coalesce({text}, '\N')"

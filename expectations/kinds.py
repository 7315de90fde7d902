"""Kinds of columns: what may be asked of a value, whatever the engine calls its type."""

from typing import Literal

Kind = Literal["text", "number", "day", "instant", "flag", "other"]

_PREFIXES: tuple[tuple[str, Kind], ...] = (
    ("VARCHAR", "text"),
    ("STRING", "text"),
    ("TEXT", "text"),
    ("DECIMAL", "number"),
    ("NUMERIC", "number"),
    ("BIGINT", "number"),
    ("INT", "number"),
    ("DOUBLE", "number"),
    ("FLOAT", "number"),
    ("HUGEINT", "number"),
    ("SMALLINT", "number"),
    ("TINYINT", "number"),
    ("DATE", "day"),
    ("TIMESTAMP", "instant"),
    ("BOOLEAN", "flag"),
)


def kind_of(data_type: str) -> Kind:
    """The kind of a column type as dbt or DuckDB writes it, e.g. decimal(18,2) is a number."""
    upper = data_type.upper()
    return next((kind for prefix, kind in _PREFIXES if upper.startswith(prefix)), "other")

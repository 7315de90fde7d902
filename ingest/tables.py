"""Source, Table, Column, Terms: what a source has declared in dbt's own sources.yml.

dbt reads the same file for docs, lineage and freshness, so nothing is declared twice. What dbt
does not know (keys, how a table is delivered) stands under `config.meta`.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from ingest.errors import ContractError
from ingest.rest_terms import Api, Endpoint

LAKE_COLUMNS = {
    "_extra": "varchar",
    "_load_id": "varchar",
    "_row_number": "bigint",
    "_key": "varchar",
    "_row_hash": "varchar",
    "_op": "varchar",
    "_source_file": "varchar",
    "_extracted_at": "timestamp",
}

# Left open by the declaration, settled by what the file holds (guessing.py).
DETECT = "detect"
QUOTES = ('"', "'")
THOUSANDS = ("", " ", ".", ",", "'", "\u00a0", "\u202f")

SIMPLE_TYPES = ("varchar", "bigint", "double", "boolean", "date", "timestamp")
DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")


@dataclass(frozen=True)
class Column:
    """One declared column. `data_type` is canonical: lower case, no spaces.

    `scale` says how it writes chances, where it does; `is_categorical` that a new value is news.
    `path` leads to it in an item of an API, dotted; empty: it has the column's name there.
    """

    name: str
    data_type: str
    description: str = ""
    personal: bool = False
    scale: str = ""
    is_categorical: bool = False
    path: str = ""

    @property
    def kind(self) -> str:
        """The type without its parameters: varchar, bigint, double, decimal, boolean ..."""
        return self.data_type.partition("(")[0]

    @property
    def digits(self) -> tuple[int, int]:
        """Precision and scale of a decimal; (0, 0) for every other type."""
        found = DECIMAL.fullmatch(self.data_type)
        return (int(found[1]), int(found[2])) if found else (0, 0)


@dataclass(frozen=True)
class Terms:
    """How a table is delivered: the source's defaults, overridden by the table's own words.

    `path` is relative to the company's deliveries folder and may hold one
    `{extracted_at:<format>}`. `extracted_at`, aware, is the fixed instant of a table whose path
    does not tell. `max_vanished_share` (0..1) is the share of keys that a full export may lose.
    delimiter, quote, decimal, thousands, encoding and date_format may be `detect`.

    A table that is fetched has a path of its own making. `relation` is its name in a database;
    `cursor` the column that grows with each change, read again from `cursor_overlap` seconds
    before the last one seen; `statement_timeout` is in seconds.
    """

    path: str
    mode: str = "full"
    connector: str = "files"
    format: str = "csv"
    sheet: str = ""
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"
    timestamp_format: str = ""
    time_zone: str = "UTC"
    extracted_at: datetime | None = None
    max_vanished_share: float = 0.2
    relation: str = ""
    cursor: str = ""
    cursor_overlap: int = 300
    statement_timeout: int = 300
    api: Api = field(default_factory=Api, hash=False)
    endpoint: Endpoint = field(default_factory=Endpoint, hash=False)


READING_TERMS = (
    "mode",
    "format",
    "sheet",
    "delimiter",
    "quote",
    "decimal",
    "thousands",
    "encoding",
    "date_format",
    "timestamp_format",
    "time_zone",
)


@dataclass(frozen=True)
class Table:
    """One table of a source. No `keys`: a row is known by its content and its nth occurrence."""

    source_name: str
    name: str
    description: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    terms: Terms

    @cached_property
    def contract_version(self) -> str:
        """Short hash of all that decides how a delivery is read; words and places do not count."""
        declared = {
            "columns": [[column.name, column.data_type] for column in self.columns],
            "keys": self.keys,
            "terms": [[term, getattr(self.terms, term)] for term in READING_TERMS],
        }
        return hashlib.sha256(json.dumps(declared).encode()).hexdigest()[:12]

    def column(self, name: str) -> Column:
        """Return one declared column by name."""
        return next(column for column in self.columns if column.name == name)

    def __str__(self) -> str:
        return f"{self.source_name}.{self.name}"


@dataclass(frozen=True)
class Source:
    """One source: `name` is the dbt source's name without `raw_`; `path` is its declaration."""

    name: str
    description: str
    tables: tuple[Table, ...]
    path: Path

    @property
    def connector(self) -> str:
        """How its tables are had; the same for all of them."""
        return self.tables[0].terms.connector

    @property
    def is_fetched(self) -> bool:
        """Whether we go and get its deliveries, rather than find them."""
        return self.connector != "files"

    def table(self, name: str) -> Table:
        """Return one table by name; ContractError when the source does not declare it."""
        for table in self.tables:
            if table.name == name:
                return table
        raise ContractError(
            f"source {self.name} declares no table {name!r}",
            where=str(self.path),
            remedy=f"use one of: {', '.join(table.name for table in self.tables)}",
        )

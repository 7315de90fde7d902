"""The contract of a source, read from dbt's sources.yml; what cannot be followed is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import yaml

from ingest import rest_terms
from ingest.errors import ContractError
from ingest.paths import path_pattern
from ingest.tables import (
    DECIMAL,
    DETECT,
    LAKE_COLUMNS,
    SIMPLE_TYPES,
    THOUSANDS,
    Column,
    Source,
    Table,
    Terms,
)
from ingest.yaml_faults import read_yaml, yaml_fault

__all__ = ["Column", "Source", "Table", "Terms", "read_source"]

LATEST_OF_DAY = time(23, 59, 59)

# dbt's own properties pass; a slip of the pen anywhere else is an error.
FILE_KEYS = {"version", "sources"}
SOURCE_KEYS = {
    "name", "description", "config", "tables", "schema", "database", "loader", "tags",
    "loaded_at_field", "freshness", "overrides", "quoting", "meta",
}  # fmt: skip
TABLE_KEYS = {
    "name", "description", "config", "columns", "identifier", "data_tests", "tests", "tags",
    "loaded_at_field", "freshness", "quoting", "external", "meta",
}  # fmt: skip
COLUMN_KEYS = {
    "name", "data_type", "description", "config", "data_tests", "tests", "tags", "quote", "meta",
    "constraints",
}  # fmt: skip
SOURCE_META = {"external_location", "delivery", "dagster", "owner"}
TABLE_META = {"external_location", "delivery", "keys", "dagster", "owner"}
COLUMN_META = {"personal", "scale", "categorical", "path", "dagster"}
# How a column writes shares: 50 is a half, or 0.5 is. The staging model that reads it follows.
SCALES = ("percent", "fraction")
TERMS = set(Terms.__dataclass_fields__)
CHOICES = {
    "connector": ("files", "postgres", "mysql", *rest_terms.CONNECTORS),
    "format": ("csv", "jsonl", "parquet", "xlsx"),
    "mode": ("full", "incremental"),
    "decimal": (".", ",", DETECT),
    "thousands": (*THOUSANDS, DETECT),
}
# What a format leaves open to a guess; the others say themselves how they are written.
DETECTABLE = {
    "csv": ("delimiter", "quote", "decimal", "thousands", "encoding", "date_format"),
    "jsonl": ("encoding",),
    "parquet": (),
    "xlsx": (),
}
CURSOR_KINDS = ("timestamp", "date", "bigint")


@dataclass(frozen=True)
class Place:
    """Where in a declaration we are, so that every complaint can say it."""

    file: Path
    spot: str = ""

    def at(self, spot: str) -> "Place":
        return replace(self, spot=f"{self.spot}, {spot}" if self.spot else spot)

    def refuse(self, what: str, remedy: str) -> NoReturn:
        where = f"{self.file}, {self.spot}" if self.spot else str(self.file)
        raise ContractError(what, where=where, remedy=remedy) from None  # it may quote a secret

    def mapping(self, value: object, allowed: set[str]) -> Mapping[str, Any]:
        """Return value as a mapping that holds allowed keys only."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.refuse(f"a mapping is expected, not {value!r}", "indent `key: value` lines here")
        for key in value:
            if key not in allowed:
                known = ", ".join(sorted(allowed))
                self.refuse(f"unknown key {key!r}", f"use one of: {known}")
        return value

    def text(self, mapping: Mapping[str, Any], key: str) -> str:
        """Return a required, non-empty text."""
        value = mapping.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{key!r} is missing or is no text", f"add `{key}: ...`")
        return value.strip()

    def meta(self, mapping: Mapping[str, Any], allowed: set[str]) -> Mapping[str, Any]:
        """Return config.meta, checked."""
        config = mapping.get("config") or {}
        if not isinstance(config, dict):
            self.refuse("config is no mapping", "write `config: {meta: {...}}`")
        return self.at("config.meta").mapping(config.get("meta"), allowed)


def read_source(path: Path) -> Source:
    """Read and check one `_<source>__sources.yml`. Jinja in it is kept as text.

    Raises ContractError naming the file, the table and the column.
    """
    place = Place(path)
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        place.refuse(f"the declaration cannot be read: {error.strerror}", "check the path")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why, spot = yaml_fault(error)
        place.at(spot).refuse(f"this is no YAML: {why}", "mend what is named above")
    sources = place.mapping(document, FILE_KEYS).get("sources")
    if not isinstance(sources, list) or len(sources) != 1:
        place.refuse("one source per file is expected", "put each source into a file of its own")
    return _source(place, place.mapping(sources[0], SOURCE_KEYS))


def _source(place: Place, declared: Mapping[str, Any]) -> Source:
    full_name = place.text(declared, "name")
    if not full_name.startswith("raw_"):
        place.refuse(f"source {full_name!r} is not called raw_<source>", f"call it raw_{full_name}")
    place = place.at(f"source {full_name}")
    defaults = place.meta(declared, SOURCE_META).get("delivery")
    tables = declared.get("tables")
    if not isinstance(tables, list) or not tables:
        place.refuse("no table is declared", "add `tables:` with at least one table")
    name = full_name.removeprefix("raw_")
    found = tuple(_table(place, name, one, defaults) for one in tables)
    _refuse_twins(place, [table.name for table in found], "table")
    if len({table.terms.connector for table in found}) > 1:
        place.refuse("its tables have several connectors", "make a source of each connector's")
    return Source(name, str(declared.get("description", "")).strip(), found, place.file)


def _table(place: Place, source_name: str, declared: object, defaults: object) -> Table:
    table = place.mapping(declared, TABLE_KEYS)
    name = place.text(table, "name")
    place = place.at(f"table {name}")
    meta = place.meta(table, TABLE_META)
    listed = table.get("columns")
    if not isinstance(listed, list) or not listed:
        place.refuse("no column is declared", "add `columns:` with name and data_type of each")
    columns = tuple(_column(place, one) for one in listed)
    _refuse_twins(place, [column.name for column in columns], "column")
    keys = meta.get("keys")
    if not isinstance(keys, list):
        place.refuse("keys are not declared", "add `keys: [...]`, or `keys: []` if there is no key")
    for key in keys:
        if key not in {column.name for column in columns}:
            place.refuse(f"key {key!r} is not a declared column", "declare it or mend the key")
    own = {"source": source_name, "table": name}
    terms = _terms(place.at("delivery"), own, defaults, meta.get("delivery"))
    _check_cursor(place.at("delivery"), terms, columns)
    description = str(table.get("description", "")).strip()
    return Table(source_name, name, description, tuple(keys), columns, terms)


def _column(place: Place, declared: object) -> Column:
    column = place.mapping(declared, COLUMN_KEYS)
    name = place.text(column, "name")
    place = place.at(f"column {name}")
    if name.lower() in LAKE_COLUMNS:
        place.refuse(f"{name!r} is a column that the lake adds itself", "rename it in the export")
    data_type = place.text(column, "data_type").lower().replace(" ", "")
    decimal = DECIMAL.fullmatch(data_type)
    if data_type not in SIMPLE_TYPES and not decimal:
        known = ", ".join(SIMPLE_TYPES)
        place.refuse(f"unknown data_type {data_type!r}", f"use decimal(p,s) or one of: {known}")
    if decimal and not (0 < int(decimal[1]) <= 38 and int(decimal[2]) <= int(decimal[1])):
        place.refuse(f"{data_type} cannot exist", "use 1 to 38 digits, scale within them")
    meta = place.meta(column, COLUMN_META)
    _scale(place, data_type, meta.get("scale"))
    description, path = (str(column.get("description", "")).strip(), str(meta.get("path", "")))
    personal, categorical = (bool(meta.get(word, False)) for word in ("personal", "categorical"))
    scale = meta.get("scale", "")
    return Column(name, data_type, description, personal, scale, categorical, path)


def _scale(place: Place, data_type: str, scale: object) -> None:
    if scale is None:
        return
    if scale not in SCALES:
        place.refuse(f"scale {scale!r} is unknown", f"use one of: {', '.join(SCALES)}")
    if data_type != "bigint" and not DECIMAL.fullmatch(data_type):
        place.refuse(f"{data_type} has no scale", "declare the scale of numbers only")


def _terms(place: Place, names: Mapping[str, str], defaults: object, own: object) -> Terms:
    words = {**place.mapping(defaults, TERMS), **place.mapping(own, TERMS)}
    for term, choices in CHOICES.items():
        if term in words and words[term] not in choices:
            place.refuse(f"{term} {words[term]!r} is unknown", f"use one of: {', '.join(choices)}")
    if words.get("connector", "files") != "files":
        words |= _words_of_fetching(place, names, words)
    place.text(words, "path")
    _marks(place, words)
    zone = _zone(place, str(words.get("time_zone", "UTC")))
    share = words.get("max_vanished_share", 0.2)
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        place.refuse(f"max_vanished_share {share!r} is no share", "write a number from 0 to 1")
    fixed = _instant(place, words.pop("extracted_at", None), zone)
    terms = Terms(**words, extracted_at=fixed)
    try:
        dated = path_pattern(terms.path).dated
    except ValueError as error:
        place.refuse(f"path {terms.path!r}: {error}", "see the recipe 'add a source'")
    if not dated and fixed is None:
        place.refuse(
            f"nothing tells when {terms.path!r} was extracted",
            "put {extracted_at:%Y%m%dT%H%M%SZ} into the path or add `extracted_at: 2025-12-31`",
        )
    return terms


def _marks(place: Place, words: Mapping[str, Any]) -> None:
    """Check the marks and names by which text is read."""
    open_words = [word for word, value in words.items() if value == DETECT]
    form = str(words.get("format", "csv"))
    for word in open_words:
        if word not in DETECTABLE[form]:
            place.refuse(f"{word} of {form} cannot be detected", "declare it")
    delimiter, quote = (str(words.get(*one)) for one in (("delimiter", ","), ("quote", '"')))
    if delimiter != DETECT and len(delimiter.encode()) != 1:
        place.refuse("the delimiter must be one ASCII character", 'write e.g. delimiter: ";"')
    if quote != DETECT and len(quote.encode()) > 1:
        place.refuse("the quote must be one ASCII character or empty", "write e.g. quote: '\"'")
    decimal = words.get("decimal", ".")
    if decimal != DETECT and words.get("thousands") == decimal:
        place.refuse(f"{decimal!r} cannot mark both decimals and thousands", "mend one of them")
    encoding = str(words.get("encoding", "utf-8"))
    if encoding != DETECT:
        _encoding(place, encoding)


def _words_of_fetching(
    place: Place, names: Mapping[str, str], words: Mapping[str, Any]
) -> dict[str, Any]:
    """What is fetched gets a path of our own making; it is as exact as a file can be."""
    for word in ("path", "format", "extracted_at"):
        if word in words:
            place.refuse(f"{word!r} has no meaning for what is fetched", "take it out")
    for word in ("cursor_overlap", "statement_timeout"):
        if not isinstance(words.get(word, 1), int) or words.get(word, 1) < 0:
            place.refuse(f"{word} {words[word]!r} is no number of seconds", "write e.g. 300")
    path = f"{names['source']}/{{extracted_at:%Y%m%dT%H%M%SZ}}/{names['table']}"
    connector = words["connector"]
    if connector not in rest_terms.CONNECTORS:
        return {"path": f"{path}.parquet", "format": "parquet"}
    try:
        api = rest_terms.read_api(words.get("api"), connector)
        endpoint = rest_terms.read_endpoint(words.get("endpoint"), connector)
    except rest_terms.TermsError as error:
        place.refuse(error.what, error.remedy)
    return {"path": f"{path}.jsonl.gz", "format": "jsonl", "api": api, "endpoint": endpoint}


def _check_cursor(place: Place, terms: Terms, columns: Sequence[Column]) -> None:
    """An increment needs to know where it begins; files say it by being there."""
    if terms.connector == "files":
        return
    if terms.mode == "incremental" and not terms.cursor:
        place.refuse("nothing tells what is new", "add `cursor: <column>` or `mode: full`")
    if not terms.cursor:
        return
    kinds = {column.name: column.kind for column in columns}
    if kinds.get(terms.cursor) not in CURSOR_KINDS:
        place.refuse(
            f"cursor {terms.cursor!r} is no declared column that grows",
            f"use a column of type {', '.join(CURSOR_KINDS)}",
        )


def _zone(place: Place, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        place.refuse(f"unknown time_zone {name!r}", "use an IANA name such as Europe/Paris")


def _encoding(place: Place, name: str) -> None:
    try:
        "".encode(name)
    except LookupError:
        place.refuse(f"unknown encoding {name!r}", "use a Python name such as utf-8 or cp1252")


def _instant(place: Place, value: object, zone: ZoneInfo) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(value, str) and len(value) == len("2025-12-31"):
            moment = date.fromisoformat(value)
    except ValueError:
        moment = None
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, LATEST_OF_DAY)
    if not isinstance(moment, datetime):
        place.refuse(f"extracted_at {value!r} is no instant", "write e.g. 2025-12-31T21:30:00Z")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _refuse_twins(place: Place, names: list[str], what: str) -> None:
    # Without regard to case: DuckDB and Spark would take Id and ID for one column.
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            place.refuse(f"{what} {name!r} is declared twice", "keep one of them")
        seen.add(name.lower())

"""A demo company read back with nothing but csv and pyarrow."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from ingest.demo import Truth

KEYS = {
    "objectives": ("rep_id", "month", "criterion"),
    "invoice_lines": ("invoice_id", "line_number"),
    "campaign_days": ("campaign_id", "day"),
}
Row = dict[str, str]


@dataclass(frozen=True)
class Delivered:
    """One delivered file of one table: the instant as text (YYYY-mm-dd HH:MM:SS) and its rows."""

    extracted_at: str
    path: Path
    rows: list[Row]


@dataclass(frozen=True)
class Company:
    """The deliveries of a company by tool and table, oldest first."""

    folder: Path
    truth: Truth

    def tables(self, tool: str) -> set[str]:
        return {_table(path) for path in _files(self.folder, tool)}

    def deliveries(self, tool: str, table: str) -> list[Delivered]:
        return _deliveries(self.folder, tool, table)

    def latest(self, tool: str, table: str, until: str = "9999") -> dict[tuple[str, ...], Row]:
        """The last known row per key, of what was extracted until then (included)."""
        known: dict[tuple[str, ...], Row] = {}
        for delivered in self.deliveries(tool, table):
            if delivered.extracted_at <= until:
                known.update({key(table, row): row for row in delivered.rows})
        return known


@cache
def _deliveries(folder: Path, tool: str, table: str) -> list[Delivered]:
    found = [
        Delivered(_instant(path, tool), path, list(_rows(path)))
        for path in _files(folder, tool)
        if _table(path) == table
    ]
    return sorted(found, key=lambda delivered: delivered.extracted_at)


def key(table: str, row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in KEYS.get(table, ("id",)))


def _files(folder: Path, tool: str) -> Iterator[Path]:
    return (path for path in (folder / tool).rglob("*") if path.is_file())


def _table(path: Path) -> str:
    stem = path.stem
    return stem.rsplit("_", 1)[0] if stem.endswith("Z") else stem


def _instant(path: Path, tool: str) -> str:
    if tool == "invoicing":
        return f"{path.parent.name} 23:59:59"
    text = path.parent.name if tool == "crm" else path.stem.rsplit("_", 1)[1]
    return str(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))[:19]


def _rows(path: Path) -> Iterator[Row]:
    if path.suffix == ".parquet":
        for row in pq.read_table(path).to_pylist():
            yield {name: "" if value is None else str(value) for name, value in row.items()}
        return
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";" if "invoicing" in path.parts else ",")

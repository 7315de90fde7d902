"""A source of one table, its deliveries and its lake, made for one test."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.contract import Source, read_source
from ingest.loads import Load, load_table

Row = tuple[Any, ...]

DEALS = {"id": "varchar", "amount": "decimal(18,2)", "closed_on": "date"}


@dataclass
class Shop:
    """A shop with one table, `deals` of source `shop`, declared as its columns and terms say."""

    home: Path
    columns: dict[str, str] = field(default_factory=lambda: dict(DEALS))
    keys: list[str] = field(default_factory=lambda: ["id"])
    terms: dict[str, Any] = field(default_factory=dict)

    @property
    def deliveries(self) -> Path:
        return self.home / "deliveries"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    def declaration(self) -> dict[str, Any]:
        terms = {"path": "{extracted_at:%Y-%m-%d}/deals.csv", **self.terms}
        columns = [{"name": name, "data_type": type_} for name, type_ in self.columns.items()]
        table = {
            "name": "deals",
            "config": {"meta": {"keys": self.keys, "delivery": terms}},
            "columns": columns,
        }
        return {"version": 2, "sources": [{"name": "raw_shop", "tables": [table]}]}

    def source(self) -> Source:
        path = self.home / "_shop__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(self.declaration(), sort_keys=False), encoding="utf-8")
        return read_source(path)

    def deliver(self, day: str, content: str | bytes) -> Path:
        """Put a delivery of that day into the folder."""
        path = self.deliveries / day / "deals.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self) -> list[Load]:
        """Land all that is pending."""
        source = self.source()
        return load_table(source, source.tables[0], self.deliveries, self.lake)

    def landed(self, day: str, content: str | bytes) -> Load:
        """Deliver and land one file."""
        self.deliver(day, content)
        loads = self.land()
        assert len(loads) == 1
        return loads[0]

    def rows(self, columns: str = "*") -> list[Row]:
        """Query the raw rows, oldest extraction first."""
        files = self.lake / "raw" / "shop" / "deals" / "*.parquet"
        order = "_extracted_at, _source_file, _row_number"
        lake = f"read_parquet('{files}', union_by_name=true)"
        return _fetch(f"select {columns} from {lake} order by {order}")

    def refused(self, columns: str = "line_number, column_name, reason, raw_text") -> list[Row]:
        """Query the quarantine."""
        folder = self.lake / "quarantine" / "shop" / "deals"
        if not list(folder.glob("*.parquet")):
            return []
        return _fetch(
            f"select {columns} from read_parquet('{folder}/*.parquet')"
            " order by extracted_at, row_number"
        )


def counts(load: Load) -> tuple[int, int, int, int]:
    """Return loaded, unchanged, quarantined, deleted, having checked the account."""
    assert load.delivered_rows == load.loaded_rows + load.unchanged_rows + load.quarantined_rows
    return load.loaded_rows, load.unchanged_rows, load.quarantined_rows, load.deleted_rows


def _fetch(query: str) -> list[Row]:
    with duckdb.connect() as con:
        return con.execute(query).fetchall()

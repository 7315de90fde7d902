"""Tables that Python writes into the warehouse: replaced as a whole, described like dbt's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations.sql import connected


@dataclass(frozen=True)
class WrittenTable:
    """A table of the schema marts. columns: name, type and comment, in order."""

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(name for name, _, _ in self.columns)

    def replace(self, warehouse: Path, rows: Sequence[tuple[object, ...]]) -> int:
        """Put these rows in the place of all that the table held; returns their number."""
        columns = ", ".join(f"{name} {data_type}" for name, data_type, _ in self.columns)
        marks = ", ".join("?" for _ in self.columns)
        with connected(warehouse) as con:
            con.begin()
            con.execute("create schema if not exists marts")
            con.execute(f"create or replace table marts.{self.name} ({columns})")
            con.execute(f"comment on table marts.{self.name} is '{self.comment}'")
            for name, _, comment in self.columns:
                con.execute(f"comment on column marts.{self.name}.{name} is '{comment}'")
            if rows:
                con.executemany(f"insert into marts.{self.name} values ({marks})", rows)
            con.commit()
        return len(rows)

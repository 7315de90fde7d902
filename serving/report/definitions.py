"""Definitions: what each figure means, from the catalogue of KPIs and the comments on the marts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from serving.report.blocks import Page, Text
from serving.report.marts import Marts, Row

# Facts of a KPI: column of metrics_catalogue, how it is shown.
_FACTS = (
    ("formula", "english"),
    ("unit", "term:unit"),
    ("good_direction", "term:direction"),
    ("caveat", "english"),
    ("warn_at", "number4"),
    ("alert_at", "number4"),
    ("owner", "code"),
    ("mart", "mart"),
    ("mart_columns", "code"),
)


@dataclass(frozen=True)
class Entry:
    """One definition: of a KPI, or of a mart that figures without a KPI come from."""

    entry_id: str
    is_kpi: bool
    facts: Sequence[tuple[str, str, Any]]
    columns: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Glossary:
    """All definitions."""

    entries: Sequence[Entry]
    block = "glossary"


def definitions_page(marts: Marts, pages: Sequence[Page]) -> Page:
    """The KPIs of the desk, and the marts that these pages refer to."""
    kpis = marts.rows("select * from metrics_catalogue order by label_en")
    named = {name for page in pages for block in page.blocks for name in _defined(block)}
    # A KPI that the company's desk does not have is defined nowhere.
    tables = sorted((named | {row["mart"] for row in kpis}) & marts.names())
    entries = [*(_kpi(row) for row in kpis), *(_mart(marts, name) for name in tables)]
    return Page("definitions", Text("definitions.lead"), [Glossary(entries)])


def _defined(block: Any) -> Iterator[str]:
    yield from filter(None, _names(getattr(block, "defined", ())))
    for inner in (*getattr(block, "blocks", ()), *getattr(block, "tiles", ())):
        yield from _defined(inner)


def _names(defined: str | Sequence[str]) -> Sequence[str]:
    return (defined,) if isinstance(defined, str) else defined


def _kpi(row: Row) -> Entry:
    facts = [(name, kind, row[name]) for name, kind in _FACTS if row[name] is not None]
    return Entry(row["kpi_id"], is_kpi=True, facts=facts)


def _mart(marts: Marts, name: str) -> Entry:
    comment = marts.value("select comment from duckdb_tables() where table_name = ?", name)
    columns = marts.rows(
        """
        select column_name, comment
        from duckdb_columns()
        where table_name = ? and comment is not null
        order by column_index
        """,
        name,
    )
    facts = [("rows", "english", comment)] if comment else []
    told = [(column["column_name"], column["comment"]) for column in columns]
    return Entry(name, is_kpi=False, facts=facts, columns=told)

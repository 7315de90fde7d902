"""What pages are made of: texts, tables, charts, tiles. Templates turn them into HTML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serving.report.marts import Row

# A figure within a text, and how it is written: (1234.5, "money").
Figure = tuple[Any, str]
TERMS = "term"


@dataclass(frozen=True)
class Text:
    """A text of texts/<language>.yml by its key, with the figures and names that it quotes."""

    key: str
    values: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    kind: text, english (a sentence that the marts write in English), term (one of our own words,
    translated by the texts `<terms>.<value>`), rep (a name that leads to the rep's review), or how
    a figure is written (serving.report.figures).
    parts: of a ratio, the columns that hold numerator and denominator.
    head: key of the heading; by default `col.<key>`.
    is_hidden: read by the chart, told by other columns.
    """

    key: str
    kind: str = "text"
    parts: tuple[str, ...] = ()
    terms: str = ""
    head: str = ""
    is_hidden: bool = False

    @property
    def heading(self) -> str:
        """Key of the text above the column."""
        return self.head or f"col.{self.key}"


@dataclass(frozen=True)
class Table:
    """Rows of marts as they are shown. chosen_by: the column that a chart's choice selects by."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    chosen_by: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart, its table and what it means.

    title: the one message; with choices, one for each. Without rows the text `topic.<topic>` (by
    default of its id) says what would be shown, and missing why it is not. defined: KPIs and marts
    that define it. spec: Vega-Lite; its rows come from the table.
    """

    chart_id: str
    title: Text | Mapping[str, Text]
    table: Table
    spec: Mapping[str, Any]
    defined: Sequence[str]
    note: Text | None = None
    choices: Sequence[str] = ()
    choice_terms: str = ""
    missing: Text | None = None
    topic: str = ""
    is_wide: bool = False
    block = "chart"


@dataclass(frozen=True)
class Listing:
    """A table by itself, with a heading."""

    listing_id: str
    title: Text
    table: Table
    defined: Sequence[str] = ()
    note: Text | None = None
    missing: Text | None = None
    is_wide: bool = True
    block = "listing"


@dataclass(frozen=True)
class Tile:
    """One figure of a row of tiles.

    parts: numerator and denominator of a ratio. aside: what else is to be said of it. delta: what
    it is above or below its target; is_good: whether that is welcome. spark: the days before it,
    drawn as a line.
    """

    label: Text
    value: Figure
    parts: tuple[Any, Any] | None = None
    aside: Text | None = None
    delta: Text | None = None
    is_good: bool | None = None
    spark: Sequence[Any] = ()
    defined: str = ""
    block = "tile"


@dataclass(frozen=True)
class Tiles:
    """Tiles side by side."""

    title: Text
    tiles: Sequence[Tile]
    block = "tiles"


@dataclass(frozen=True)
class Notice:
    """A sentence that stands where figures cannot: what is missing, and why."""

    text: Text
    block = "notice"


@dataclass(frozen=True)
class Group:
    """Blocks under a heading of their own; with an anchor, a part that one chooses to see."""

    title: Text
    blocks: Sequence[Any]
    anchor: str = ""
    label: str = ""
    block = "group"


@dataclass(frozen=True)
class Page:
    """One page of the report. lead: the sentence under its title."""

    page_id: str
    lead: Text
    blocks: Sequence[Any]

    @property
    def title(self) -> Text:
        """What the page is called in the navigation."""
        return Text(f"page.{self.page_id}")


def charts_of(blocks: Iterable[Any]) -> Iterator[Chart]:
    """The charts among these blocks that have something to draw, groups included."""
    for block in blocks:
        if isinstance(block, Group):
            yield from charts_of(block.blocks)
        elif isinstance(block, Chart) and block.table.rows:
            yield block

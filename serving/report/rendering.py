"""Pages into one HTML file: what the templates ask for, in the language it is written in first."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from serving.report.blocks import Chart, Column, Figure, Page, Text, charts_of
from serving.report.charts.drawing import CONFIG
from serving.report.figures import DASH, DIGITS, MONTHS, SYMBOLS, Style, raw
from serving.report.marts import Row
from serving.report.texts import fill, word
from serving.report.vega import vega_script

_TEMPLATES = Path(__file__).with_name("templates")
_SPARK_WIDTH, _SPARK_HEIGHT = 100, 24


@dataclass(frozen=True)
class Words:
    """What the page is written with: language -> key -> text, and the style of its first language.

    kpis: the KPIs of the desk; defined: what has a definition, marts included; reviewed: anchors of
    the reps' reviews.
    """

    texts: Mapping[str, Mapping[str, str]]
    style: Style
    kpis: Collection[str]
    defined: Collection[str]
    reviewed: Collection[str]

    def term(self, key: str) -> str:
        """A text without figures."""
        return self.texts[self.style.language][key]

    def written(self, text: Text) -> str:
        """A text with its figures."""
        return fill(text, self.texts[self.style.language], self.style)

    def figure(self, figure: Figure) -> str:
        """A figure or a term."""
        return word(*figure, self.texts[self.style.language], self.style)

    def has_text(self, key: str) -> bool:
        """Whether there is a text; what companies name themselves has none."""
        return key in self.texts[self.style.language]


def render(pages: Sequence[Page], words: Words, company: str, heading: Text, colophon: Text) -> str:
    """The whole file."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= _spoken(words)
    environment.tests["is_defined"] = lambda entry: entry in words.defined
    charts = {chart.chart_id: chart.spec for page in pages for chart in charts_of(page.blocks)}
    return environment.get_template("report.html.j2").render(
        pages=pages,
        company=company,
        heading=heading,
        colophon=colophon,
        language=words.style.language,
        style=_inlined("report.css"),
        script=_inlined("report.js"),
        vega=Markup(vega_script()),  # noqa: S704 - our own script
        texts=_json(words.texts),
        specs=_json(charts),
        settings=_json(_settings(words.style, company)),
    )


def _spoken(words: Words) -> dict[str, Any]:
    return {
        "term": words.term,
        "has_text": words.has_text,
        "written": words.written,
        "figure": words.figure,
        "arguments": _arguments,
        "titles": _titles,
        "is_kpi": lambda entry: entry in words.kpis,
        "is_defined": lambda entry: entry in words.defined,
        "is_number": lambda column: column.kind in DIGITS,
        "cell": lambda row, column: _cell(row, column, words),
        "value": lambda figure: _value(*figure),
        "value_of": _value,
        "parts_text": _parts_text,
        "spark": _spark,
    }


def _titles(chart: Chart) -> list[tuple[str, Text]]:
    if not chart.table.rows:
        return [("", Text(f"topic.{chart.topic or chart.chart_id}"))]
    return [("", chart.title)] if isinstance(chart.title, Text) else list(chart.title.items())


def _arguments(text: Text) -> str:
    """The figures of a text, by which the script writes it in another language."""
    given = {
        name: [None if value is None else raw(value), kind]
        for name, (value, kind) in text.values.items()
    }
    return json.dumps(given)


def _value(value: Any, kind: str) -> Markup:
    """The attributes by which the script writes the figure in another language."""
    if value is None:
        return Markup("")
    return Markup('data-v="{}" data-f="{}"').format(raw(value), kind)


def _parts_text(parts: tuple[Any, Any]) -> Text:
    numerator, denominator = parts
    return Text(
        "ui.of",
        {
            "part": (numerator, _part_kind(numerator, "money_short")),
            "whole": (denominator, _part_kind(denominator, "money_short")),
        },
    )


def _cell(row: Row, column: Column, words: Words) -> Markup:
    """One of thousands, so plain texts are put together, each of them escaped."""
    value = row[column.key]
    attributes = " hidden" if column.is_hidden else ""
    if value is None:
        name = "n none" if column.kind in DIGITS else "none"
        shown = f'<td class="{name}"{attributes}>{DASH}</td>'
    elif column.kind in ("text", "english", "rep", "term"):
        shown = _said(row, column, words, attributes)
    else:
        shown = _counted(row, column, words, attributes)
    return Markup(shown)  # noqa: S704 - its parts are escaped


def _said(row: Row, column: Column, words: Words, attributes: str) -> str:
    value = row[column.key]
    key = f"{column.terms}.{value}"
    if column.kind == "term" and words.has_text(key):
        return f'<td{attributes} data-t="{escape(key)}">{escape(words.term(key))}</td>'
    if column.kind == "english":
        attributes += ' lang="en"'
    anchor = f"rep-{row.get('rep_id')}"
    if column.kind == "rep" and anchor in words.reviewed:
        return f'<td{attributes}><a href="#{escape(anchor)}">{escape(value)}</a></td>'
    return f"<td{attributes}>{escape(value)}</td>"


def _counted(row: Row, column: Column, words: Words, attributes: str) -> str:
    value = row[column.key]
    if column.kind in DIGITS:
        attributes += ' class="n"'
    attributes += f' data-v="{escape(raw(value))}"'
    small = ""
    if column.parts and all(row[part] is not None for part in column.parts):
        parts = [row[part] for part in column.parts]
        kinds = [_part_kind(part, "money") for part in parts]
        attributes += f' data-p="{" ".join(raw(part) for part in parts)}"'
        attributes += f' data-q="{" ".join(kinds)}"'
        shown = (words.style.write(*pair) for pair in zip(parts, kinds, strict=True))
        small = f"<small>{escape(' / '.join(shown))}</small>"
    return f"<td{attributes}>{escape(words.style.write(value, column.kind))}{small}</td>"


def _part_kind(part: Any, money: str) -> str:
    """Numerators and denominators are counts, or else money: exact in tables, short in tiles."""
    return "count" if isinstance(part, int) else money


def _spark(values: Sequence[Any]) -> Markup:
    """The days as a line; a day without a figure is left out."""
    known = [(at, float(value)) for at, value in enumerate(values) if value is not None]
    if not known:
        return Markup("")
    low, high = min(v for _, v in known), max(v for _, v in known)
    span, last = (high - low) or 1.0, max(len(values) - 1, 1)
    points = " ".join(
        f"{_SPARK_WIDTH * at / last:.1f},{_SPARK_HEIGHT * (1 - (value - low) / span):.1f}"
        for at, value in known
    )
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}"/></svg>'
    ).format(_SPARK_WIDTH, _SPARK_HEIGHT, points)


def _settings(style: Style, company: str) -> dict[str, Any]:
    return {
        "company": company,
        "currency": style.currency,
        "symbol": SYMBOLS.get(style.currency, style.currency),
        "months": MONTHS,
        "digits": DIGITS,
        "dash": DASH,
        "config": CONFIG,
    }


def _inlined(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file


def _json(value: Any) -> Markup:
    """JSON within a script element: nothing in it may end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - escaped here

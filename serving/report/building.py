"""From the published file to reports/index.html."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from serving.report.blocks import Group, Page, Text, charts_of
from serving.report.definitions import definitions_page
from serving.report.figures import Style
from serving.report.flash import flash_page
from serving.report.forecast import forecast_page
from serving.report.marts import Marts, open_marts
from serving.report.objectives import objectives_page
from serving.report.pipeline import pipeline_page
from serving.report.quality import quality_page
from serving.report.rendering import Words, render
from serving.report.reps import reps_page
from serving.report.segments import segments_page
from serving.report.texts import LANGUAGES, kpi_labels, read_texts

PAGES: tuple[Callable[[Marts], Page], ...] = (
    flash_page,
    pipeline_page,
    forecast_page,
    reps_page,
    segments_page,
    objectives_page,
    quality_page,
)


class ReportError(Exception):
    """There is no published file that a report can be made from."""


@dataclass(frozen=True)
class Report:
    """The file that was written, and what it shows."""

    path: Path
    pages: int
    charts: int
    size_bytes: int


def write_report(
    published: Path, path: Path, *, company: str, currency: str, language: str
) -> Report:
    """Read the published file and write the page; one rename, so readers see the old or the new.

    company: what it is called; currency: of all amounts; language: that the page opens in.
    Raises ReportError where nothing is published that can be read.
    """
    try:
        with open_marts(published) as marts:
            pages = [make(marts) for make in PAGES]
            pages.append(definitions_page(marts, pages))
            text = _written(marts, pages, company, Style(language, currency))
    except duckdb.IOException as error:
        raise ReportError(f"The published file cannot be read: {error}") from error
    building = path.with_name(f".building-{path.name}")
    building.write_text(text, encoding="utf-8")
    building.chmod(0o644)  # for others to read, whatever the umask
    building.replace(path)
    charts = sum(1 for page in pages for _ in charts_of(page.blocks))
    return Report(path, len(pages), charts, path.stat().st_size)


def _written(marts: Marts, pages: list[Page], company: str, style: Style) -> str:
    labels = kpi_labels(marts)
    version = marts.row("select version, as_of_at from published limit 1")
    day = marts.value("select date_day from dim_dates where is_as_of_day")
    words = Words(
        texts={language: read_texts(language) | labels[language] for language in LANGUAGES},
        style=style,
        kpis={key.removeprefix("kpi.") for key in labels[style.language]},
        defined=marts.names() | {key.removeprefix("kpi.") for key in labels[style.language]},
        reviewed={b.anchor for p in pages for b in p.blocks if isinstance(b, Group) and b.anchor},
    )
    heading = Text("ui.as_of", {"day": (day, "date")})
    colophon = Text("ui.colophon", {"version": (version.get("version"), "text")})
    return render(pages, words, company, heading, colophon)

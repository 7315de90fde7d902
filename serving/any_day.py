"""Table macros of the published file: pipeline_as_of(day), pipeline_waterfall(from, to) ..."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import duckdb

from serving.quoting import quoted
from serving.versions import LINK

# What readers ask; the other macros are parts of these.
ASKED = {"pipeline_as_of", "pipeline_waterfall", "pipeline_daily_waterfall", "forecast_as_of"}
# Words of the macros' errors where a day is not known.
UNKNOWN_DAY = "day known here"
# The lines of comment right above a table macro, and its name.
_DESCRIBED = re.compile(r"((?:^-- .*\n)+)create macro main\.(\w+)\([^)]*\) as table\b", re.M)


def _comments(macros: str) -> Iterator[str]:
    """The statements by which readers of the file find what stands above each that they ask."""
    for lines, name in _DESCRIBED.findall(macros):
        if name in ASKED:
            text = " ".join(line.removeprefix("-- ") for line in lines.splitlines())
            yield f"comment on macro table main.{name} is {quoted(text)};\n"


_WRITTEN = Path(__file__).with_name("any_day.sql").read_text(encoding="utf-8")
MACROS = _WRITTEN + "".join(_comments(_WRITTEN))
READS = {
    "dim_dates",
    "fct_opportunity_day_states",
    "fct_pipeline_intervals",
    "mart_probability_fits",
}


def create_macros(
    connection: duckdb.DuckDBPyConnection,
    database: str,
    marts: Collection[str],
    macros: str = MACROS,
) -> None:
    """Create the macros in the schema main of an attached database that holds what they read."""
    if READS - set(marts):
        return
    (before,) = connection.execute("select current_catalog()").fetchone() or ("memory",)
    connection.execute(f"use {database}")
    connection.execute(macros)
    connection.execute(f"use {before}")


def known_days(connection: duckdb.DuckDBPyConnection) -> tuple[date, date]:
    """The first and the last day of which the macros of a published file can be asked."""
    found = connection.execute(
        "select min(date_day), max(date_day) filter (is_as_of_day) from marts.dim_dates"
    ).fetchone()
    assert found is not None, "an aggregate gives one row"
    first, last = found
    return first, last


def published_days(published: Path) -> tuple[date, date] | None:
    """These days of the folder of a publication; None where nothing is published that can be
    read."""
    try:
        with duckdb.connect(str((published / LINK).resolve()), read_only=True) as connection:
            return known_days(connection)
    except duckdb.Error:
        return None

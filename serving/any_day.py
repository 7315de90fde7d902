"""Table macros of the published file: pipeline_as_of(day), pipeline_waterfall(from, to) ..."""

from collections.abc import Collection
from pathlib import Path

import duckdb

MACROS = Path(__file__).with_name("any_day.sql").read_text(encoding="utf-8")
READS = {
    "dim_dates",
    "fct_opportunity_day_states",
    "fct_pipeline_intervals",
    "fct_stage_visits",
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

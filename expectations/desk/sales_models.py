"""sales_models.csv, reference_ranges.csv: how a segment is sold to, and what is usual there."""

from collections.abc import Mapping
from pathlib import Path

from expectations.desk_files import Cell, read_number, read_rows

MODELS_FILE, MODEL_COLUMNS = "sales_models.csv", ("segment_id", "sales_model")
RANGES_FILE = "reference_ranges.csv"
RANGE_COLUMNS = ("kpi_id", "sales_model", "low", "high", "note")
COMPANY = "*"


def check_sales_models(desk: Path) -> None:
    """Raise ExpectationsError at the first line that names what is not on the desk, or no range."""
    segments = [row["segment_id"].text for row in read_rows(desk / "segments.csv", ["segment_id"])]
    kpis = [row["kpi_id"].text for row in read_rows(desk / "kpis.csv", ["kpi_id"])]
    for row in read_rows(desk / MODELS_FILE, MODEL_COLUMNS, only_these=True):
        row["segment_id"].one_of([*segments, COMPANY], "segment of segments.csv")
    for row in read_rows(desk / RANGES_FILE, RANGE_COLUMNS, only_these=True):
        row["kpi_id"].one_of(kpis, "KPI of kpis.csv")
        _check_range(row)


def _check_range(row: Mapping[str, Cell]) -> None:
    remedy = "Write a number such as 0.25, or leave it empty."
    low = row["low"].read(read_number, "number", remedy)
    high = row["high"].read(read_number, "number", remedy)
    if low is None and high is None:
        raise row["low"].wrong("and high are empty: there is no range", "Fill in one of them.")
    if low is not None and high is not None and low > high:
        raise row["low"].wrong(f"is above high ({high})", "Swap the two, or mend one.")

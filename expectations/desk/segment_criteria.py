"""segment_criteria.csv: whom the company aims at with a segment, and from which day on."""

from datetime import date
from pathlib import Path

from expectations.desk_files import read_rows

FILE = "segment_criteria.csv"
COLUMNS = ("segment_id", "industries", "since")


def check_segment_criteria(desk: Path) -> None:
    """Raise ExpectationsError at an unknown segment, or one with two criteria from one day."""
    segments = [row["segment_id"].text for row in read_rows(desk / "segments.csv", ("segment_id",))]
    lines: dict[tuple[str, date], int] = {}
    for row in read_rows(desk / FILE, COLUMNS):
        cell = row["segment_id"]
        segment = cell.one_of(segments, "segment of segments.csv")
        start = (segment, row["since"].read_day() or date.min)
        if start in lines:
            raise cell.wrong(
                f"has other criteria from the same day in line {lines[start]}",
                "Keep one of the two lines, or give the newer criteria a later day (since).",
            )
        lines[start] = cell.line

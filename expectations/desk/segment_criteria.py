"""segment_criteria.csv: whom the company aims at with a segment, and from which day on."""

from datetime import date
from pathlib import Path

from expectations.desk_files import Cell, read_rows

FILE = "segment_criteria.csv"
COLUMNS = ("segment_id", "industries", "since")


def check_segment_criteria(desk: Path) -> None:
    """Raise ExpectationsError at the first line that nobody could be held against.

    That is one of an unknown segment, the second of a segment from one day, and one whose list is
    separated by semicolons: it would be one long industry, of which nobody is.
    """
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
        _check_separators(row["industries"])


def _check_separators(industries: Cell) -> None:
    parts = filter(None, map(str.strip, industries.text.split(";")))
    if ";" in industries.text:
        raise industries.wrong("has semicolons, so that it is no list", f"Write {'|'.join(parts)}.")

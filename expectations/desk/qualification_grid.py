"""qualification_grid.csv: what reps ask of a deal, and with which weight."""

from pathlib import Path

from expectations.desk_files import read_rows

FILE = "qualification_grid.csv"
COLUMNS = ("grid_version", "criterion", "criterion_label", "weight", "highest_score")


def check_qualification_grid(desk: Path) -> None:
    """Raise ExpectationsError at a criterion that a version of the grid has twice."""
    seen: set[tuple[str, str]] = set()
    for row in read_rows(desk / FILE, COLUMNS, only_these=True):
        criterion = (row["grid_version"].text, row["criterion"].text)
        if criterion in seen:
            raise row["criterion"].wrong(
                f"is there twice in the grid {criterion[0]}",
                "Keep one of the two lines, or give the new ones a version of their own.",
            )
        seen.add(criterion)

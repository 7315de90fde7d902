"""lead_scoring.csv and requalification.csv: what earns a lead or an account points, and from when
it counts."""

from decimal import Decimal
from pathlib import Path

from expectations.desk_files import Cell, read_number, read_rows

LEAD_FILE = "lead_scoring.csv"
LEAD_COLUMNS = (
    "rule_version",
    "since",
    "signal",
    "detail",
    "points",
    "max_points",
    "half_life_days",
)
SEGMENT_FILE = "requalification.csv"
SEGMENT_COLUMNS = ("segment_id", "enter_at", "leave_at")
THRESHOLD = "threshold"


def check_lead_scoring(desk: Path) -> None:
    """Raise ExpectationsError at the first line that leaves open what a lead is worth.

    Each version holds from one day, no two from the same, and has one threshold; each signal earns
    points once.
    """
    starts: dict[str, str] = {}
    seen: set[tuple[str, str, str]] = set()
    rows = list(read_rows(desk / LEAD_FILE, LEAD_COLUMNS))
    for row in rows:
        _check_detail(row["signal"], row["detail"])
        _check_fading(row["half_life_days"])
        _check_start(row["rule_version"].text, row["since"], starts)
        signal = (row["rule_version"].text, row["signal"].text, row["detail"].text)
        if signal in seen:
            raise row["signal"].wrong("is there twice", "Keep one line per signal and detail.")
        seen.add(signal)
    for row in rows:
        if (row["rule_version"].text, THRESHOLD, "") not in seen:
            raise row["rule_version"].wrong(
                "has no threshold",
                f"Add a line with the signal {THRESHOLD} and the points from which a lead counts.",
            )


def check_requalification(desk: Path) -> None:
    """Raise ExpectationsError at a segment that is unknown or that is left sooner than entered."""
    segments = [row["segment_id"].text for row in read_rows(desk / "segments.csv", ("segment_id",))]
    for row in read_rows(desk / SEGMENT_FILE, SEGMENT_COLUMNS):
        row["segment_id"].one_of(segments, "segment of segments.csv")
        enter_at, leave_at = _points(row["enter_at"]), _points(row["leave_at"])
        if enter_at is not None and leave_at is not None and leave_at >= enter_at:
            raise row["leave_at"].wrong(
                f"is not below enter_at ({enter_at}): an account would go to and fro",
                "Write less, or leave it empty (nobody falls).",
            )


def _points(cell: Cell) -> Decimal | None:
    return cell.read(read_number, "number", "Write a number such as 40.")


def _check_detail(signal: Cell, detail: Cell) -> None:
    if signal.text == THRESHOLD and detail.text:
        raise detail.wrong("stands beside a threshold, which is of the whole score", "Empty it.")
    if signal.text != THRESHOLD and not detail.text:
        raise detail.wrong(
            f"does not say which {signal.text} earns the points", "Write one, such as pricing."
        )


def _check_fading(cell: Cell) -> None:
    if cell.read_count() == 0:
        raise cell.wrong("is no time in which points could fade", "Write 1 or more, or empty it.")


def _check_start(version: str, since: Cell, starts: dict[str, str]) -> None:
    """starts: version -> its first day, of the lines so far."""
    if starts.setdefault(version, since.text) != since.text:
        raise since.wrong(
            f"is another day than {starts[version]}, from which {version} holds above",
            "Give all lines of a version the same day, or the line a version of its own.",
        )
    others = [name for name, day in starts.items() if day == since.text and name != version]
    if others:
        raise since.wrong(
            f"is the day from which {others[0]} holds too", "Let one version follow the other."
        )

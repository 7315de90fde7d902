"""Expected rows as small text tables: a header, then a line per row; `-` is NULL."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.pipeline.area import Row

Table = list[dict[str, str]]


def read(text: str) -> Table:
    """The rows of a text table."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    assert all(len(line) == len(header) for line in lines), text
    return [dict(zip(header, line, strict=True)) for line in lines]


def shown(rows: Iterable[Row], columns: Sequence[str]) -> Table:
    """Rows as a text table shows them."""
    return [{name: _text(row[name]) for name in columns} for row in rows]


def runs_of_days(snapshots: Sequence[Row]) -> list[Row]:
    """Snapshots that say the same on neighbouring days as one row: from_date, to_date, days."""
    found: list[Row] = []
    same = ("stage_id", "rep_id", "open_count", "unvalued_count", "gross_amount", "weighted_amount")
    for row in sorted(snapshots, key=lambda r: (r["rep_id"], r["stage_id"], r["snapshot_date"])):
        day = row["snapshot_date"]
        last = found[-1] if found else None
        if (
            last
            and day == last["to_date"] + timedelta(days=1)
            and all(row[c] == last[c] for c in same)
        ):
            last.update(to_date=day, days=last["days"] + 1)
        else:
            found.append({**row, "from_date": day, "to_date": day, "days": 1})
    return sorted(found, key=lambda r: (r["from_date"], r["rep_id"], r["stage_id"]))


def _text(value: Any) -> str:  # noqa: PLR0911 one line per kind of value
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat("T", "seconds").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return str(value)

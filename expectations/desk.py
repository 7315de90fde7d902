"""The business desk as the checks read it: the very CSV files that dbt loads as seeds."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.errors import ExpectationsError
from expectations.verdicts import Severity


@dataclass(frozen=True)
class MandatoryField:
    """One line of mandatory_fields.csv; `line` is its line number, for messages."""

    entity: str
    field: str
    required_from: str | None
    since: date | None
    severity: Severity
    reason: str
    line: int


def read_mandatory_fields(desk: Path) -> list[MandatoryField]:
    """Read the mandatory fields in the desk's order.

    Raises ExpectationsError for a missing file or column, a severity other than error and warn,
    a day that is none, and a field that is ruled twice.
    """
    path = desk / "mandatory_fields.csv"
    columns = ("entity", "field", "required_from", "since", "severity", "reason")
    rules = [_mandatory_field(path, line, row) for line, row in _rows(path, columns)]
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        if (rule.entity, rule.field) in seen:
            raise ExpectationsError(
                f"{rule.entity}.{rule.field} is ruled twice",
                f"{path.name}, line {rule.line}",
                "keep one of the two lines",
            )
        seen.add((rule.entity, rule.field))
    return rules


def read_placeholders(desk: Path) -> list[str]:
    """Read the texts that count as empty: trimmed, lower case, in order, each once."""
    rows = _rows(desk / "placeholders.csv", ("placeholder",))
    return sorted({row["placeholder"].strip().lower() for _, row in rows} - {""})


def read_stage_positions(desk: Path) -> dict[str, int]:
    """Read the position of every stage in the sales process, by stage_id."""
    path = desk / "stages.csv"
    positions = {}
    for line, row in _rows(path, ("stage_id", "position")):
        try:
            positions[row["stage_id"]] = int(row["position"])
        except ValueError:
            raise ExpectationsError(
                f"the position of stage {row['stage_id']!r} is no whole number",
                f"{path.name}, line {line}, column position",
                "write a number such as 3",
            ) from None
    return positions


def _mandatory_field(path: Path, line: int, row: dict[str, str]) -> MandatoryField:
    severities: dict[str, Severity] = {"error": "error", "warn": "warn"}
    if row["severity"] not in severities:
        raise ExpectationsError(
            f"unknown severity {row['severity']!r}",
            f"{path.name}, line {line}, column severity",
            "write error or warn",
        )
    try:
        since = date.fromisoformat(row["since"]) if row["since"] else None
    except ValueError:
        raise ExpectationsError(
            f"{row['since']!r} is no day",
            f"{path.name}, line {line}, column since",
            "write it as 2025-01-31, or leave it empty",
        ) from None
    return MandatoryField(
        entity=row["entity"],
        field=row["field"],
        required_from=row["required_from"] or None,
        since=since,
        severity=severities[row["severity"]],
        reason=row["reason"],
        line=line,
    )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows with their line numbers; texts are trimmed, no value is None."""
    if not path.is_file():
        raise ExpectationsError(
            f"the desk has no {path.name}", path.parent.name, "put the file there, header included"
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ExpectationsError(
                f"{path.name} lacks {', '.join(missing)}",
                f"{path.name}, line 1",
                f"its header must name {', '.join(columns)}",
            )
        for row in reader:
            yield reader.line_num, {name: (row[name] or "").strip() for name in columns}

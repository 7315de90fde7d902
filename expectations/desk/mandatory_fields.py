"""mandatory_fields.csv: which field must be filled, from when and with what. A line is a rule."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

from expectations.desk_files import Cell, read_day, read_number, read_rows
from expectations.verdicts import Severity

FILE = "mandatory_fields.csv"
COLUMNS = (
    "rule_id",
    "entity",
    "field",
    "record_types",
    "required_from",
    "required_in",
    "since",
    "until",
    "grace_days",
    "severity",
    "weight",
    "accountable",
    "owner",
    "min_length",
    "allowed_values",
    "min_value",
    "max_value",
    "pattern",
    "comparison",
    "compared_with",
    "reason",
)
SEVERITIES = ("error", "warn")
ACCOUNTABLE = ("rep", "owner", "marketing", "finance")
COMPARISONS = ("<", "<=", ">", ">=", "=", "<>")
# Only opportunities pass through stages.
STAGED = "opportunities"

Bound = Decimal | date


@dataclass(frozen=True)
class ValueRules:
    """What a filled field must hold beside being filled; None or () = no such condition."""

    min_length: int | None = None
    allowed_values: tuple[str, ...] = ()
    min_value: Bound | None = None
    max_value: Bound | None = None
    pattern: str | None = None
    comparison: str | None = None
    compared_with: str | None = None


@dataclass(frozen=True)
class MandatoryField:
    """One line of mandatory_fields.csv.

    since, until: first and last local day on which it binds. grace_days: elapsed days after the
    record reached the stage (or was created) before the field is due. `cells` say where each value
    stands, for messages.
    """

    rule_id: str
    entity: str
    field: str
    severity: Severity
    accountable: str
    owner: str
    reason: str
    record_types: tuple[str, ...] = ()
    required_from: str | None = None
    required_in: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    grace_days: int = 0
    weight: int = 1
    values: ValueRules = ValueRules()
    cells: Mapping[str, Cell] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def binds_on(self, day: date) -> bool:
        """Whether the rule is in force on that local day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


def read_mandatory_fields(desk: Path) -> list[MandatoryField]:
    """The rules in the desk's order, each right in itself; `fitting` holds them against the tables.

    Raises ExpectationsError for the first line that is wrong.
    """
    rules = list(_rules(desk))
    _check_unique(rules)
    return rules


def _rules(desk: Path) -> Iterator[MandatoryField]:
    for row in read_rows(desk / FILE, COLUMNS, only_these=True):
        since, until = row["since"].read_day(), row["until"].read_day()
        if since and until and until < since:
            raise row["until"].wrong(f"lies before since ({since})", "Swap the two days.")
        yield MandatoryField(
            rule_id=key(row["rule_id"]),
            entity=filled(row["entity"]),
            field=filled(row["field"]),
            severity=cast("Severity", row["severity"].one_of(SEVERITIES, "severity")),
            accountable=row["accountable"].one_of(ACCOUNTABLE, "accountable"),
            owner=filled(row["owner"]),
            reason=row["reason"].text,
            record_types=row["record_types"].items,
            required_from=row["required_from"].text or None,
            required_in=row["required_in"].items,
            since=since,
            until=until,
            grace_days=row["grace_days"].read_count() or 0,
            weight=_weight(row["weight"]),
            values=_value_rules(row),
            cells=row,
        )


def key(cell: Cell) -> str:
    """The text, which must be a key: [a-z0-9_.-]+."""
    if not re.fullmatch(r"[a-z0-9_.-]+", cell.text):
        raise cell.wrong(
            "is no key", "Write small letters, digits and _ . - only, such as next_step.open."
        )
    return cell.text


def filled(cell: Cell) -> str:
    """The text, which must not be empty."""
    if not cell.text:
        raise cell.wrong("is empty", f"Fill in the {cell.column}.")
    return cell.text


def read_bound(cell: Cell) -> Bound | None:
    """A number or a day."""

    def read(text: str) -> Bound:
        try:
            return read_number(text)
        except ValueError:
            return read_day(text)

    remedy = "Write a number such as 1000.50 or a day such as 2025-01-31, or leave it empty."
    return cell.read(read, "number and no day", remedy)


def _weight(cell: Cell) -> int:
    weight = cell.read_count()
    if not weight:
        complaint = "is empty" if weight is None else "would leave the field out of completeness"
        raise cell.wrong(complaint, "Write a whole number from 1 on: what the field counts for.")
    return weight


def _value_rules(row: Mapping[str, Cell]) -> ValueRules:
    comparison, other = row["comparison"], row["compared_with"]
    if comparison.text:
        comparison.one_of(COMPARISONS, "comparison")
    if bool(comparison.text) != bool(other.text):
        empty = other if comparison.text else comparison
        raise empty.wrong(
            "is empty though the other half of the comparison is given",
            "Fill in both comparison and compared_with, or neither.",
        )
    rules = ValueRules(
        min_length=row["min_length"].read_count(),
        allowed_values=row["allowed_values"].items,
        min_value=read_bound(row["min_value"]),
        max_value=read_bound(row["max_value"]),
        pattern=row["pattern"].text or None,
        comparison=comparison.text or None,
        compared_with=other.text or None,
    )
    _check_order(row, rules)
    return rules


def _check_order(row: Mapping[str, Cell], rules: ValueRules) -> None:
    lowest, highest = rules.min_value, rules.max_value
    if lowest is None or highest is None:
        return
    if isinstance(lowest, date) != isinstance(highest, date):
        raise row["max_value"].wrong(
            f"and min_value {row['min_value'].text!r} are not of one kind",
            "Write two numbers or two days.",
        )
    if lowest > highest:  # type: ignore[operator]
        raise row["max_value"].wrong(
            f"is less than min_value {row['min_value'].text!r}", "Swap the two, or mend one."
        )


def _check_unique(rules: list[MandatoryField]) -> None:
    lines: dict[str, int] = {}
    for rule in rules:
        cell = rule.cells["rule_id"]
        if rule.rule_id in lines:
            raise cell.wrong(
                f"is there twice, in line {lines[rule.rule_id]} as well",
                "Give each line a rule_id of its own.",
            )
        lines[rule.rule_id] = cell.line

"""Rules and suites: what is asked of which rows, before any engine has seen it."""

from dataclasses import dataclass
from typing import Literal

from expectations.sql import identifier
from expectations.verdicts import Check, Severity

Kind = Literal["filled", "not_null", "unique", "within", "ordered", "balanced"]

STAGE_POSITION = "stage_position"


@dataclass(frozen=True)
class Rule:
    """One expectation on the columns of a suite's query.

    filled, not_null: the column is not NULL. unique: no two rows agree on all columns.
    within: lowest <= column <= highest. ordered: the first column is not after the second.
    balanced: both columns are equal. Rows with a NULL escape unique, within and ordered.
    `due_from` binds only rows whose stage_position is at least that.
    """

    kind: Kind
    field: str
    columns: tuple[str, ...]
    severity: Severity
    description: str
    lowest: int = 0
    highest: int = 0
    due_from: int | None = None


@dataclass(frozen=True)
class Suite:
    """The rules of a check and the rows they judge.

    `query` is a select with the column record_id and every column that a rule names.
    """

    check: Check
    query: str
    rules: tuple[Rule, ...]


def broken_rows(query: str, rule: Rule) -> str:
    """A select of the rows that break a rule: record_id and the ruled columns, by record_id."""
    names = [identifier(column) for column in rule.columns]
    return (
        f"select record_id, {', '.join(names)} from ({query}) as judged"
        f" {_broken(rule, names)} order by record_id"
    )


def _broken(rule: Rule, names: list[str]) -> str:
    match rule.kind:
        case "filled" | "not_null":
            due = "" if rule.due_from is None else f" and {STAGE_POSITION} >= {rule.due_from}"
            return f"where {names[0]} is null{due}"
        case "unique":
            known = " and ".join(f"{name} is not null" for name in names)
            return f"where {known} qualify count(*) over (partition by {', '.join(names)}) > 1"
        case "within":
            return f"where {names[0]} < {rule.lowest} or {names[0]} > {rule.highest}"
        case "ordered":
            return f"where {names[0]} > {names[1]}"
        case "balanced":
            return f"where {names[0]} is distinct from {names[1]}"

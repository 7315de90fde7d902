"""Rules and suites: what is asked of which rows, before any engine has seen it."""

from dataclasses import dataclass
from typing import Literal

from expectations.sql import identifier, text_list
from expectations.verdicts import Check, Severity

Kind = Literal["classed", "not_null", "unique", "within", "ordered", "balanced"]

# The classes of a due field that break no rule.
GOOD_CLASSES = ("filled", "waived")


@dataclass(frozen=True)
class Rule:
    """One expectation on the columns of a suite's query.

    classed: the column says filled or waived, and not what is wrong with a due field.
    not_null: the column is not NULL. unique: no two rows agree on all columns.
    within: lowest <= column <= highest. ordered: the first column is not after the second.
    balanced: both columns are equal. Rows with a NULL escape classed, unique, within and ordered.
    `rule_id` names the desk's line that the rule comes from.
    """

    kind: Kind
    field: str
    columns: tuple[str, ...]
    severity: Severity
    description: str
    lowest: float = 0
    highest: float = 0
    rule_id: str = ""

    @property
    def name(self) -> str:
        """The desk's line, or else the kind."""
        return self.rule_id or self.kind


@dataclass(frozen=True)
class Suite:
    """The rules of a check and the rows they judge.

    `query` is a select with the column record_id and every column that a rule names. `parts` are
    the suites that it is made of, if any.
    """

    check: Check
    query: str
    rules: tuple[Rule, ...]
    parts: tuple["Suite", ...] = ()


def broken_rows(query: str, rule: Rule) -> str:
    """A select of the rows that break a rule: record_id and the ruled columns, by record_id."""
    names = [identifier(column) for column in rule.columns]
    return (
        f"select record_id, {', '.join(names)} from ({query}) as judged"
        f" {broken_condition(rule)} order by record_id"
    )


def good_classes() -> str:
    """The classes that break no rule, as SQL writes a list."""
    return text_list(GOOD_CLASSES)


def broken_condition(rule: Rule) -> str:
    """The where clause of the rows that break a rule."""
    names = [identifier(column) for column in rule.columns]
    match rule.kind:
        case "classed":
            return f"where {names[0]} not in {good_classes()}"
        case "not_null":
            return f"where {names[0]} is null"
        case "unique":
            known = " and ".join(f"{name} is not null" for name in names)
            return f"where {known} qualify count(*) over (partition by {', '.join(names)}) > 1"
        case "within":
            return f"where {names[0]} < {rule.lowest} or {names[0]} > {rule.highest}"
        case "ordered":
            return f"where {names[0]} > {names[1]}"
        case "balanced":
            return f"where {names[0]} is distinct from {names[1]}"

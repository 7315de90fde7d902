"""Ranges: values that cannot be right, whoever typed them."""

from datetime import datetime

from expectations.entities import alive, key_of
from expectations.rules import Rule, Suite
from expectations.sql import record_id
from expectations.verdicts import Check

# Far above any deal in any currency: what lies beyond is a slip of the keyboard.
_HIGHEST_AMOUNT = 1_000_000_000

_MINUTES_OF_A_DAY = 24 * 60

_RULES = {
    "activities": (
        Rule(
            "within",
            "minutes",
            ("minutes",),
            "warn",
            "An activity takes no less than no time and no more than a day.",
            highest=_MINUTES_OF_A_DAY,
        ),
    ),
    "leads": (
        Rule(
            "ordered",
            "converted_at",
            ("created_at", "converted_at"),
            "warn",
            "A lead is not converted before it was created.",
        ),
    ),
    "opportunities": (
        Rule(
            "within",
            "win_probability",
            ("win_probability",),
            "warn",
            "A chance of winning lies between 0 and 1.",
            highest=1,
        ),
        Rule(
            "within",
            "amount_doc",
            ("amount_doc",),
            "warn",
            f"An amount is not negative and at most {_HIGHEST_AMOUNT:,}.",
            highest=_HIGHEST_AMOUNT,
        ),
        Rule(
            "ordered",
            "closed_at",
            ("created_at", "closed_at"),
            "warn",
            "A deal is not closed before it was created.",
        ),
    ),
}
RANGED = tuple(_RULES)


def ranges_suite(check: Check, types: dict[str, str], as_of_at: datetime) -> Suite:
    """Build the suite of the living records of an entity that is among RANGED."""
    rules = _RULES[check.entity]
    columns = sorted({column for rule in rules for column in rule.columns})
    query = (
        f"select {record_id(key_of(check.entity, list(types)))} as record_id, {', '.join(columns)}"
        f" from {check.relation} where {alive(list(types), as_of_at)}"
    )
    return Suite(check, query, rules)

"""Mandatory fields: the desk's lines become one suite per entity.

The rules live in the company's desk/mandatory_fields.csv. dbt loads the same file as a seed and
derives marts.fct_field_violations; what stands here is a second implementation of the same rules,
on the conformed tables, and a blocking check holds the two against each other.
"""

import re
from collections.abc import Iterable

from expectations.desk.fitting import check_fit
from expectations.desk.mandatory_fields import MandatoryField
from expectations.rule_book import RuleBook
from expectations.ruled_records import classed_query
from expectations.rules import Rule, Suite, good_classes
from expectations.sql import identifier, text_literal
from expectations.verdicts import Check

_TAKEN = {"record_id", "rep_id", "record_type", "member_id", "team"}


def mandatory_fields_suite(check: Check, book: RuleBook, types: dict[str, str]) -> Suite:
    """Build the suite of an entity whose conformed table has these columns and types.

    One column per rule in force: NULL where the field is not due, else filled, waived or what is
    wrong with it. Deleted, vanished and merged records owe nothing.
    Raises ExpectationsError for a rule that does not fit the table.
    """
    mine = [rule for rule in book.rules if rule.entity == check.entity]
    check_fit(mine, {check.entity: types}, tuple(book.stages), book.placeholders)
    names = column_names(book.of(check.entity))
    rules = tuple(_rule(rule, names[rule.rule_id]) for rule in book.of(check.entity))
    return Suite(check, classed_query(check.entity, book, names, types), rules)


def column_names(rules: Iterable[MandatoryField]) -> dict[str, str]:
    """rule_id -> a plain column name of its own, as like the rule_id as can be."""
    names: dict[str, str] = {}
    for number, rule in enumerate(rules, 1):
        name = re.sub(r"[^a-z0-9_]", "_", rule.rule_id)
        if identifier(name) != name or name in _TAKEN or name in names.values():
            name = f"rule_{number}__{name}"
        names[rule.rule_id] = name
    return names


def violations_query(suite: Suite) -> str:
    """A select of every open violation that a suite finds: rule_id, record_id."""
    broken = ", ".join(
        f"case when {identifier(rule.columns[0])} not in {good_classes()}"
        f" then {text_literal(rule.rule_id)} end"
        for rule in suite.rules
    )
    return (
        "select rule_id, record_id from ("
        f"select record_id, unnest([{broken}]) as rule_id from ({suite.query}) as judged"
        ") as listed where rule_id is not null"
    )


def _rule(rule: MandatoryField, column: str) -> Rule:
    description = rule.reason or f"{rule.field} is filled when it is due."
    return Rule("classed", rule.field, (column,), rule.severity, description, rule_id=rule.rule_id)

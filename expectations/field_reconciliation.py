"""The open violations of the marts held against those that the rules find in the records."""

from collections.abc import Iterable

from expectations.mandatory_fields import violations_query
from expectations.rules import Rule, Suite
from expectations.verdicts import Check

_OPEN = "select rule_id, record_id from marts.fct_field_violations where is_open"
_NONE = "select cast(null as varchar) as rule_id, cast(null as varchar) as record_id where false"

_RULE = Rule(
    "balanced",
    "violations",
    ("judged", "in_mart"),
    "error",
    "Every violation that a rule finds in the records is open in the mart once, and no other is.",
)


def field_reconciliation_suite(check: Check, suites: Iterable[Suite]) -> Suite:
    """Build the reconciliation of marts.fct_field_violations with the suites of all entities."""
    parts = tuple(suites)
    return Suite(check, reconciliation_query(parts), (_RULE,), parts)


def reconciliation_query(suites: Iterable[Suite]) -> str:
    """A select of every violation, found in the records or open in the mart: how often in each."""
    judged = " union all ".join(violations_query(s) for s in suites if s.rules) or _NONE
    return (
        "select rule_id || '/' || record_id as record_id,"
        " count(*) filter (where is_judged) as judged,"
        " count(*) filter (where not is_judged) as in_mart from ("
        f"select rule_id, record_id, true as is_judged from ({judged}) as found"
        " union all"
        f" select rule_id, record_id, false as is_judged from ({_OPEN}) as listed"
        ") as united group by united.rule_id, united.record_id"
    )

"""The open violations of the marts held against those that the rules find in the records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations.mandatory_fields import violations_query
from expectations.rules import Rule, Suite
from expectations.sql import connected
from expectations.verdicts import Check, Verdict

_OPEN = "select rule_id, record_id from marts.fct_field_violations where is_open"
_NONE = "select cast(null as varchar) as rule_id, cast(null as varchar) as record_id where false"

_RULE = Rule(
    "balanced",
    "violations",
    ("judged", "in_mart"),
    "error",
    "Every violation that a rule finds in the records is open in the mart once, and no other is.",
)


@dataclass(frozen=True)
class Disagreement:
    """A rule on which the verdicts and the mart are not of one mind.

    judged_only, mart_only: the records that one of the two alone finds, in order.
    """

    rule_id: str
    judged_count: int
    mart_count: int
    judged_only: tuple[str, ...]
    mart_only: tuple[str, ...]


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


def violations_disagree(warehouse: Path, verdicts: Sequence[Verdict]) -> list[Disagreement]:
    """List the rules whose open violations are not those that the verdicts found, by rule_id.

    All records are compared, not only those that a verdict names. Rules that no verdict judged are
    compared as well: the mart must not know any open violation of them.
    """
    findings = [
        finding
        for verdict in verdicts
        if verdict.check.family == "mandatory_fields"
        for finding in verdict.findings
    ]
    with connected(warehouse, read_only=True) as con:
        judged = {
            finding.rule: [row[0] for row in con.execute(finding.rows_query).fetchall()]
            for finding in findings
        }
        listed: dict[str, list[str]] = {}
        for rule_id, record_id in con.execute(_OPEN).fetchall():
            listed.setdefault(rule_id, []).append(record_id)
    counts = {finding.rule: finding.failed_count for finding in findings}
    found = [
        Disagreement(
            rule_id=rule_id,
            judged_count=counts.get(rule_id, 0),
            mart_count=len(listed.get(rule_id, [])),
            judged_only=_beyond(judged.get(rule_id, []), listed.get(rule_id, [])),
            mart_only=_beyond(listed.get(rule_id, []), judged.get(rule_id, [])),
        )
        for rule_id in sorted({*judged, *listed})
    ]
    return [each for each in found if _is_one(each)]


def _beyond(some: list[str], others: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(some) - set(others)))


def _is_one(found: Disagreement) -> bool:
    return bool(found.judged_count != found.mart_count or found.judged_only or found.mart_only)

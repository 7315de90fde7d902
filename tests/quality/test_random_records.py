"""Violations and fills of random companies, against a model that asks every instant.

Examples are derandomized, so that a failure is seen again by running the test again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.quality.area import Quality, QualityArea
from tests.quality.desk import Rule, desk
from tests.quality.lives import FIRST_DAY, Company, companies
from tests.quality.reference import Life

few = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def run(area: QualityArea, company: Company) -> Quality:
    return area.build(company.lake(), desk(company.rules, company.waivers), company.run)


def ruled(company: Company) -> Iterator[tuple[Rule, Life]]:
    for rule in company.rules:
        for life in company.lives:
            if life.entity == rule.entity:
                yield rule, life


def expected_violations(company: Company) -> list[tuple[Any, ...]]:
    found = []
    for rule, life in ruled(company):
        told = company.judge.violations(rule, life, company.run.as_of_at)
        for number, (first, resolved, value_class, resolution) in enumerate(told):
            last = (resolved or company.run.as_of_at) - timedelta(microseconds=1)
            begun, ended = life.states[life.at(first)], life.states[life.at(last)]
            told_apart = (first, resolved, value_class, resolution)
            standing = (begun.rep or "unassigned", ended.stage or "none")
            found.append((rule.rule_id, life.record_id, number, *told_apart, *standing))
    return sorted(found, key=str)


def expected_fills(company: Company) -> Counter[tuple[Any, ...]]:
    """(day, entity, field, rep, stage, status) -> records, at the ends of some days."""
    counts: Counter[tuple[Any, ...]] = Counter()
    days = (company.run.day - FIRST_DAY).days + 1
    for day in [company.run.day, *(FIRST_DAY + timedelta(days=n) for n in range(0, days - 1, 3))]:
        end = company.judge.midnight(day + timedelta(days=1)) - timedelta(microseconds=1)
        for rule, life in ruled(company):
            if end < life.states[0].since:
                continue
            told = company.judge.status(rule, life, end)
            if told and told[0] != "gone":
                state = life.states[life.at(end)]
                team = company.judge.team(state.rep or "", day)
                whose = (state.rep or "unassigned", team, state.stage or "none")
                place = (rule.entity, rule.field, *whose)
                counts[(day, *place, told[0])] += 1
    return counts


def found_fills(quality: Quality, days: set[Any]) -> Counter[tuple[Any, ...]]:
    statuses = ("filled", "missing", "placeholder", "invalid", "waived", "not_yet_due")
    counts: Counter[tuple[Any, ...]] = Counter()
    for *place, filled, missing, placeholder, invalid, waived, early in quality.rows(f"""
        select snapshot_date, entity, field, rep_id, team, stage_id,
            {", ".join(f"{status}_count" for status in statuses)}
        from marts.fct_field_fills
    """):
        numbers = (filled, missing - placeholder, placeholder, invalid, waived, early)
        for status, number in zip(statuses, numbers, strict=True):
            if number and place[0] in days:
                counts[(*place, status)] = number
    return counts


def agrees(area: QualityArea, company: Company) -> None:
    quality = run(area, company)
    violations = quality.rows("""
        select rule_id, record_id, reopened_n, first_seen_at, resolved_at, value_class, resolution,
            rep_id, stage_id
        from marts.fct_field_violations
    """)
    same(set(violations), set(expected_violations(company)), company)
    days = {company.run.day, *(FIRST_DAY + timedelta(days=n) for n in range(0, 99, 3))}
    days = {day for day in days if day <= company.run.day}
    found, expected = found_fills(quality, days), expected_fills(company)
    same(set(found.items()), set(expected.items()), company)
    assert quality.failed_checks() == []
    quality.close()


def same(found: set[Any], expected: set[Any], company: Company) -> None:
    """Fail with the few rows that differ and what they are about."""
    if difference := [*(("found", row) for row in found - expected)][:2]:
        difference += [("expected", row) for row in sorted(expected - found, key=str)][:2]
    else:
        difference = [("expected", row) for row in sorted(expected - found, key=str)][:3]
    if difference:
        told = "\n".join(str(one) for one in [*difference, company.run, *company.rules])
        pytest.fail(told + "\n" + "\n".join(map(str, company.waivers)), pytrace=False)


@few
@given(company=companies())
def test_the_marts_say_what_the_reference_model_says(area: QualityArea, company: Company) -> None:
    agrees(area, company)


@pytest.mark.long
@settings(few, max_examples=300)
@given(company=companies())
def test_the_marts_say_what_the_reference_model_says_at_length(
    area: QualityArea, company: Company
) -> None:
    agrees(area, company)


@settings(few, max_examples=5)
@given(company=companies())
def test_11_fill_counts_add_up_and_12_a_violation_is_seen_in_order(
    area: QualityArea, company: Company
) -> None:
    quality = run(area, company)

    wrong_fills = quality.rows("""
        select * from marts.fct_field_fills
        where due_count <> filled_count + missing_count + invalid_count + waived_count
            or due_count < filled_count + invalid_count + waived_count
            or placeholder_count > missing_count or default_count > filled_count
    """)
    wrong_violations = quality.rows(
        """
        select * from marts.fct_field_violations
        where not first_seen_at <= last_seen_at or last_seen_at > resolved_at
            or first_seen_at >= cast(? as timestamp)
    """.replace("?", f"'{company.run.as_of_at}'")
    )
    open_twice = quality.rows("""
        select rule_id, record_id from marts.fct_field_violations where is_open
        group by all having count(*) > 1
    """)
    assert (wrong_fills, wrong_violations, open_twice) == ([], [], [])
    quality.close()


STRICTER = [
    {"since": None},
    {"until": None},
    {"grace_days": 0},
    {"record_types": None},
    {"min_length": 9},
    {"pattern": "[a-z]+"},
    {"min_value": "11", "max_value": "11"},
]


@settings(few, max_examples=3)
@given(company=companies())
def test_14_a_stricter_rule_never_lowers_what_is_open(area: QualityArea, company: Company) -> None:
    """Open violations, that is: an interval that grows may swallow its neighbour."""
    open_now = "select rule_id, record_id from marts.fct_field_violations where is_open"
    quality = run(area, company)
    lenient = set(quality.rows(open_now))
    quality.close()
    for tighter in STRICTER:
        rules = [replace(rule, **_for(rule, tighter)) for rule in company.rules]
        quality = run(area, replace(company, rules=rules))
        assert lenient <= set(quality.rows(open_now)), tighter
        quality.close()
    quality = run(area, replace(company, waivers=[]))
    assert lenient <= set(quality.rows(open_now))
    quality.close()


def _for(rule: Rule, tighter: dict[str, Any]) -> dict[str, Any]:
    """The change, where it makes this rule stricter: limits of its own are not replaced."""
    numeric = rule.field == "amount_doc"
    allowed = {
        "min_length": not numeric and rule.min_length is None,
        "pattern": not numeric and rule.pattern is None,
        "min_value": numeric,
        "max_value": numeric,
    }
    return {name: value for name, value in tighter.items() if allowed.get(name, True)}

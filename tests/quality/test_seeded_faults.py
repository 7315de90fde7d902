"""Faults sown on 10,000 clean records of six entities, through the models as dbt compiled them.

Every fault is known by its making: what was put where, and when. Nothing here judges values.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.pipeline.area import Settings
from tests.pipeline.crm import Change, Deal, deal, instant, lake
from tests.quality.area import Quality, QualityArea
from tests.quality.desk import Rule, desk
from tests.quality.records import Record, landed

SEED = 20250520
RUN = Settings(instant("2025-05-20 00:00").date())
LOADS = [instant(f"2025-0{month}-10 20:00") for month in (3, 4, 5)]
FIRST_DAY = instant("2025-01-06 08:00")
EMPTY = [None, "", "  "]
PLACEHOLDER = ["n/a", " N/A ", "TEST", "-", "\u200btest", "\uff54\uff45\uff53\uff54"]
RULES = [
    Rule("next_step", "opportunities", "next_step", required_from="discovery", min_length=5),
    Rule(
        "decision_maker", "opportunities", "decision_maker", required_from="proposal", grace_days=2
    ),
    Rule("amount", "opportunities", "amount_doc", severity="error", min_value="1"),
    Rule(
        *("close_date", "opportunities", "expected_close_date"),
        comparison=">=",
        compared_with="created_at",
    ),
    Rule("industry", "accounts", "industry", allowed_values="food|packaging"),
    Rule("country", "accounts", "country", pattern="[A-Z]{2}", grace_days=30),
    Rule("employees", "accounts", "employees", max_value="500000"),
    Rule("email", "contacts", "email", pattern=r"[^@\s]+@[^@\s]+"),
    Rule("lead_source", "leads", "lead_source", since=instant("2025-03-01 00:00").date()),
    Rule("minutes", "activities", "minutes", record_types="meeting|demo", min_value="5"),
    Rule("due_date", "invoices", "due_date", comparison=">=", compared_with="issued_date"),
]
# Raw column and bad values of each rule, by what is found.
BAD: dict[str, tuple[str, dict[str, list[str | None]]]] = {
    "next_step": (
        "next_step",
        {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER], "too_short": ["call", " call "]},
    ),
    "decision_maker": ("decision_maker", {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER]}),
    "amount": (
        "amount",
        {"missing": [None], "placeholder": ["0.00"], "too_low": ["-5.00", "0.99"]},
    ),
    "close_date": (
        "close_date",
        {"missing": [None], "placeholder": ["1900-01-01"], "contradicts": ["2024-12-31"]},
    ),
    "industry": (
        "industry",
        {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER], "not_allowed": ["mining"]},
    ),
    "country": (
        "country",
        {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER], "wrong_pattern": ["fr", "FRA"]},
    ),
    "employees": ("employees", {"missing": [None], "placeholder": ["0"], "too_high": ["500001"]}),
    "email": (
        "email",
        {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER], "wrong_pattern": ["a.b", "a@b c@d"]},
    ),
    "lead_source": ("source", {"missing": [*EMPTY], "placeholder": [*PLACEHOLDER]}),
    "minutes": ("minutes", {"missing": [None], "placeholder": ["0"], "too_low": ["4", "-1"]}),
    "due_date": (
        "due_on",
        {"missing": [None], "placeholder": ["1900-01-01"], "contradicts": ["2025-01-01"]},
    ),
}
CLEAN: dict[str, dict[str, str | None]] = {
    "accounts": {"industry": " Food ", "country": "FR", "employees": "12"},
    "contacts": {"email": "x@y.example", "account_id": "accounts-1"},
    "leads": {"source": "web"},
    "activities": {"minutes": "5"},
    "invoices": {"due_on": "2025-03-01", "kind": "invoice"},
}
SIZES = {"accounts": 1500, "contacts": 1500, "leads": 1000, "activities": 1000, "invoices": 1000}
DEALS = 4000


@dataclass(frozen=True)
class Fault:
    """One violation that must be found."""

    rule_id: str
    record_id: str
    value_class: str
    first_seen_at: datetime
    resolved_at: datetime | None


def bad_value(rng: random.Random, rule_id: str) -> tuple[str, str, str | None]:
    """A raw column, the class of a bad value, and the value."""
    column, classes = BAD[rule_id]
    value_class = rng.choice(list(classes))
    return column, value_class, rng.choice(classes[value_class])


def sown_deal(rng: random.Random, number: int) -> tuple[Deal, Fault | None]:
    """A deal that reaches proposal, and in one of eight something is wrong for a while."""
    deal_id, created = f"deal-{number}", FIRST_DAY + timedelta(minutes=11 * number)
    discovery, proposal = created + timedelta(days=5), created + timedelta(days=12)
    changes = [Change(discovery, "stage", "discovery"), Change(proposal, "stage", "proposal")]
    if number % 3 == 0:  # moving it back must not help
        changes.append(Change(created + timedelta(days=20), "stage", "qualification"))
    values: dict[str, str | None] = {
        "next_step": "call back",
        "decision_maker": "plant manager",
        "close_date": str(created.date() + timedelta(days=60)),
    }
    fault = None
    if rng.random() < 0.125:
        rule_id = rng.choice(["next_step", "decision_maker", "amount", "close_date"])
        column, value_class, value = bad_value(rng, rule_id)
        due = {"next_step": discovery, "decision_maker": proposal + timedelta(days=2)}
        since = created + rng.choice([timedelta(), timedelta(hours=7), timedelta(days=25)])
        until = rng.choice([None, since + timedelta(hours=3), since + timedelta(days=30)])
        good = {"amount": "1000.00", **values}[column]
        if since == created:
            values[column] = value
        else:
            changes.append(Change(since, column, value))
        if until:
            changes.append(Change(until, column, good))
        first_seen = max(since, due.get(rule_id, created))
        if until is None or first_seen < until:
            fault = Fault(rule_id, deal_id, value_class, first_seen, until)
    changes.sort(key=lambda one: one.at)
    return deal(deal_id, str(created), *changes, **values), fault


def sown_record(rng: random.Random, entity: str, number: int) -> tuple[Record, Fault | None]:
    """A record of three loads, and in one of eight something is wrong in some of them."""
    record_id = f"{entity}-{number}"
    born = FIRST_DAY + timedelta(minutes=53 * number)
    clean = {**CLEAN[entity], **_birth(entity, born)}
    if entity == "activities":
        clean["type"] = ("meeting", "call")[number % 2]
    if entity == "invoices":
        born = datetime.combine(born.date(), datetime.min.time()) - timedelta(hours=1)
    shown = [clean] * len(LOADS)
    fault = None
    if rng.random() < 0.125:
        rule_id = rng.choice([rule.rule_id for rule in RULES if rule.entity == entity])
        column, value_class, value = bad_value(rng, rule_id)
        first, last = sorted(rng.sample(range(len(LOADS) + 1), 2))
        shown = [
            {**clean, column: value} if first <= load < last else clean
            for load in range(len(LOADS))
        ]
        since = born if first == 0 else LOADS[first]
        due = {
            "country": born + timedelta(days=30),
            "lead_source": instant("2025-02-28 23:00"),
        }
        until = None if last == len(LOADS) else LOADS[last]
        first_seen = max(since, due.get(rule_id, born))
        if clean.get("type") != "call" and (until is None or first_seen < until):
            fault = Fault(rule_id, record_id, value_class, first_seen, until)
    return Record(entity, record_id, born, list(zip(LOADS, shown, strict=True))), fault


def _birth(entity: str, born: datetime) -> dict[str, str | None]:
    if entity == "activities":
        return {"booked_at": str(born)}
    if entity == "invoices":
        return {"issued_on": str(born.date())}
    return {"created_at": str(born)}


@pytest.fixture(scope="module")
def sown(area: QualityArea) -> tuple[Quality, set[Fault]]:
    """10,000 records as the models see them, and the violations that must be found."""
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    deals = [sown_deal(rng, number) for number in range(DEALS)]
    records = [
        sown_record(rng, entity, number)
        for entity, count in SIZES.items()
        for number in range(count)
    ]
    loads = {**lake([one for one, _ in deals], LOADS), **landed([one for one, _ in records])}
    faults = {fault for _, fault in [*deals, *records] if fault}
    return area.build(loads, desk(RULES), RUN), faults


def found(quality: Quality) -> set[Fault]:
    rows = quality.rows("""
        select rule_id, record_id, value_class, first_seen_at, resolved_at
        from marts.fct_field_violations
    """)
    return {Fault(*row) for row in rows}


def test_every_fault_is_found_and_none_invented(sown: tuple[Quality, set[Fault]]) -> None:
    quality, faults = sown

    assert len(faults) > 900
    assert sorted(found(quality) - faults, key=str) == []
    assert sorted(faults - found(quality), key=str) == []


def test_every_class_of_every_rule_was_sown(sown: tuple[Quality, set[Fault]]) -> None:
    _, faults = sown

    expected = {(rule, name) for rule, (_, classes) in BAD.items() for name in classes}
    assert {(fault.rule_id, fault.value_class) for fault in faults} == expected


def test_moving_a_deal_back_ends_no_violation(sown: tuple[Quality, set[Fault]]) -> None:
    quality, faults = sown
    moved = {f for f in faults if f.record_id in {f"deal-{n}" for n in range(0, DEALS, 3)}}

    assert len({fault for fault in moved if fault.resolved_at is None}) > 50
    assert moved <= found(quality)


def test_a_clean_record_is_complete(sown: tuple[Quality, set[Fault]]) -> None:
    quality, faults = sown
    rows: list[Any] = quality.rows("""
        select record_id, completeness, error_count + warn_count from marts.fct_record_completeness
    """)

    open_records = {fault.record_id for fault in faults if fault.resolved_at is None}
    assert len(rows) == DEALS + sum(SIZES.values())
    assert {record for record, _, errors in rows if errors} == open_records
    assert {record for record, share, _ in rows if share is not None and share < 1} == open_records


def test_the_checks_of_the_area_pass(sown: tuple[Quality, set[Fault]]) -> None:
    assert sown[0].failed_checks() == []

"""What a filled field must hold: each kind of rule by hand, counted and with its records."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hand_made import Company, findings

CHECK = "mandatory_fields__opportunities"
CREATED = datetime.fromisoformat("2025-06-01 08:00:00")


def classes(
    company: Company, rule: Mapping[str, str], values: Sequence[object], **others: object
) -> list[str]:
    """The class that each value of the ruled field gets, by the query that shows the rows."""
    company.rule(rule)
    company.add_deals(
        *(
            {
                "opportunity_id": f"o{n:02}",
                "stage_id": "won",
                "created_at": CREATED,
                rule["field"]: value,
                **others,
            }
            for n, value in enumerate(values)
        )
    )
    (finding,) = company.judge_one(CHECK).findings
    with duckdb.connect(str(company.warehouse), read_only=True) as con:
        broken = dict(con.execute(finding.rows_query).fetchall())
    assert (finding.evaluated_count, finding.failed_count) == (len(values), len(broken))
    assert finding.record_ids == tuple(sorted(broken))
    return [broken.get(f"o{n:02}", "filled") for n in range(len(values))]


def test_a_text_must_be_long_enough_once_trimmed(company: Company) -> None:
    rule = {"field": "next_step", "min_length": "4"}
    texts = [None, "", "n/a", "abc", " abc ", "abcd", "\u00a0abcd\t", "\u00e9t\u00e9s"]
    assert classes(company, rule, texts) == [
        "missing", "missing", "placeholder", "too_short", "too_short", "filled", "filled", "filled",
    ]  # fmt: skip


def test_a_text_must_be_one_of_those_allowed_as_texts_are_compared(company: Company) -> None:
    rule = {"field": "next_step", "allowed_values": "Call|send it|12"}
    texts = ["call", " CALL ", "\uff23all", "send  it", "sendit", "12.0", "12a", "-"]
    assert classes(company, rule, texts) == [
        "filled", "filled", "filled", "not_allowed", "not_allowed", "filled", "not_allowed",
        "placeholder",
    ]  # fmt: skip


def test_a_number_must_be_one_of_those_allowed_and_within_its_limits(company: Company) -> None:
    rule = {"field": "amount_doc", "min_value": "10.5", "max_value": "20"}
    values = [Decimal(text) for text in ("0", "10.49", "10.50", "20.00", "20.01", "-11")]
    assert classes(company, rule, values) == [
        "placeholder", "too_low", "filled", "filled", "too_high", "too_low",
    ]  # fmt: skip


def test_numbers_that_are_allowed(company: Company) -> None:
    rule = {"field": "amount_doc", "allowed_values": "10|20.50"}
    values = [Decimal(text) for text in ("10.00", "20.5", "20.05", "1")]
    assert classes(company, rule, values) == ["filled", "filled", "not_allowed", "not_allowed"]


def test_a_day_must_lie_within_its_limits(company: Company) -> None:
    rule = {
        "field": "expected_close_date",
        "min_value": "2025-01-01",
        "max_value": "2025-12-31",
    }
    days = [date(1900, 1, 1), date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31)]
    assert classes(company, rule, [*days, date(2026, 1, 1)]) == [
        "placeholder", "too_low", "filled", "filled", "too_high",
    ]  # fmt: skip


def test_an_instant_is_judged_by_its_local_day(company: Company) -> None:
    """23:30 UTC on 30 December is the 31st in Paris; so is 1899-12-31 23:55 (Paris, 1900)."""
    rule = {"field": "closed_at", "min_value": "2025-12-31"}
    texts = [
        "2025-12-30 22:59:59",
        "2025-12-30 23:00:00",
        "2025-12-31 12:00:00",
        "1899-12-31 23:55:00",
    ]
    instants = [datetime.fromisoformat(text) for text in texts]
    assert classes(company, rule, instants) == ["too_low", "filled", "filled", "placeholder"]


def test_the_whole_trimmed_text_must_match_its_pattern(company: Company) -> None:
    rule = {"field": "next_step", "pattern": "[A-Z]{2}:[0-9]+|x"}
    texts = ["FR:1", " FR:12 ", "FR:1 b", "aFR:1", "fr:1", "x", "xx", "FR:1\nx", "FR:"]
    assert classes(company, rule, texts) == [
        "filled", "filled", "wrong_pattern", "wrong_pattern", "wrong_pattern", "filled",
        "wrong_pattern", "wrong_pattern", "wrong_pattern",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("comparison", "broken"),
    [
        ("<", [False, True, True]),
        ("<=", [False, False, True]),
        (">", [True, True, False]),
        (">=", [True, False, False]),
        ("=", [True, False, True]),
        ("<>", [False, True, False]),
    ],
)
def test_two_fields_must_fit_each_other(
    company: Company, comparison: str, broken: list[bool]
) -> None:
    rule = {"field": "closed_at", "comparison": comparison, "compared_with": "created_at"}
    texts = ["2025-06-01 07:59:59", "2025-06-01 08:00:00", "2025-06-01 08:00:01"]
    instants = [datetime.fromisoformat(text) for text in texts]
    expected = ["contradicts" if each else "filled" for each in broken]
    assert classes(company, rule, instants) == expected


def test_a_day_and_an_instant_are_compared_as_days(company: Company) -> None:
    """The deals were created on 1 June in Paris."""
    rule = {
        "field": "expected_close_date",
        "comparison": ">=",
        "compared_with": "created_at",
    }
    days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 2)]
    assert classes(company, rule, days) == ["contradicts", "filled", "filled"]


def test_texts_are_compared_as_comparable_texts(company: Company) -> None:
    rule = {"field": "next_step", "comparison": "<>", "compared_with": "competitor"}
    texts = [" ACME ", "acme", "acme inc"]
    assert classes(company, rule, texts, competitor="Acme") == [
        "contradicts", "contradicts", "filled",
    ]  # fmt: skip


@pytest.mark.parametrize("other", [None, " "])
def test_nothing_contradicts_a_field_that_is_empty(company: Company, other: str | None) -> None:
    rule = {"field": "next_step", "comparison": "=", "compared_with": "competitor"}
    assert classes(company, rule, ["acme"], competitor=other) == ["filled"]


def test_a_flag_may_have_to_be_true(company: Company) -> None:
    company.rule({"entity": "activities", "field": "is_appointment", "allowed_values": "true"})
    company.add(
        "intermediate.int_activities_conformed",
        [
            {"activity_id": f"a{n}", "is_appointment": flag}
            for n, flag in enumerate([True, False, None])
        ],
    )
    found = findings(company.judge_one("mandatory_fields__activities"))
    assert found["is_appointment/the_rule"] == (3, 2, ("a1", "a2"))


def test_the_first_fault_in_the_order_of_the_classes_counts(company: Company) -> None:
    rule = {
        "field": "next_step",
        "min_length": "3",
        "allowed_values": "call|write|phone",
        "pattern": "[a-z]+",
        "comparison": "<>",
        "compared_with": "competitor",
    }
    texts = ["-", "a1", "abc1", "WRITE", "call", "phone"]
    assert classes(company, rule, texts, competitor="Call") == [
        "placeholder", "too_short", "not_allowed", "wrong_pattern", "contradicts", "filled",
    ]  # fmt: skip


def test_a_rule_id_may_be_any_key(company: Company) -> None:
    for rule_id in ("select", "1.a-b_c", "record_id", "a.b"):
        company.rule(
            {"rule_id": rule_id, "field": "next_step"}, {"rule_id": "a_b", "field": "competitor"}
        )
        found = findings(company.judge_one(CHECK))
        assert sorted(found) == ["competitor/a_b", f"next_step/{rule_id}"]

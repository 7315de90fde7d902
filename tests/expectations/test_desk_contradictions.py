"""Rules that contradict each other are refused, with both lines."""

from collections.abc import Mapping

import pytest
from desk_check import STEP, check, refused
from hand_made import Company


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"required_from": "proposal"}, {"required_from": "won"}),
        ({"required_from": "proposal"}, {"required_in": "won"}),
        ({"required_in": "proposal|won"}, {"required_in": "won|lost"}),
        ({"record_types": "new|renewal"}, {"record_types": "renewal"}),
        ({"record_types": "new"}, {}),
        ({"until": "2025-06-30"}, {"since": "2025-06-30"}),
        ({"since": "2025-01-01", "until": "2025-12-31"}, {"since": "2025-03-01"}),
    ],
)
def test_two_rules_that_can_bind_together_contradict(
    company: Company, first: Mapping[str, str], second: Mapping[str, str]
) -> None:
    company.rule(
        {"rule_id": "one"} | STEP | first,
        {"rule_id": "other", "field": "competitor"},
        {"rule_id": "two"} | STEP | second,
    )
    refused(company, "'one' and 'two'", "mandatory_fields.csv, lines 2 and 4, column field")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"required_in": "proposal"}, {"required_in": "won|lost"}),
        ({"record_types": "new"}, {"record_types": "renewal"}),
        ({"until": "2025-06-30"}, {"since": "2025-07-01"}),
        ({}, {"field": "competitor"}),
    ],
)
def test_two_rules_that_never_meet_stand_side_by_side(
    company: Company, first: Mapping[str, str], second: Mapping[str, str]
) -> None:
    company.rule({"rule_id": "one"} | STEP | first, {"rule_id": "two"} | STEP | second)
    assert len(check(company).rules) == 2


@pytest.mark.parametrize(
    ("there", "back", "contradict"),
    [
        ("<", "<", True),
        ("<", "=", True),
        ("=", "<>", True),
        (">", ">=", True),
        ("<", ">", False),
        ("<=", "<=", False),
        ("<>", "<", False),
        ("=", "=", False),
    ],
)
def test_two_comparisons_that_no_record_can_meet_contradict(
    company: Company, there: str, back: str, contradict: bool
) -> None:
    company.rule(
        {"rule_id": "a", "field": "created_at", "comparison": there, "compared_with": "closed_at"},
        {"rule_id": "b", "field": "closed_at", "comparison": back, "compared_with": "created_at"},
    )
    if contradict:
        told = f"No record can meet both 'a' (created_at {there} closed_at) and 'b'"
        refused(company, told, "mandatory_fields.csv, lines 2 and 3, column comparison")
    else:
        check(company)

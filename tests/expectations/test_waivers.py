"""Waivers: a due field that is waived is counted as due and breaks nothing."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from hand_made import Company, findings

CHECK = "mandatory_fields__opportunities"
CREATED = datetime.fromisoformat("2025-06-01 08:00:00")
REPS = {"r1": "North", "r2": "South", "r3": None}


@pytest.fixture
def deals(company: Company) -> Company:
    """Four deals whose next step is missing, one whose next step is there."""
    company.rule({"field": "next_step"})
    company.add(
        "intermediate.int_reps_loaded",
        [{"rep_id": rep, "team": team} for rep, team in REPS.items()],
    )
    reps = {"o1": "r1", "o2": "r2", "o3": "r3", "o4": None, "o5": "r1"}
    types = {"o1": "new", "o2": "renewal"}
    company.add_deals(
        *(
            {
                "opportunity_id": name,
                "stage_id": "won",
                "created_at": CREATED,
                "rep_id": rep,
                "record_type": types.get(name),
                "next_step": "call" if name == "o5" else None,
            }
            for name, rep in reps.items()
        )
    )
    return company


def waive(company: Company, *waivers: Mapping[str, str]) -> tuple[int, int, tuple[str, ...]]:
    usual = {"rule_id": "the_rule", "until": "2025-12-31", "reason": "x", "granted_by": "y"}
    company.write(
        "waivers.csv", *({"waiver_id": f"w{n}"} | usual | dict(w) for n, w in enumerate(waivers))
    )
    return findings(company.judge_one(CHECK))["next_step/the_rule"]


@pytest.mark.parametrize(
    ("scope", "member", "left"),
    [
        ("company", "", ()),
        ("team", "North", ("o2", "o3", "o4")),
        ("team", "East", ("o1", "o2", "o3", "o4")),
        ("rep", "r2", ("o1", "o3", "o4")),
        ("record", "o4", ("o1", "o2", "o3")),
        ("record_type", "renewal", ("o1", "o3", "o4")),
    ],
)
def test_a_waiver_holds_for_its_scope(
    deals: Company, scope: str, member: str, left: tuple[str, ...]
) -> None:
    assert waive(deals, {"scope": scope, "member": member}) == (5, len(left), left)


def test_several_waivers_hold_together(deals: Company) -> None:
    waivers = [{"scope": "rep", "member": "r1"}, {"scope": "record", "member": "o3"}]
    assert waive(deals, *waivers) == (5, 2, ("o2", "o4"))


@pytest.mark.parametrize(
    ("since", "until", "failed"),
    [
        ("", "2025-12-31", 0),
        ("2025-12-31", "2025-12-31", 0),
        ("", "2025-12-30", 4),
        ("2026-01-01", "2026-01-31", 4),
    ],
)
def test_a_waiver_holds_from_its_first_to_its_last_day(
    deals: Company, since: str, until: str, failed: int
) -> None:
    found = waive(deals, {"scope": "company", "since": since, "until": until})
    assert found[:2] == (5, failed)


def test_a_waiver_is_of_one_rule(company: Company) -> None:
    company.rule(
        {"rule_id": "step", "field": "next_step"}, {"rule_id": "rival", "field": "competitor"}
    )
    company.add_deals({"opportunity_id": "o1", "stage_id": "won", "created_at": CREATED})
    company.write(
        "waivers.csv",
        {
            "waiver_id": "w",
            "rule_id": "rival",
            "scope": "company",
            "until": "2025-12-31",
            "reason": "x",
            "granted_by": "y",
        },
    )
    found = findings(company.judge_one(CHECK))
    assert found == {"next_step/step": (1, 1, ("o1",)), "competitor/rival": (1, 0, ())}


def test_a_team_is_the_one_that_a_rep_was_last_told_to_be_in(company: Company) -> None:
    company.rule({"field": "next_step"})
    company.add(
        "intermediate.int_reps_loaded",
        [
            {"rep_id": rep, "team": team, "is_vanished": gone, "load_no": no, "known_at": day}
            for rep, team, gone, no, day in (
                ("moved", "North", False, 1, "2025-01-01"),
                ("moved", "South", False, 2, "2025-02-01"),
                ("left", "North", False, 1, "2025-01-01"),
                ("left", None, True, 2, "2025-02-01"),
                ("free", "North", False, 1, "2025-01-01"),
                ("free", None, False, 2, "2025-02-01"),
            )
        ],
    )
    company.add_deals(
        *(
            {"opportunity_id": rep, "stage_id": "won", "created_at": CREATED, "rep_id": rep}
            for rep in ("moved", "left", "free")
        )
    )
    _, _, found = waive(company, {"scope": "team", "member": "North"})
    assert found == ("free", "moved")


def test_the_rep_of_a_contact_is_that_of_its_account(company: Company) -> None:
    company.rule({"entity": "contacts", "field": "email"})
    company.add(
        "intermediate.int_accounts_conformed",
        [{"account_id": "a1", "rep_id": "r1"}, {"account_id": "a2", "rep_id": "r2"}],
    )
    company.add("intermediate.int_reps_loaded", [{"rep_id": "r1", "team": "North"}])
    company.add(
        "intermediate.int_contacts_conformed",
        [{"contact_id": f"c{n}", "account_id": f"a{n}"} for n in (1, 2, 3)],
    )
    usual = {"rule_id": "the_rule", "until": "2025-12-31", "reason": "x", "granted_by": "y"}
    for scope, member in (("rep", "r1"), ("team", "North")):
        company.write("waivers.csv", usual | {"waiver_id": "w", "scope": scope, "member": member})
        found = findings(company.judge_one("mandatory_fields__contacts"))
        assert found["email/the_rule"] == (3, 2, ("c2", "c3"))

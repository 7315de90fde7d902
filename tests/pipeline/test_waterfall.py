"""The waterfall balances in every scope, in both forms, over random windows of random lives.

Blocking: start + moves = end to the cent, for the company, each team, rep, segment, origin and
close period, and each of them within a close period; end points compared (pipeline_waterfall) and
days added up (pipeline_daily_waterfall).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.any_day import (
    FORMS,
    Expected,
    complaint,
    objection,
    owed,
    published,
    shown,
    windows,
)
from tests.pipeline.area import Area, Built
from tests.pipeline.crm import change, deal, instant
from tests.pipeline.desk import PLAN_RATES
from tests.pipeline.lives import Company, companies
from tests.pipeline.reference import Life, World, lives
from tests.pipeline.teams import Teams, ever
from tests.pipeline.test_properties import few
from tests.pipeline.turbulence import WINDOWS as TURBULENT_WINDOWS
from tests.pipeline.turbulence import turbulent
from tests.pipeline.waterfall import SCOPES, waterfall

WINDOWS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=6, max_size=6)
# The columns of fct_pipeline_movements that tell the member of a scope.
ATTRIBUTES = {
    "company": "'all'",
    "team": "coalesce(team, 'unknown')",
    "rep": "rep_id",
    "segment": "coalesce(segment_id, 'unknown')",
    "origin": "origin",
}


@settings(few, max_examples=10)
@given(company=companies(), offsets=WINDOWS)
def test_5_every_bucket_of_both_forms_is_the_definitions_and_balances(
    area: Area, company: Company, offsets: list[tuple[int, int]]
) -> None:
    assert objection(area, company, offsets) == ""


@settings(few, max_examples=10)
@given(company=companies(), offsets=WINDOWS)
def test_5_the_steps_of_the_days_add_up_in_every_scope(
    area: Area, company: Company, offsets: list[tuple[int, int]]
) -> None:
    built, known = published(area, company), lives(company.deals, company.world)
    for first, last in windows(company, offsets):
        expected = owed(waterfall(known, first, last))
        found = {}
        for scope in SCOPES:
            found.update(steps(built, first, last, scope))
        assert found == expected


def test_5_whatever_two_things_happen_around_a_window_both_forms_tell_the_definition(
    area: Area,
) -> None:
    company = turbulent()
    expected = Expected(lives(company.deals, company.world), TURBULENT_WINDOWS)
    assert complaint(published(area, company), expected, company.world.day) == ""


def steps(built: Built, first: date, last: date, scope: str) -> dict[Any, Any]:
    """(scope, member, close period) -> what the steps of fct_pipeline_movements add up to."""
    attribute, months = SCOPES[scope]
    period = {0: "null", 1: "close_month_date", 3: "close_quarter_date"}[months]
    member = ATTRIBUTES[attribute]
    if scope in ("close_month", "close_quarter"):
        member = f"coalesce(cast({period} as varchar), 'unknown')"
    rows = built.rows(
        f"select {member} as member, {period} as period, sum(deal_count) as deals, "
        "sum(amount) as amount from marts.fct_pipeline_movements "
        f"where movement_date > date '{first}' and movement_date <= date '{last}' group by 1, 2"
    )
    sums = {(scope, r["member"], r["period"]): (int(r["deals"]), r["amount"]) for r in rows}
    return {name: value for name, value in sums.items() if value != (0, 0)}


def one_deal(teams: Teams | None = None, *changes: Any, **born: Any) -> tuple[Company, list[Life]]:
    one = deal("one", "2025-03-08 09:00", *changes, **{"owner_id": "ann", **born})
    loads = [instant(f"2025-{day} 20:00") for day in ("03-12", "03-25", "04-20")]
    world = World(loads, date(2025, 4, 20), PLAN_RATES, teams=teams or {})
    company = Company([one], world)
    return company, lives(company.deals, world)


def test_what_is_reopened_in_other_hands_comes_by_transfer_for_the_new_rep(area: Area) -> None:
    company, _ = one_deal(
        None,
        change("2025-03-10 09:00", "stage", "closed_lost"),
        change("2025-03-20 09:00", "stage", "proposal"),
        change("2025-03-20 09:00", "owner_id", "bob"),
    )
    flows = shown(published(area, company), date(2025, 3, 15), company.world.day)
    assert flows["company", "all", None, "reopened"] == (1, Decimal("1000.00"))
    assert flows["rep", "bob", None, "transferred_in"] == (1, Decimal("1000.00"))


def test_a_rep_who_changes_team_takes_the_deals_along_from_the_day_on(area: Area) -> None:
    """Ann is in North until the export of 25 March: what was seen before stays North's."""
    teams = {**ever({"ann": "North"})}
    teams["ann"] = [*teams["ann"], (instant("2025-03-20 09:00"), "South")]
    company, _ = one_deal(teams)
    built = published(area, company)
    before = shown(built, date(2025, 3, 10), date(2025, 3, 24))
    assert {key[1] for key in before if key[0] == "team"} == {"North"}
    across = shown(built, date(2025, 3, 24), date(2025, 3, 25))
    assert {key[1:]: flow for key, flow in across.items() if key[0] == "team"} == {
        ("North", None, "start"): (1, Decimal("1000.00")),
        ("North", None, "transferred_out"): (-1, Decimal("-1000.00")),
        ("South", None, "transferred_in"): (1, Decimal("1000.00")),
        ("South", None, "end"): (1, Decimal("1000.00")),
    }
    assert {key[3] for key in across if key[0] == "rep"} == {"start", "end"}
    teams_seen = built.rows("select team from pipeline_as_of(date '2025-03-24')")
    assert teams_seen == [{"team": "North"}]


def test_a_day_on_which_a_deal_changes_hands_and_is_won_is_told_alike_in_both_forms(
    area: Area,
) -> None:
    company, _ = one_deal(
        None,
        change("2025-03-20 09:00", "owner_id", "bob"),
        change("2025-03-20 10:00", "stage", "closed_won"),
    )
    built = published(area, company)
    for form in FORMS:
        flows = shown(built, date(2025, 3, 19), date(2025, 3, 20), form)
        assert flows["rep", "ann", None, "transferred_out"] == (-1, Decimal("-1000.00"))
        assert flows["company", "all", None, "won"] == (-1, Decimal("-1000.00"))
        assert not [key for key in flows if key[1] == "bob"]


def test_a_rep_and_quarter_loses_to_another_rep_first_and_to_another_quarter_second(
    area: Area,
) -> None:
    company, _ = one_deal(
        None,
        change("2025-03-20 09:00", "close_date", "2025-09-30"),
        change("2025-03-22 09:00", "owner_id", "bob"),
    )
    built = published(area, company)
    spring, summer = date(2025, 4, 1), date(2025, 7, 1)
    ends = shown(built, date(2025, 3, 19), date(2025, 3, 22))
    assert ("rep_quarter", "ann", spring, "transferred_out") in ends
    assert ("rep_quarter", "bob", summer, "transferred_in") in ends
    days = shown(built, date(2025, 3, 19), date(2025, 3, 22), "pipeline_daily_waterfall")
    assert {key[1:] for key in days if key[0] == "rep_quarter" and key[3] != "start"} == {
        ("ann", spring, "pushed_out"),
        ("ann", summer, "pushed_in"),
        ("ann", summer, "transferred_out"),
        ("bob", summer, "transferred_in"),
        ("bob", summer, "end"),
    }

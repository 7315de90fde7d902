"""The waterfall balances in every scope, in both forms, over random windows of random lives.

Blocking: start + moves = end to the cent, for the company, each team, rep, segment, origin and
close period; end points compared (pipeline_waterfall) and daily movements summed.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.any_day import READS, create_macros
from tests.pipeline.area import Area, Built
from tests.pipeline.comparison import run
from tests.pipeline.crm import change, deal, instant
from tests.pipeline.desk import PLAN_RATES
from tests.pipeline.lives import Company, companies
from tests.pipeline.reference import World, lives
from tests.pipeline.test_properties import few
from tests.pipeline.waterfall import SCOPES, TEAMS, Flows, waterfall

WINDOWS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=6, max_size=6)


def windows(company: Company, offsets: list[tuple[int, int]]) -> list[tuple[date, date]]:
    """Random pairs of days, the earlier first, none after as_of."""
    day = company.world.day
    return [(day - timedelta(max(pair)), day - timedelta(min(pair))) for pair in offsets]


def published(area: Area, company: Company) -> Built:
    built = run(area, company)
    built.connection.execute("create table marts.dim_reps (rep_id varchar, team varchar)")
    built.connection.executemany("insert into marts.dim_reps values (?, ?)", list(TEAMS.items()))
    create_macros(built.connection, "area", READS)
    return built


def shown(built: Built, first: date, last: date) -> Flows:
    rows = built.rows(f"select * from pipeline_waterfall(date '{first}', date '{last}')")
    return {(r["scope"], r["member"], r["bucket"]): (r["deal_count"], r["amount"]) for r in rows}


def balances(flows: Flows, *, start: str = "start", end: str = "end") -> dict[Any, Any]:
    """(scope, member) -> what start + moves lacks to the end: nothing."""
    off: dict[Any, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for (scope, name, bucket), (deals, amount) in flows.items():
        sign = -1 if bucket == end else 1
        count, total = off[scope, name]
        off[scope, name] = (count + sign * deals, total + sign * amount)
    return {key: value for key, value in off.items() if value != (0, Decimal(0))}


@settings(few, max_examples=10)
@given(company=companies(), offsets=WINDOWS)
def test_5_end_points_balance_and_begin_and_end_where_the_reference_does(
    area: Area, company: Company, offsets: list[tuple[int, int]]
) -> None:
    built, known = published(area, company), lives(company.deals, company.world)
    for first, last in windows(company, offsets):
        found, expected = shown(built, first, last), waterfall(known, first, last)
        assert balances(found) == {}
        for point in ("start", "end"):
            assert points(found, point) == points(expected, point)


@settings(few, max_examples=10)
@given(company=companies(), offsets=WINDOWS)
def test_every_bucket_of_the_waterfall_is_the_definitions(
    area: Area, company: Company, offsets: list[tuple[int, int]]
) -> None:
    built, known = published(area, company), lives(company.deals, company.world)
    for first, last in windows(company, offsets):
        assert shown(built, first, last) == waterfall(known, first, last)


def points(flows: Flows, point: str) -> dict[Any, Any]:
    return {key: value for key, value in flows.items() if key[2] == point}


def daily_sums(built: Built, company: Company, first: date, last: date, scope: str) -> Any:
    """(member) -> (deals, amount) that the daily movements of a window add up to."""
    column = {
        "company": "'all'",
        "team": "coalesce(team, 'unknown')",
        "rep": "movements.rep_id",
        "segment": "coalesce(segment_id, 'unknown')",
        "origin": "origin",
        "close_month": "coalesce(cast(close_month_date as varchar), 'unknown')",
        "close_quarter": "coalesce(cast(cast(date_trunc('quarter', close_month_date) as date) "
        "as varchar), 'unknown')",
    }[scope]
    rows = built.rows(
        f"select {column} as member, sum(deal_count) as deals, sum(amount) as amount "
        "from marts.fct_pipeline_movements as movements "
        "left join marts.dim_reps as reps on movements.rep_id = reps.rep_id "
        f"where movement_date > date '{first}' and movement_date <= date '{last}' group by 1"
    )
    sums = {row["member"]: (int(row["deals"]), row["amount"]) for row in rows}
    return {name: value for name, value in sums.items() if value != (0, 0)}


def owed(flows: Flows, scope: str) -> Any:
    """(member) -> end - start."""
    found: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for (of, name, bucket), (deals, amount) in flows.items():
        if of == scope and bucket in ("start", "end"):
            sign = 1 if bucket == "end" else -1
            count, total = found[name]
            found[name] = (count + sign * deals, total + sign * amount)
    return {name: value for name, value in found.items() if value != (0, 0)}


def daily_sums_balance(
    area: Area, company: Company, offsets: list[tuple[int, int]], scopes: tuple[str, ...]
) -> None:
    built, known = published(area, company), lives(company.deals, company.world)
    for first, last in windows(company, offsets):
        expected = waterfall(known, first, last)
        for scope in scopes:
            found = daily_sums(built, company, first, last, scope)
            assert found == owed(expected, scope), scope


@settings(few, max_examples=10)
@given(company=companies(), offsets=WINDOWS)
def test_5_daily_movements_add_up_in_every_scope(
    area: Area, company: Company, offsets: list[tuple[int, int]]
) -> None:
    daily_sums_balance(area, company, offsets, SCOPES)


def test_what_is_reopened_in_other_hands_comes_by_transfer_for_the_new_rep(area: Area) -> None:
    reopened = deal(
        "reopened-by-another",
        "2025-03-08 09:00",
        change("2025-03-10 09:00", "stage", "closed_lost"),
        change("2025-03-20 09:00", "stage", "proposal"),
        change("2025-03-20 09:00", "owner_id", "bob"),
        owner_id="ann",
    )
    world = World([instant("2025-04-20 20:00")], date(2025, 4, 20), PLAN_RATES)
    flows = shown(published(area, Company([reopened], world)), date(2025, 3, 15), world.day)
    assert flows["company", "all", "reopened"] == (1, Decimal("1000.00"))
    assert flows.get(("rep", "bob", "transferred_in")) == (1, Decimal("1000.00"))

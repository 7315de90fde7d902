"""What the simulator planted about channels, segments and missed appointments is found again.

Counts: truth.json counts the simulated life in plain Python, and the marts must count the same.
Chances: the planted value must lie in the 99 % interval of the sample.
"""

import json
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import NormalDist
from typing import Any, Protocol

import duckdb
import pytest

Z99 = NormalDist().inv_cdf(0.995)
MERGED_SHARE = 0.04
"""Of the leads that do not convert, as the simulator merges them (ingest/demo/births.py)."""


class DemoRun(Protocol):
    """What tests/conftest.py hands over, as far as it is needed here."""

    published: Path
    truth: Path


Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def truth(demo_run: DemoRun) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(demo_run.truth.read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def rows(demo_run: DemoRun) -> Query:
    """Rows of the published file."""

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(demo_run.published), read_only=True) as con:
            return con.execute(sql).fetchall()

    return ask


def is_within(planted: float, hits: int, n: int) -> bool:
    """Whether a planted chance lies in the 99 % Wilson interval of hits / n."""
    middle = (hits + Z99**2 / 2) / (n + Z99**2)
    half = Z99 / (n + Z99**2) * math.sqrt(hits * (n - hits) / n + Z99**2 / 4)
    return middle - half <= planted <= middle + half


def test_leads_conversions_and_wins_of_a_channel_are_those_that_the_simulator_counted(
    rows: Query, truth: dict[str, Any]
) -> None:
    found = rows("""
        select origin, count(*), count(*) filter (where is_converted),
            count(*) filter (where is_won)
        from marts.fct_leads group by origin
    """)
    assert {origin: tuple(counts) for origin, *counts in found} == {
        origin: (counted["leads"], counted["converted"], counted["won"])
        for origin, counted in truth["realised"]["channels"].items()
    }


def test_the_planted_conversion_of_a_channel_lies_in_the_interval_of_its_cohorts(
    rows: Query, truth: dict[str, Any]
) -> None:
    """A lead converts within some forty days; merged leads are none of the cohort."""
    found = rows("""
        select origin, sum(opportunity_count), sum(mature_count)
        from marts.mart_lead_cohorts where horizon_days = 60 and origin <> 'unknown'
        group by origin
    """)
    planted = truth["planted"]["lead_to_opportunity"]
    kept = {name: p / (1 - MERGED_SHARE * (1 - p)) for name, p in planted.items()}
    assert {origin for origin, _, _ in found} == set(planted)
    assert [row for row in found if not is_within(kept[row[0]], int(row[1]), int(row[2]))] == []


@pytest.fixture(scope="module")
def economics(rows: Query) -> dict[str, dict[str, Decimal]]:
    """Segment -> what the marts say of 2024 and 2025, the time in which customers can be new."""
    names = ("marketing_spend", "effort_cost", "new_customer_count", "margin")
    sums = ", ".join(f"sum({name})" for name in (*names, "net_of_acquisition"))
    found = rows(f"""
        select segment_id, {sums} from marts.mart_segment_economics
        where period_grain = 'year' and period_start_date >= date '2024-01-01' group by segment_id
    """)
    return {
        segment: dict(zip((*names, "net"), map(Decimal, figures), strict=True))
        for segment, *figures in found
    }


def test_spend_effort_and_new_customers_are_those_that_the_simulator_counted(
    economics: dict[str, dict[str, Decimal]], truth: dict[str, Any]
) -> None:
    """The simulator knows the segment of today only and cuts off cents, so effort and customers
    are compared over all segments and money to a cent per entry (fewer than 30,000)."""
    counted = truth["realised"]["segments"]
    for segment, told in counted.items():
        spent = economics[segment]["marketing_spend"]
        assert abs(spent - Decimal(told["marketing_spend"])) < 300
    ours = [economics[segment] for segment in counted]
    assert sum(it["new_customer_count"] for it in ours) == sum(
        told["first_time_customers"] for told in counted.values()
    )
    effort = sum(it["effort_cost"] for it in ours)
    assert 0 <= effort - sum(Decimal(told["effort_cost"]) for told in counted.values()) < 300


def test_segments_stand_in_the_planted_order_of_cost_and_the_planted_one_brings_most(
    economics: dict[str, dict[str, Decimal]], truth: dict[str, Any]
) -> None:
    planted = truth["planted"]
    cost = {
        segment: (it["marketing_spend"] + it["effort_cost"]) / it["new_customer_count"]
        for segment, it in economics.items()
        if it["new_customer_count"]
    }
    assert sorted(cost, key=cost.__getitem__, reverse=True) == planted["acquisition_cost_order"]
    segments = planted["acquisition_cost_order"]
    assert max(segments, key=lambda name: economics[name]["net"]) == planted["best_net_segment"]


@pytest.mark.parametrize(
    ("level", "told"), [("activity_type", "by_type"), ("territory", "by_territory")]
)
def test_missed_and_rebooked_appointments_are_those_that_the_simulator_counted(
    rows: Query, truth: dict[str, Any], level: str, told: str
) -> None:
    found = rows(f"""
        select member, sum(held_count), sum(no_show_count), sum(rebooked_count)
        from marts.mart_no_shows where level = '{level}' group by member
    """)
    assert {member: tuple(map(int, counts)) for member, *counts in found} == {
        member: (counts["held"], counts["no_show"], counts["rebooked"])
        for member, counts in truth["realised"]["no_shows"][told].items()
    }


def test_the_planted_no_show_rates_lie_within_the_interval_of_the_sample(
    rows: Query, truth: dict[str, Any]
) -> None:
    """By type over all territories, each with its own rate. What replaces another appointment is
    always held and says nothing."""
    cells = rows("""
        select activity_type, territory, count(*) filter (where is_no_show), count(*)
        from marts.fct_activities inner join marts.dim_accounts using (account_id)
        where is_appointment and (is_held or is_no_show) and activity_id not in (
            select moved_to_id from marts.fct_activities where moved_to_id is not null
        )
        group by activity_type, territory
    """)
    planted = truth["planted"]
    for kind, rate in planted["no_show_by_type"].items():
        of_kind = [
            (missed, n, rate * planted["no_show_by_territory"][territory])
            for name, territory, missed, n in cells
            if name == kind
        ]
        expected = sum(n * p for _, n, p in of_kind)
        deviation = math.sqrt(sum(n * p * (1 - p) for _, n, p in of_kind))
        assert abs(sum(missed for missed, _, _ in of_kind) - expected) <= Z99 * deviation


def test_a_higher_score_at_routing_converts_more(rows: Query) -> None:
    """Those who will convert were planted to look at prices and to fit better."""
    found = rows("""
        select rule_version, max(over_threshold_converted_count), max(over_threshold_count),
            sum(converted_count), sum(lead_count)
        from marts.mart_lead_score_bands group by rule_version
    """)
    assert {version for version, *_ in found} == {"v1", "v2"}
    for _, over_converted, over, converted, leads in found:
        assert not is_within(converted / leads, int(over_converted), int(over))
        assert over_converted / over > converted / leads

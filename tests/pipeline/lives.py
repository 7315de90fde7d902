"""Random lives of deals: strategies for hypothesis that shrink to a deal one can read.

Instants fall on few times of day, most of them at somebody's midnight, so that ties, days that turn
and nights of 23 or 25 hours come up all the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from tests.pipeline.crm import Change, Deal, Row, deal, lake
from tests.pipeline.desk import PLAN_RATES
from tests.pipeline.reference import World
from tests.pipeline.teams import Teams, ever, reps_delivered

TIMES = [
    *(time(0, 30), time(1, 30), time(3, 59, 59), time(4), time(5), time(9), time(9, 0, 1)),
    *(time(21, 59, 59), time(22), time(22, 30), time(23), time(23, 59, 59)),
]
OPEN = ("qualification", "discovery", "proposal", "negotiation")
VALUES = [
    *(
        ("stage", stage)
        for stage in (*OPEN, *OPEN[1:], "closed_won", "closed_lost", "disqualified", "asleep")
    ),
    *(("amount", amount) for amount in ("0", "333.33", "1000.00", "2500.55", "-20", None)),
    *(("currency", currency) for currency in ("USD", "EUR", "GBP", "CHF")),
    *(("probability", percent) for percent in ("0", "37.5", "100", None)),
    *(("close_date", day) for day in ("2025-05-31", "2025-06-01", "2025-12-31", None)),
    *(("owner_id", rep) for rep in ("ann", "bob", "cyd", None)),
    *(("forecast_category", name) for name in ("commit", "omitted")),
    *(("is_deleted", text) for text in ("true", "false", "false")),
    *(("merged_into_id", other) for other in ("deal-0", None, None)),
]
DAYS = 60  # a life's events fall into so many days


@dataclass(frozen=True)
class Company:
    """Deals, and the world in which they are looked at."""

    deals: Sequence[Deal] = field(repr=False)
    world: World

    def lake(self) -> dict[str, list[Row]]:
        """What its CRM delivers."""
        reps = reps_delivered(self.world.teams, self.world.loads)
        return {**lake(self.deals, self.world.loads), "reps": reps}

    @property
    def days(self) -> list[date]:
        """Every day that may differ from the one before, up to as_of."""
        first = min([self.world.day, *(self.world.day_of(d.created_at) for d in self.deals)])
        count = (self.world.day - first).days + 1
        return [first + timedelta(days=number) for number in range(count)]


def instants(first_day: date) -> st.SearchStrategy[datetime]:
    grid = DAYS * len(TIMES)
    return st.integers(0, grid - 1).map(
        lambda n: datetime.combine(first_day + timedelta(n // len(TIMES)), TIMES[n % len(TIMES)])
    )


@st.composite
def changes(draw: st.DrawFn, first_day: date) -> Change:
    at = draw(instants(first_day))
    name, value = draw(st.sampled_from(VALUES))
    lag = draw(st.sampled_from([0, 0, 0, 0, 0, 3, 25]))
    return Change(at, name, value, at + timedelta(days=lag) if lag else None)


@st.composite
def deals(draw: st.DrawFn, number: int, first_day: date) -> Deal:
    created_at = draw(instants(first_day))
    gone = None
    if draw(st.integers(0, 7)) == 7:
        since = created_at + timedelta(days=15)
        gone = (str(since), draw(st.sampled_from([None, str(since + timedelta(days=15))])))
    segments = draw(
        st.sampled_from(
            [
                *[{"2000-01-01": "Gold"}] * 3,
                {"2000-01-01": None},
                {"2000-01-01": "Silver", str(first_day + timedelta(days=30)): "Gold"},
            ]
        )
    )
    told = draw(st.lists(changes(first_day), max_size=9))
    # Whether a log may undelete what is no longer delivered is not defined: not both in one life.
    told = [one for one in told if not (gone and one.field == "is_deleted")]
    return deal(
        f"deal-{number}",
        str(created_at),
        *told,
        log=draw(st.sampled_from(["whole", "whole", "whole", "changes", "none"])),
        gone=gone,
        segments=segments,
        owner_id=draw(st.sampled_from(["ann", "bob"])),
        currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        lead_source=draw(st.sampled_from(["web", "event", None])),
        untracked=draw(st.sampled_from([(), (), (), ("amount", "owner_id"), ("stage",)])),
    )


@st.composite
def teams(draw: st.DrawFn, first_day: date) -> Teams:
    """Ann stays in her team; Bob and Cyd may move, Cyd into none."""
    moved = datetime.combine(first_day, time(12)) + timedelta(draw(st.sampled_from([20, 30, 90])))
    back = moved + timedelta(days=draw(st.sampled_from([13, 90])))
    bob = [*ever({"bob": "South"})["bob"], (moved, "North"), (back, "South")]
    cyd = [*ever({"cyd": "South"})["cyd"], (back, None)]
    return {**ever({"ann": "North"}), "bob": bob, "cyd": cyd}


@st.composite
def companies(draw: st.DrawFn, most: int = 50) -> Company:
    """Up to `most` deals around a change of the clocks and of the fiscal year."""
    first_day = draw(st.sampled_from([date(2025, 3, 8), date(2025, 3, 1), date(2024, 10, 1)]))
    business_tz = draw(st.sampled_from(["Europe/Paris", "America/New_York", "UTC"]))
    count = draw(st.integers(1, most))
    loads = [
        datetime.combine(first_day + timedelta(days=days), at)
        for days, at in ((12, time(22)), (25, time(20)), (38, time(3, 59, 59)), (52, time(20)))
    ]
    day = first_day + timedelta(days=draw(st.sampled_from([45, 52, 58])))
    return Company(
        [draw(deals(number, first_day)) for number in range(count)],
        World(loads, day, PLAN_RATES, business_tz, teams=draw(teams(first_day))),
    )

"""What was forecast on a day reads the same on that day and long after it.

test_leaks.py holds that nothing which comes after as_of changes a table. Here the same day is read
twice: by a run that stood at it, and by one that knows how everything went on.
"""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.pipeline.area import Area, Built, Settings, build
from tests.pipeline.crm import Change, Deal, deal, lake
from tests.pipeline.desk import DESK

FIRST_DAY = date(2024, 6, 3)
LOADS = 420
CLOSED = ("closed_won", "closed_lost")
STATEMENTS = "select * from marts.fct_forecast_statements where stated_date <= date '{day}'"
CHANCES = """
    select opportunity_id, horizon_days, stated_date, stage_rate, calibrated_probability
    from intermediate.int_deals_due where stated_date <= date '{day}'
"""


def deals(chance: random.Random) -> list[Deal]:
    """Sixty deals of three reps: through the stages, put off, handed over, won, lost, reopened."""
    return [one_deal(f"deal-{number}", chance) for number in range(60)]


def one_deal(name: str, chance: random.Random) -> Deal:
    """One life of up to a year."""
    at = datetime.combine(FIRST_DAY, datetime.min.time())
    at += timedelta(days=chance.uniform(0, 250), hours=9)
    born, changes = at, []
    for stage in ("discovery", "proposal", "negotiation")[: chance.choice([1, 2, 3, 3])]:
        at += timedelta(days=chance.uniform(1, 40))
        put_off = (at + timedelta(days=chance.randrange(5, 60))).date()
        changes.append(Change(at, "stage", stage))
        changes.append(Change(at, "close_date", put_off.isoformat()))
        changes.append(Change(at, "probability", str(chance.randrange(5, 95))))
        changes.append(Change(at, "owner_id", chance.choice(["ann", "ann", "ben", "cleo"])))
    ends = [chance.choice(CLOSED)]
    ends += chance.choice([[], [], ["negotiation", chance.choice(CLOSED)]])
    for stage in ends:
        at += timedelta(days=chance.uniform(1, 50))
        changes.append(Change(at, "stage", stage))
    if chance.random() < 0.2:
        changes.append(Change(at + timedelta(days=9), "is_deleted", "true"))
    due = (born + timedelta(days=60)).date().isoformat()
    return deal(name, str(born), *changes, owner_id="ann", close_date=due)


def run(area: Area, days: int, everybody: list[Deal], loads: list[datetime]) -> Built:
    """A run that stands `days` after the first day and has every delivery until then."""
    settings = Settings(FIRST_DAY + timedelta(days=days))
    known = [load for load in loads if load < settings.as_of_at]
    return build(area, lake(everybody, known), DESK, settings)


@pytest.mark.parametrize("days", [120, 211, 300])
def test_what_was_stated_is_the_same_seen_from_later(area: Area, days: int) -> None:
    everybody = deals(random.Random(31))
    midnight = datetime.combine(FIRST_DAY, datetime.min.time())
    loads = [midnight + timedelta(days=n, hours=20) for n in range(LOADS)]
    then, later = (run(area, at, everybody, loads) for at in (days, LOADS - 1))
    # What happened after the day's delivery is not known yet: the day before is known whole.
    day = then.settings.day - timedelta(days=1)
    seen: list[dict[str, Any]] = []
    for sql in (STATEMENTS, CHANCES):
        seen = then.rows(sql.format(day=day) + " order by all")
        assert len(seen) > 50
        assert later.rows(sql.format(day=day) + " order by all") == seen
    assert any(row["calibrated_probability"] is not None for row in seen)
    shown = (
        "select opportunity_id, calibrated_probability from marts.fct_opportunities where is_open"
    )
    chances = [row["calibrated_probability"] for row in then.rows(shown)]
    assert chances
    assert None not in chances

"""What was forecast on a day reads the same on that day and long after it.

test_leaks.py holds that nothing which comes after as_of changes a table. Here the same day is read
twice: by a run that stood at it, and by one that knows how everything went on.
"""

import random
from dataclasses import replace
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
FITS = "select * from marts.mart_probability_fits where fitted_before_date <= date '{day}'"
FACTORS = ("stage_rate", "overstay_factor", "rep_factor", "timing_factor")


def deals(chance: random.Random) -> list[Deal]:
    """200 deals of three reps: through the stages, put off, won, lost, reopened, binned, merged."""
    return [typed_late(one_deal(f"deal-{number}", chance), chance) for number in range(200)]


def typed_late(one: Deal, chance: random.Random) -> Deal:
    """Half of what happens is typed in up to a month late, in the order of its happening."""
    changes: list[Change] = []
    following = None
    for change in reversed(one.changes):
        late = change.at + timedelta(days=chance.choice([0, chance.uniform(0, 30)]))
        learnt = min(late, following) if following else late
        changes.insert(0, replace(change, learnt=learnt))
        following = learnt
    return replace(one, changes=changes)


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
    if chance.random() < 0.3:
        merged = at + timedelta(days=chance.uniform(10, 90))
        changes.append(Change(merged, "merged_into_id", "deal"))
    due = (born + timedelta(days=60)).date().isoformat()
    return deal(name, str(born), *changes, owner_id="ann", close_date=due)


def run(area: Area, days: int, everybody: list[Deal], loads: list[datetime]) -> Built:
    """A run that stands `days` after the first day and has every delivery until then."""
    settings = Settings(FIRST_DAY + timedelta(days=days))
    known = [load for load in loads if load < settings.as_of_at]
    return build(area, lake(everybody, known), DESK, settings)


# Sundays: every forecast is read. Two begin a month: its fits must not know what is told later.
@pytest.mark.parametrize("days", [181, 209, 272])
def test_what_was_stated_is_the_same_seen_from_later(area: Area, days: int) -> None:
    everybody = deals(random.Random(31))
    midnight = datetime.combine(FIRST_DAY, datetime.min.time())
    loads = [midnight + timedelta(days=n, hours=20) for n in range(LOADS)]
    then, later = (run(area, at, everybody, loads) for at in (days, LOADS - 1))
    day = then.settings.day
    seen: list[dict[str, Any]] = []
    for sql in (STATEMENTS, FITS, CHANCES):
        seen = then.rows(sql.format(day=day) + " order by all")
        assert len(seen) > 50
        assert later.rows(sql.format(day=day) + " order by all") == seen
    assert any(row["calibrated_probability"] is not None for row in seen)
    fitted = {row["factor"] for row in then.rows(FITS.format(day=day))}
    assert fitted == set(FACTORS)
    late = later.rows("select distinct opportunity_id from intermediate.int_late_days")
    assert len(late) > 30
    shown = (
        "select opportunity_id, calibrated_probability from marts.fct_opportunities where is_open"
    )
    chances = [row["calibrated_probability"] for row in then.rows(shown)]
    assert chances
    assert None not in chances

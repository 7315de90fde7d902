"""A team of the demo company stops filling two fields for ten weeks: who hears of it, and when?"""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest

from expectations.alerts.book import open_book
from expectations.alerts.decisions import transitions_of
from expectations.alerts.entries import Alert, all_alerts
from expectations.alerts.evaluation import evaluate
from expectations.alerts.instants import day_before, end_of_day
from expectations.alerts.policy import read_policy
from expectations.observing import observe
from orchestration.places import COMPANIES

ZONE = "Europe/Paris"
DESK = COMPANIES / "demo/desk"
LAST_DAY = date(2025, 12, 31)
FIELDS = ("next_step", "decision_maker")
# As desk/thresholds.csv has it.
MINIMUM, LEAST_RECORDS = 0.70, 30

Call = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def company_home(tmp_path_factory: pytest.TempPathFactory, call_pilotage: Call) -> Path:
    """The demo company at full size: a fifth of a team owes too few fields to be judged."""
    home = tmp_path_factory.mktemp("whole_demo")
    run = call_pilotage(home, "run", "--company", "demo")
    assert run.returncode == 0, run.stdout + run.stderr
    return home / "demo"


def days_below(warehouse: Path, team: str) -> list[date]:
    """The days on which the team fills too little of its open deals, counted from the fills."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = con.execute(
            """
            select snapshot_date
            from marts.fct_field_fills as fills
            inner join marts.dim_stages as stages using (stage_id)
            where
                entity = 'opportunities' and field in ? and team = ?
                and not stages.is_closed and snapshot_date >= date '2025-07-01'
            group by snapshot_date
            having sum(due_count) >= ? and sum(filled_count) / sum(due_count) < ?
            order by snapshot_date
            """,
            [list(FIELDS), team, LEAST_RECORDS, MINIMUM],
        ).fetchall()
    return [day for (day,) in found]


def evaluated_by_day(warehouse: Path, book_path: Path) -> list[Alert]:
    """The alerts on teams' filling after half a year of evaluations, one at the end of each day."""
    policy = read_policy(DESK, "Demo company", ZONE)
    as_of_at = end_of_day(LAST_DAY, ZONE)
    day = date(2025, 7, 1)
    with open_book(book_path) as book:
        while day <= LAST_DAY:
            seen = observe(warehouse, DESK, as_of_at, LAST_DAY, day)
            told = [one for one in seen if one.rule == "team_filling"]
            instant = end_of_day(day, ZONE)
            evaluate(book, told, as_of=instant, now=instant, policy=policy)
            day += timedelta(days=1)
        return [a for a in all_alerts(book).values() if transitions_of(book, a.fingerprint)]


@pytest.mark.long
def test_the_team_is_named_on_the_day_it_crosses_and_released_on_the_day_it_is_back(
    company_home: Path, tmp_path: Path
) -> None:
    planted = json.loads((company_home / "deliveries/truth.json").read_text())["planted"]
    warehouse = company_home / "work.duckdb"
    below = days_below(warehouse, planted["collapse_team"])
    began, ended = (date.fromisoformat(planted[f"collapse_{end}"]) for end in ("from", "until"))
    # One series of days, within the planted weeks but for the time that deals need to move on.
    assert below == [below[0] + timedelta(days=n) for n in range(len(below))]
    assert began < below[0] < began + timedelta(days=21)
    assert ended <= below[-1] < ended + timedelta(days=21)

    (alert,) = evaluated_by_day(warehouse, tmp_path / "alerts.sqlite")

    assert alert.seen.scope == f"team:{planted['collapse_team']}"
    assert planted["collapse_team"] in alert.seen.title
    assert alert.life.reopened_n == 0
    assert day_before(alert.life.opened_as_of, ZONE) == below[0]
    assert day_before(alert.life.resolved_as_of, ZONE) == below[-1] + timedelta(days=1)

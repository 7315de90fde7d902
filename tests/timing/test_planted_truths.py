"""What the simulator planted about stages is found again by the marts.

Two grades of proof. Counts: the simulator counted its own life in plain Python (truth.json,
`realised`), and the marts must count the same to the deal. Parameters: a finite sample only says
so much about a planted chance, so the planted value must lie in the 99 % interval of the sample:
Wilson's for a share, Katz's (normal on the logarithm) for a ratio of two shares.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any, Protocol

import duckdb
import pytest

STAGES = ("qualification", "discovery", "proposal", "negotiation")
Z99 = NormalDist().inv_cdf(0.995)


class DemoRun(Protocol):
    """What tests/conftest.py hands over, as far as it is needed here."""

    published: Path
    truth: Path


@dataclass(frozen=True)
class Split:
    """Visits to one stage: those that overstayed, and the others; each with its wins."""

    over: int
    over_won: int
    in_time: int
    in_time_won: int

    @property
    def log_ratio(self) -> float:
        """Logarithm of P(win | overstayed) / P(win | in time)."""
        return math.log(self.over_won / self.over / (self.in_time_won / self.in_time))

    @property
    def variance(self) -> float:
        """Katz's variance of log_ratio."""
        over = 1 / self.over_won - 1 / self.over
        return over + 1 / self.in_time_won - 1 / self.in_time


def wilson(won: int, n: int) -> tuple[float, float]:
    """The 99 % Wilson interval of won / n."""
    middle = (won + Z99**2 / 2) / (n + Z99**2)
    half = Z99 / (n + Z99**2) * math.sqrt(won * (n - won) / n + Z99**2 / 4)
    return middle - half, middle + half


def rows(run: DemoRun, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the published file."""
    with duckdb.connect(str(run.published), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def truth(demo_run: DemoRun) -> dict[str, Any]:
    """truth.json of the run."""
    told: dict[str, Any] = json.loads(demo_run.truth.read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module")
def splits(demo_run: DemoRun) -> dict[str, Split]:
    """Stage -> its visits at 1.5 times the expected days, the age at which the effect sets in."""
    found = rows(
        demo_run,
        """
        select stage_id, still_count, still_won_count, entered_count, entered_won_count
        from marts.mart_overstay_factors where age_point = '1.5 x expected'
        """,
    )
    return {
        stage: Split(still, still_won, entered - still, entered_won - still_won)
        for stage, still, still_won, entered, entered_won in found
    }


@pytest.fixture(scope="module")
def conversions(demo_run: DemoRun) -> dict[str, tuple[int, int]]:
    """Stage -> resolved deals that entered it, and those of them won."""
    found = rows(
        demo_run,
        """
        select stage_id, touched_resolved_count, touched_won_count
        from marts.mart_stage_conversions where level = 'company'
        """,
    )
    return {stage: (resolved, won) for stage, resolved, won in found}


def test_stage_conversions_count_what_the_simulator_counted(
    conversions: dict[str, tuple[int, int]], truth: dict[str, Any]
) -> None:
    counted = truth["realised"]["stage_win_rates"]
    assert conversions == {
        stage: (counted[stage]["entered"], counted[stage]["won"]) for stage in STAGES
    }


def test_overstaying_visits_are_those_that_the_simulator_counted(
    splits: dict[str, Split], truth: dict[str, Any]
) -> None:
    counted = truth["realised"]["overstay"]
    assert splits == {
        stage: Split(
            counted[stage]["overstaying"]["visits"],
            counted[stage]["overstaying"]["won"],
            counted[stage]["in_time"]["visits"],
            counted[stage]["in_time"]["won"],
        )
        for stage in STAGES
    }


@dataclass(frozen=True)
class Planted:
    """The chances with which a visit ends, as planted, and of the sample what is drawn.

    overstays: stage -> share of visits that overstay. first_loss: stage -> chance that a deal is
    lost at the end of its first visit, whatever else happens, if that is to this stage.
    """

    chances: dict[str, Any]
    overstays: dict[str, float]
    first_loss: dict[str, float]

    def visit(self, stage: str, win: dict[str, float], first_loss: float = 0) -> float:
        """P(win) of a deal that enters a stage, from those of the stages to which it may go.

        It is given up with 1 - overstay_win_factor when it overstays; else it advances (by two
        stages with `skip`, before the proposal), or falls back one, or is lost; a lost deal comes
        back into negotiation with reopened_share.
        """
        number, planted = STAGES.index(stage), self.chances
        kept = 1 - self.overstays[stage] * (1 - planted["overstay_win_factor"])
        kept *= 1 - first_loss
        skips = SKIP if number < 2 else 0
        after = [win[name] for name in STAGES[number + 1 :]] + [1.0]
        advance = kept * planted["advance"][stage]
        back = kept * (1 - planted["advance"][stage]) * planted["backward"] * (number > 0)
        won = advance * ((1 - skips) * after[0] + (skips * after[1] if skips else 0))
        won += back * win[STAGES[max(0, number - 1)]]
        return won + (1 - advance - back) * planted["reopened_share"] * win["negotiation"]

    def win_rates(self) -> dict[str, float]:
        """P(win) after each stage's entrance that is not the deal's first visit."""
        win = dict.fromkeys(STAGES, 0.5)
        for _ in range(60):
            win = {stage: self.visit(stage, win) for stage in STAGES}
        return win

    def touched(self, stage: str, share_first: float) -> float:
        """P(win) of the deals that ever enter a stage, of which a share begins its life there."""
        win = self.win_rates()
        first = self.visit(stage, win, self.first_loss[stage])
        return share_first * first + (1 - share_first) * win[stage]


# The simulator's chance to jump over a stage, and to lose what a rep found: not in truth.json.
SKIP, LOST_OF_REPS = 0.08, 0.2


@dataclass(frozen=True)
class Entrants:
    """Resolved deals that ever entered a stage, those of them won, and those that began there.

    first: deals that began in the stage, by channel; "reps" for deals without a lead.
    """

    resolved: int
    won: int
    first: dict[str, int]

    @property
    def share_first(self) -> float:
        """The share of the deals that began in the stage."""
        return sum(self.first.values()) / self.resolved


@pytest.fixture(scope="module")
def ripe(demo_run: DemoRun) -> dict[str, Entrants]:
    """Stage -> the entrants of deals that are more than a year old.

    Of younger ones those that resolve soon are lost: the way to a win is longer.
    """
    found = rows(
        demo_run,
        """
        with entered as (
            select opportunity_id, stage_id, min(entered_at) as entered_at
            from marts.fct_stage_visits group by all
        )
        select entered.stage_id, entered_at = created_at as is_first,
            case when lead_id is null then 'reps' else origin end as channel,
            count(*), count(*) filter (where versions.state = 'won')
        from entered
        join marts.fct_opportunities using (opportunity_id)
        join marts.fct_opportunity_versions as versions using (opportunity_id)
        where versions.is_current and versions.state in ('won', 'lost')
            and created_date < (select date_day - 365 from marts.dim_dates where is_as_of_day)
        group by all
        """,
    )
    told = {}
    for stage in STAGES:
        of_stage = [row[1:] for row in found if row[0] == stage]
        first = {channel: count for is_first, channel, count, _ in of_stage if is_first}
        resolved, won = sum(row[2] for row in of_stage), sum(row[3] for row in of_stage)
        told[stage] = Entrants(resolved, won, first)
    return told


@pytest.fixture(scope="module")
def planted(
    splits: dict[str, Split],
    ripe: dict[str, Entrants],
    truth: dict[str, Any],
) -> Planted:
    """Only how often visits overstay, and the mix of channels, are taken from the sample."""
    losses = {**truth["planted"]["lost_for_channel"], "reps": LOST_OF_REPS}
    first_loss = {}
    for stage, entrants in ripe.items():
        # An origin that nobody typed hides a channel like any other.
        known = {name: count for name, count in entrants.first.items() if name in losses}
        total = sum(known.values())
        first_loss[stage] = sum(losses[n] * c for n, c in known.items()) / total if total else 0.0
    overstays = {name: one.over / (one.over + one.in_time) for name, one in splits.items()}
    return Planted(truth["planted"], overstays, first_loss)


@pytest.mark.parametrize("stage", STAGES)
def test_the_planted_win_rate_lies_in_the_99_percent_wilson_interval(
    stage: str, ripe: dict[str, Entrants], planted: Planted
) -> None:
    entrants = ripe[stage]
    low, high = wilson(entrants.won, entrants.resolved)
    print(f"{stage}: {entrants.won} of {entrants.resolved}, 99 % {low:.4f} to {high:.4f}")
    assert low < planted.touched(stage, entrants.share_first) < high


@pytest.mark.parametrize("stage", STAGES)
def test_the_planted_overstay_effect_lies_in_the_99_percent_katz_interval(
    stage: str, splits: dict[str, Split], truth: dict[str, Any]
) -> None:
    split, planted = splits[stage], math.log(truth["planted"]["overstay_win_factor"])
    assert abs(split.log_ratio - planted) < Z99 * math.sqrt(split.variance)


def test_the_overstay_effect_is_seen_over_all_stages(
    splits: dict[str, Split], truth: dict[str, Any]
) -> None:
    """The stages weighted by their precision: the interval holds the planted factor, and not 1."""
    weight = sum(1 / split.variance for split in splits.values())
    log_ratio = sum(split.log_ratio / split.variance for split in splits.values()) / weight
    half = Z99 / math.sqrt(weight)
    planted = math.log(truth["planted"]["overstay_win_factor"])
    assert log_ratio - half < planted < log_ratio + half < 0


def test_no_planted_stage_falls(demo_run: DemoRun) -> None:
    found = rows(
        demo_run,
        """
        select is_judged, is_falling from marts.mart_stage_win_rates where level = 'company'
        """,
    )
    assert found == [(True, False)] * 3

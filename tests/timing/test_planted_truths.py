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


def planted_win_rates(planted: dict[str, Any], overstays: dict[str, float]) -> dict[str, float]:
    """P(win | entered) of the stages in which no channel is lost, from the planted chances.

    A visit gives up with 1 - overstay_win_factor when it overstays; else it advances, or falls
    back one stage, or is lost; a lost deal comes back into negotiation with reopened_share.
    Only how often visits overstay is taken from the sample: it is drawn, not planted. Falling
    back to discovery is so rare (4 % of what does not advance) that its own rate is rounded.
    """
    advance, back = planted["advance"], planted["backward"]
    keeps = {stage: 1 - overstays[stage] * (1 - planted["overstay_win_factor"]) for stage in STAGES}
    discovery, proposal, negotiation = 0.45, 0.6, 0.8
    for _ in range(50):
        reopened = planted["reopened_share"] * negotiation
        stays = keeps["proposal"] * (
            advance["proposal"] * negotiation + (1 - advance["proposal"]) * back * discovery
        )
        proposal = stays + (1 - stays) * reopened
        stays = keeps["negotiation"] * (
            advance["negotiation"] + (1 - advance["negotiation"]) * back * proposal
        )
        negotiation = stays + (1 - stays) * reopened
    return {"proposal": proposal, "negotiation": negotiation}


@pytest.mark.parametrize("stage", ["proposal", "negotiation"])
def test_the_planted_win_rate_lies_in_the_99_percent_wilson_interval(
    stage: str,
    conversions: dict[str, tuple[int, int]],
    splits: dict[str, Split],
    truth: dict[str, Any],
) -> None:
    overstays = {name: one.over / (one.over + one.in_time) for name, one in splits.items()}
    planted = planted_win_rates(truth["planted"], overstays)[stage]
    resolved, won = conversions[stage]
    low, high = wilson(won, resolved)
    assert low < planted < high


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

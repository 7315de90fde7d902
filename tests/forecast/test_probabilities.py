"""Scores of probabilities against scikit-learn, and against the papers in plain Python."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from tests.forecast.rendering import run

Numbers = np.ndarray[Any, np.dtype[np.float64]]
MODELS = ("int_probability_sums", "fct_probability_calibration", "mart_probability_scores")
SEEDS = range(8)
STATED = {"level": "company", "method": "stated", "outcome": "ever_won"}


def company(seed: int) -> tuple[Numbers, Numbers, Numbers]:
    """Chances, outcomes and amounts of some random deals; odd seeds state few levels."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(20, 400))
    stated = rng.uniform(0.001, 0.999, size)
    if seed % 2:
        stated = rng.choice([0.05, 0.3, 0.5, 0.75], size)
    won = (rng.uniform(size=size) < stated**1.5).astype(float)
    won[:2] = (0, 1)
    return stated, won, np.round(rng.lognormal(9, 1, size), 2)


def judged(stated: Numbers, won: Numbers, amount: Numbers) -> dict[str, pa.Table]:
    """The deals as int_deals_judged has them: one rep, one stage, one horizon."""
    size = len(stated)
    return {
        "int_deals_judged": pa.table(
            {
                "rep_id": ["r1"] * size,
                "team": ["north"] * size,
                "stage_id": ["a"] * size,
                "horizon_days": pa.array([30] * size, pa.int32()),
                "is_reconstructed": [False] * size,
                "stated_probability": stated,
                "stage_rate": pa.nulls(size, pa.float64()),
                "calibrated_probability": np.minimum(1, stated * 1.1),
                "amount": amount,
                "is_ever_won": won.astype(bool),
                "is_won_by_period": won.astype(bool),
                "stated_date": [date(2025, 3, 1)] * size,
            }
        ),
        "int_timing_fits": pa.table(
            {
                "stage_id": ["a", "a"],
                "horizon_days": pa.array([30, 14], pa.int32()),
                "month_start_date": [date(2025, 3, 1)] * 2,
                "timing_factor": [0.5, 0.9],
            }
        ),
    }


def found(seed: int) -> tuple[Numbers, Numbers, Numbers, dict[str, Any], list[dict[str, Any]]]:
    """The deals, the company's score of what was stated, and its bins."""
    stated, won, amount = company(seed)
    built = run(MODELS, judged(stated, won, amount))
    score, *more = (r for r in built[MODELS[2]] if STATED.items() <= r.items())
    assert not more
    return stated, won, amount, score, [r for r in built[MODELS[1]] if STATED.items() <= r.items()]


@pytest.mark.parametrize("seed", SEEDS)
def test_brier_and_log_loss_are_scikit_learns(seed: int) -> None:
    stated, won, amount, score, _ = found(seed)
    assert score["brier"] == pytest.approx(brier_score_loss(won, stated), abs=1e-12)
    assert score["stated_brier"] == pytest.approx(score["brier"], abs=1e-12)
    assert score["log_loss"] == pytest.approx(log_loss(won, stated), abs=1e-12)
    money = (stated * amount).sum() / (won * amount).sum()
    assert score["value_ratio"] == pytest.approx(money, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bins_are_scikit_learns_calibration_curve(seed: int) -> None:
    """0.3 and 0.5 lie on scikit-learn's own edges, which it gives to the tenth below: moved up."""
    stated, won, _, score, bins = found(seed)
    moved = np.where(np.isin(stated, [0.3, 0.5]), stated + 1e-9, stated)
    observed, mean = calibration_curve(won, moved, n_bins=10, strategy="uniform")
    assert [b["mean_stated"] for b in bins] == pytest.approx(list(mean), abs=1e-8)
    assert [b["observed"] for b in bins] == pytest.approx(list(observed), abs=1e-12)
    counts = np.array([b["case_count"] for b in bins])
    error = (counts * np.abs(mean - observed)).sum() / counts.sum()
    assert score["calibration_error"] == pytest.approx(error, abs=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parts_are_murphys_and_corrected_as_ferro_and_fricker_say(seed: int) -> None:
    stated, won, _, score, _ = found(seed)
    tenths, n, base = np.floor(np.round(stated * 10, 9)), len(won), won.mean()
    reliability = resolution = feigned = 0.0
    for tenth in np.unique(tenths):
        said, happened = stated[tenths == tenth], won[tenths == tenth]
        size, share = len(said), happened.mean()
        reliability += size / n * (said.mean() - share) ** 2
        resolution += size / n * (share - base) ** 2
        if size > 1:
            feigned += size / n * share * (1 - share) / (size - 1)
    spare = base * (1 - base) / (n - 1)
    assert score["reliability"] == pytest.approx(reliability, abs=1e-12)
    assert score["resolution"] == pytest.approx(resolution, abs=1e-12)
    assert score["uncertainty"] == pytest.approx(base * (1 - base), abs=1e-12)
    assert score["reliability_corrected"] == pytest.approx(reliability - feigned, abs=1e-12)
    assert score["resolution_corrected"] == pytest.approx(resolution - feigned + spare, abs=1e-12)
    assert score["uncertainty_corrected"] == pytest.approx(base * (1 - base) + spare, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parts_add_up_to_the_score_corrected_or_not(seed: int) -> None:
    _, _, _, score, _ = found(seed)
    for suffix in ("", "_corrected"):
        parts = score[f"reliability{suffix}"] - score[f"resolution{suffix}"]
        parts += score[f"uncertainty{suffix}"] + score["within_bin"]
        assert parts == pytest.approx(score["brier"], abs=1e-12)


def test_a_tenth_of_one_stated_level_leaves_nothing_within() -> None:
    assert found(1)[3]["within_bin"] == pytest.approx(0, abs=1e-12)
    assert abs(found(0)[3]["within_bin"]) > 1e-6


def test_the_correction_removes_the_reliability_that_small_tenths_feign() -> None:
    """Perfectly calibrated chances: on average the plain part is not 0, the corrected one is."""
    rng = np.random.default_rng(4)
    plain, corrected = [], []
    for _ in range(60):
        stated = rng.choice([0.15, 0.35, 0.55, 0.85], 40)
        won = (rng.uniform(size=40) < stated).astype(float)
        rows = run(MODELS, judged(stated, won, np.ones(40)))[MODELS[2]]
        row = next(r for r in rows if STATED.items() <= r.items())
        plain.append(row["reliability"])
        corrected.append(row["reliability_corrected"])
    assert np.mean(plain) > 0.012
    assert abs(np.mean(corrected)) < 0.005


def test_a_certain_miss_costs_much_but_not_everything() -> None:
    tables = judged(np.array([1.0, 0.0]), np.array([0.0, 0.0]), np.ones(2))
    rows = run(MODELS, tables)[MODELS[2]]
    row = next(r for r in rows if STATED.items() <= r.items())
    assert row["brier"] == 0.5
    assert row["log_loss"] == pytest.approx(-np.log(1e-6) / 2, rel=1e-5)


def test_each_outcome_is_judged_by_the_chance_that_speaks_of_it() -> None:
    """Said 0.4, calibrated 0.44 (x 0.5 by the month's end), and won in time."""
    rows = run(MODELS, judged(np.array([0.4]), np.array([1.0]), np.ones(1)))[MODELS[2]]
    found = {
        (r["method"], r["outcome"]): r["brier"]
        for r in rows
        if r["level"] == "company" and r["method"] != "stage_rate"
    }
    assert found == {
        ("stated", "ever_won"): pytest.approx(0.6**2),
        ("stated", "won_by_period"): pytest.approx(0.6**2),
        ("calibrated", "ever_won"): pytest.approx(0.56**2),
        ("calibrated", "won_by_period"): pytest.approx(0.78**2),
    }

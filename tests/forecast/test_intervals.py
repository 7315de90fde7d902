"""The bootstrap behind the intervals of forecast errors."""

import importlib.util
from datetime import date
from pathlib import Path
from statistics import NormalDist
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy import stats

MODEL = Path(__file__).parents[2] / "dbt_project/models/intermediate/forecast"


@pytest.fixture(scope="module")
def intervals() -> ModuleType:
    """The dbt model as a module."""
    spec = importlib.util.spec_from_file_location("intervals", MODEL / "int_forecast_intervals.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Dbt:
    """What dbt hands a Python model, as far as it is needed here."""

    def __init__(self, **tables: dict[str, Any]) -> None:
        self.tables = tables

    def config(self, **_: str) -> None:
        """Settings do not matter here."""

    def ref(self, name: str) -> "Relation":
        """One of the tables."""
        return Relation(self.tables[name])


class Relation:
    """A table as the model reads it."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = columns

    def fetchnumpy(self) -> dict[str, Any]:
        """Its columns."""
        return self.columns


def company(bias: dict[str, float], months: int, seed: int) -> dict[str, Any]:
    """Pairs of reps whose forecast is what they win x (1 + bias) x noise of 15 %."""
    rng = np.random.default_rng(seed)
    starts = (np.datetime64("2023-01", "M") + np.arange(months)).astype("datetime64[D]")
    rows = []
    for rep, planted in bias.items():
        won = rng.lognormal(11, 0.7, months).astype(np.int64) * 100
        stated = (won * (1 + planted) * rng.uniform(0.85, 1.15, months)).astype(np.int64)
        rows += [
            (rep, "north", "submission", "month", 7, s - w, w, start)
            for s, w, start in zip(stated, won, starts, strict=True)
        ]
    names = ("rep_id", "team", "method", "period_grain", "horizon_days")
    names += ("error_cents", "actual_cents", "period_start_date")
    return {n: np.array(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)}


def calendar_quarters(pairs: dict[str, Any]) -> dict[str, Any]:
    """int_evidence_months of a company whose fiscal quarters are those of the calendar."""
    months = np.unique(pairs["period_start_date"]).astype("datetime64[M]")
    over = [month - 2 for month in months if int(month.astype(int)) % 3 == 2]
    rows = [(quarter, quarter + 2 - back) for quarter in over for back in range(12)]
    return {
        name: np.array([row[place] for row in rows], dtype="datetime64[D]")
        for place, name in enumerate(("quarter_start_date", "month_start_date"))
    }


def found(
    intervals: ModuleType, pairs: dict[str, Any], evidence: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The model's rows."""
    evidence = evidence or calendar_quarters(pairs)
    tables = Dbt(int_forecast_errors=pairs, int_evidence_months=evidence)
    rows: list[dict[str, Any]] = intervals.model(tables, None).to_pylist()
    return rows


@pytest.mark.parametrize("degrees", [2, 3, 5, 11, 35, 200])
def test_the_students_quantile_is_the_one_of_the_books(intervals: ModuleType, degrees: int) -> None:
    told = intervals.student_quantile(0.975, np.array([degrees]))[0]
    assert told == pytest.approx(stats.t.ppf(0.975, degrees), rel=0.03 if degrees == 2 else 2e-3)


def test_the_tails_are_cut_as_hesterberg_widens_them(intervals: ModuleType) -> None:
    """n = 12: the normal's tail beyond t(0.975, 11) x sqrt(12 / 11)."""
    expected = NormalDist().cdf(-stats.t.ppf(0.975, 11) * np.sqrt(12 / 11))
    assert intervals.tail_shares(np.array([12.0]))[0] == pytest.approx(expected, rel=1e-3)


def test_the_planted_bias_lies_in_the_interval_as_often_as_it_says(intervals: ModuleType) -> None:
    """400 reps with 12 months each: 95 % promised, at least 92 % held, and not by being endless."""
    planted = {f"r{number}": round(-0.3 + number / 500, 3) for number in range(400)}
    rows = found(intervals, company(planted, 12, seed=5))
    reps = [r for r in rows if r["level"] == "rep" and r["evidence"] == "2023-10-01"]
    held = [row["bias_low"] <= planted[row["member"]] <= row["bias_high"] for row in reps]
    assert len(reps) == 400
    assert 0.92 <= sum(held) / 400 <= 0.99
    assert np.median([row["bias_high"] - row["bias_low"] for row in reps]) < 0.2


def test_a_rep_who_is_always_off_by_the_same_share_has_an_interval_of_no_width(
    intervals: ModuleType,
) -> None:
    pairs = company({"r1": 0.0}, 6, seed=1)
    pairs["actual_cents"] = np.full(6, 1000)
    pairs["error_cents"] = np.full(6, 250)
    rows = {(r["level"], r["evidence"]): r for r in found(intervals, pairs)}
    for key in (("rep", "all"), ("team", "all"), ("company", "all")):
        row = rows[key]
        told = (row["bias_low"], row["bias_high"], row["wape_low"], row["wape_high"])
        assert told == (0.25,) * 4


@pytest.mark.parametrize("won", [[0] * 6, [1000, 0, 0, 0, 0, 0], [1000, 1000]])
def test_nothing_won_one_win_or_two_months_say_nothing(
    intervals: ModuleType, won: list[int]
) -> None:
    pairs = company({"r1": 0.0}, len(won), seed=1)
    pairs["actual_cents"] = np.array(won)
    rows = found(intervals, pairs)
    assert rows
    assert {row["bias_low"] for row in rows} == {None}


def test_a_later_month_changes_no_earlier_quarter_and_order_changes_nothing(
    intervals: ModuleType,
) -> None:
    pairs = company({f"r{number}": 0.1 for number in range(7)}, 14, seed=3)
    known = pairs["period_start_date"] <= np.datetime64(date(2023, 12, 1))
    early = {name: values[known] for name, values in pairs.items()}
    mixed = np.random.default_rng(9).permutation(len(pairs["rep_id"]))
    whole = found(intervals, pairs)
    assert found(intervals, {n: v[mixed] for n, v in pairs.items()}) == whole
    by_quarter = [r for r in whole if r["evidence"] not in {"all", "2024-01-01"}]
    assert by_quarter == [r for r in found(intervals, early) if r["evidence"] != "all"]


def test_a_quarter_of_any_fiscal_calendar_is_judged_on_its_own_months(
    intervals: ModuleType,
) -> None:
    """A quarter that begins in February: its three months say 0.5, those outside say nothing."""
    pairs = company({"r1": 0.0}, 6, seed=1)
    pairs["actual_cents"] = np.full(6, 1000)
    pairs["error_cents"] = np.array([9000, 500, 500, 500, 9000, 9000])
    evidence = {
        "quarter_start_date": np.full(3, np.datetime64("2023-02-01")),
        "month_start_date": pairs["period_start_date"][1:4],
    }
    (row,) = (r for r in found(intervals, pairs, evidence) if r["evidence"] != "all")
    assert (row["evidence"], row["period_count"]) == ("2023-02-01", 3)
    assert (row["bias_low"], row["bias_high"]) == (0.5, 0.5)


def test_no_pairs_make_no_rows(intervals: ModuleType) -> None:
    pairs = company({"r1": 0.0}, 3, seed=1)
    assert found(intervals, {name: values[:0] for name, values in pairs.items()}) == []

"""Kaplan-Meier medians of close-date slips against lifelines, on random deals."""

import numpy as np
import pyarrow as pa
import pytest
from lifelines import KaplanMeierFitter

from tests.forecast.rendering import run


@pytest.mark.parametrize("seed", range(20))
def test_the_quantiles_are_those_of_lifelines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 120))
    slips = rng.integers(-40, 90, size) if seed % 2 else rng.integers(-3, 4, size)
    censored = rng.uniform(size=size) < rng.choice([0.0, 0.2, 0.6, 1.0])
    table = pa.table(
        {
            "rep_id": ["r1"] * size,
            "team": ["north"] * size,
            "stage_id": ["a"] * size,
            "horizon_days": pa.array([30] * size, pa.int32()),
            "slip_days": pa.array(slips, pa.int32()),
            "push_count": pa.array([0] * size, pa.int32()),
            "is_censored": censored,
            "is_reconstructed": [False] * size,
        }
    )
    (row,) = (
        row
        for row in run(["mart_close_date_slips"], {"fct_close_date_slips": table})[
            "mart_close_date_slips"
        ]
        if row["level"] == "company"
    )
    # lifelines begins at 0: shifted there and back. Rounding decides ties at exactly a half.
    fitted = KaplanMeierFitter().fit(slips + 1000, ~censored)
    survival = fitted.survival_function_.iloc[:, 0].round(9)
    for name, share in (("median_slip_days", 0.5), ("p80_slip_days", 0.2)):
        reached = survival.index[survival <= share]
        expected = int(reached[0]) - 1000 if len(reached) else None
        assert row[name] == expected, f"seed {seed}: {name}"
    assert row["censored_count"] == censored.sum()

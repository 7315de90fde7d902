"""Bootstrap intervals of forecast errors: how far they might be off by the luck of few periods.

Periods are resampled, and for teams and the company reps as well, never deals: what goes wrong in
a month goes wrong for many deals at once. Each period and each rep gets a Poisson(1) weight, and a
pair the product (Owen & Eckles 2012, "Bootstrapping data arrays of arbitrary order"); a cell's draws
do not depend on which other cells there are. Amounts are whole cents, so that every sum is exact and
neither thread count nor order changes a digit. Percentile intervals of few cases are too narrow; they are
widened as Hesterberg (2015, "What teachers should know about the bootstrap") proposes, with
Kish's effective number of periods in the place of n.
"""

from statistics import NormalDist

import numpy as np
import pyarrow as pa

SEED = 20260101
DRAWS = 1000
LEVEL = 0.95
CHUNK = 2000
LEAST_PERIODS = 3
WORDS = ("submission", "category", "stated_probability")
NEAR = (30, 14, 7)
ALL = "all"
COLUMNS = {
    "level": pa.string(),
    "member": pa.string(),
    "method": pa.string(),
    "period_grain": pa.string(),
    "horizon_days": pa.int32(),
    "evidence": pa.string(),
    "period_count": pa.int32(),
    "bias_low": pa.float64(),
    "bias_high": pa.float64(),
    "wape_low": pa.float64(),
    "wape_high": pa.float64(),
}


def student_quantile(share, degrees):
    """Quantile of Student's t by Abramowitz & Stegun 26.7.5. degrees: array, 2 or more."""
    z = NormalDist().inv_cdf(share)
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / degrees + g2 / degrees**2 + g3 / degrees**3 + g4 / degrees**4


def tail_shares(effective):
    """The share to cut off on each side, for each effective number of periods (array)."""
    n = np.maximum(effective, LEAST_PERIODS)
    wide = student_quantile(1 - (1 - LEVEL) / 2, n - 1) * np.sqrt(n / (n - 1))
    normal = NormalDist()
    return np.array([normal.cdf(-w) for w in wide])


def poisson_weights(count, stream):
    """Weights of `count` things in DRAWS draws; the first ones are the same whatever the count."""
    rng = np.random.default_rng([SEED, stream])
    return rng.poisson(1.0, (count, DRAWS)).T.astype(np.float64)


def bounds(errors, actuals, weigh):
    """Low and high of sum(errors) / sum(actuals) per cell; NaN where there is too little.

    errors, actuals: (periods, cells) in cents, NaN where a cell has no statement. weigh: from such
    a table (0 for NaN) to its weighted sums, (DRAWS, cells).
    """
    found = np.full((2, errors.shape[1]), np.nan)
    known = ~np.isnan(errors)
    errors, actuals = np.nan_to_num(errors), np.nan_to_num(actuals)
    squares = (actuals**2).sum(axis=0)
    effective = actuals.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1)
    judged = (known.sum(axis=0) >= LEAST_PERIODS) & (effective >= 2)
    for first in range(0, errors.shape[1], CHUNK):
        part = slice(first, first + CHUNK)
        cells = np.flatnonzero(judged[part]) + first
        if len(cells):
            found[:, cells] = drawn_bounds(
                weigh(errors[:, cells]), weigh(actuals[:, cells]), tail_shares(effective[cells])
            )
    return found


def drawn_bounds(error_sums, actual_sums, tails):
    """Percentiles of the ratios, (2, cells). A draw of nothing won says nothing about the ratio."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(actual_sums > 0, error_sums / actual_sums, np.nan)
    ratios.sort(axis=0)
    drawn = np.maximum((~np.isnan(ratios)).sum(axis=0), 1)
    low = np.floor(tails * (drawn - 1)).astype(int)
    columns = np.arange(ratios.shape[1])
    return np.stack([ratios[low, columns], ratios[drawn - 1 - low, columns]])


def table(pairs, chosen, keys):
    """The chosen pairs as (periods, cells) of errors and actuals, the cells' keys, the periods."""
    periods, row = np.unique(pairs["period_start_date"][chosen], return_inverse=True)
    labels = list(zip(*(pairs[key][chosen] for key in keys), strict=True))
    cells = sorted(set(labels))
    place = {cell: number for number, cell in enumerate(cells)}
    column = np.array([place[label] for label in labels], dtype=int)
    filled = []
    for name in ("error_cents", "actual_cents"):
        values = np.full((len(periods), len(cells)), np.nan)
        values[row, column] = pairs[name][chosen]
        filled.append(values)
    return filled[0], filled[1], cells, periods


def rows_of(cells, evidence, counts, bias, wape):
    """Output rows, one per cell: (level, member, method, grain, horizon) and what was found."""
    numbers = (bias[0], bias[1], wape[0], wape[1])
    told = [[None if np.isnan(x) else round(float(x), 6) for x in column] for column in numbers]
    return [
        (*cell, evidence, int(count), *found)
        for cell, count, *found in zip(cells, counts, *told, strict=True)
    ]


def rep_rows(pairs):
    """Intervals of every rep over all periods: months at every horizon."""
    chosen = pairs["period_grain"] == "month"
    if not chosen.any():
        return []
    keys = ("rep_id", "method", "period_grain", "horizon_days")
    errors, actuals, cells, periods = table(pairs, chosen, keys)
    weights = poisson_weights(len(periods), 0)
    bias = bounds(errors, actuals, lambda part: weights @ part)
    wape = bounds(np.abs(errors), actuals, lambda part: weights @ part)
    labels = [("rep", *cell) for cell in cells]
    return rows_of(labels, ALL, (~np.isnan(errors)).sum(axis=0), bias, wape)


def trailing_rows(pairs, evidence):
    """Intervals of what reps say themselves, over the months that are a quarter's evidence.

    evidence: quarter_start_date and month_start_date, arrays of one length.
    """
    chosen = pairs["period_grain"] == "month"
    chosen &= np.isin(pairs["method"], WORDS) & np.isin(pairs["horizon_days"], NEAR)
    if not chosen.any():
        return []
    keys = ("rep_id", "method", "period_grain", "horizon_days")
    errors, actuals, cells, periods = table(pairs, chosen, keys)
    weights = poisson_weights(len(periods), 0)
    rows = []
    for quarter in np.unique(evidence["quarter_start_date"]):
        months = evidence["month_start_date"][evidence["quarter_start_date"] == quarter]
        inside = np.isin(periods, months)
        weigh = weights[:, inside]
        some = (~np.isnan(errors[inside])).any(axis=0)
        e, a = errors[inside][:, some], actuals[inside][:, some]
        bias = bounds(e, a, lambda part, weigh=weigh: weigh @ part)
        wape = bounds(np.abs(e), a, lambda part, weigh=weigh: weigh @ part)
        labels = [("rep", *cell) for cell, is_there in zip(cells, some, strict=True) if is_there]
        day = str(quarter.astype("datetime64[D]"))
        rows += rows_of(labels, day, (~np.isnan(e)).sum(axis=0), bias, wape)
    return rows


def group_rows(pairs):
    """Intervals of teams and the company over all periods; reps are drawn as well."""
    everybody = np.full(len(pairs["rep_id"]), "all", dtype=object)
    reps = np.unique(pairs["rep_id"])
    rep_weights = dict(zip(reps, poisson_weights(len(reps), 1).T, strict=True))
    rows = []
    for level, member in (("company", everybody), ("team", pairs["team"])):
        keys = (member, pairs["method"], pairs["period_grain"], pairs["horizon_days"])
        numbered = [np.unique(key, return_inverse=True) for key in keys]
        order = np.lexsort([number for _, number in numbered][::-1])
        steps = np.stack([number[order] for _, number in numbered])
        starts = np.flatnonzero((steps[:, 1:] != steps[:, :-1]).any(axis=0)) + 1
        for chosen in np.split(order, starts):
            if len(chosen):
                name, method, grain, horizon = (key[chosen[0]] for key in keys)
                cell = (level, str(name), str(method), str(grain), int(horizon))
                rows.append(group_row(pairs, chosen, cell, rep_weights))
    return rows


def group_row(pairs, chosen, cell, rep_weights):
    """One team's or the company's row: a draw's sum is sum(rep weight x period weight x cents).

    WAPE draws periods only: fewer different reps would undo the averaging that makes a group's error small.
    """
    errors, actuals, reps, periods = table(pairs, chosen, ("rep_id",))
    errors, actuals = np.nan_to_num(errors), np.nan_to_num(actuals)
    by_rep = np.stack([rep_weights[rep] for (rep,) in reps], axis=1)
    by_period = poisson_weights(len(periods), 0)

    def both_drawn(values):
        return (by_rep * (by_period @ values)).sum(axis=1, keepdims=True)

    def periods_drawn(values):
        return by_period @ values.sum(axis=1, keepdims=True)

    totals = actuals.sum(axis=1)
    effective = totals.sum() ** 2 / max((totals**2).sum(), 1)
    if len(periods) < LEAST_PERIODS or effective < 2:
        nothing = np.full((2, 1), np.nan)
        return rows_of([cell], ALL, [len(periods)], nothing, nothing)[0]
    tails = tail_shares(np.array([effective]))
    bias = drawn_bounds(both_drawn(errors), both_drawn(actuals), tails)
    misses = np.abs(errors.sum(axis=1, keepdims=True))
    wape = drawn_bounds(periods_drawn(misses), periods_drawn(actuals), tails)
    return rows_of([cell], ALL, [len(periods)], bias, wape)[0]


def columns_of(relation):
    """Column -> its values, as an array."""
    return {name: np.asarray(values) for name, values in relation.fetchnumpy().items()}


def model(dbt, session):
    """dbt's entry: one row per cell of errors, with its intervals."""
    dbt.config(materialized="table")
    pairs = columns_of(dbt.ref("int_forecast_errors"))
    evidence = columns_of(dbt.ref("int_evidence_months"))
    rows = [*rep_rows(pairs), *trailing_rows(pairs, evidence), *group_rows(pairs)]
    rows.sort(key=lambda row: tuple(str(value) for value in row[:6]))
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
    arrays = [pa.array(c, t) for c, t in zip(columns, COLUMNS.values(), strict=True)]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))

"""Random draws that give the same integers on every machine.

Only integers() and random() of PCG64 are used: the library's shaped distributions call the
machine's exp and log, whose last bit differs between processors. Shapes come from tables of
integers instead. Instants are seconds since 1970 (UTC), days are days since 1970.
"""

import math
import zlib
from collections.abc import Sequence
from datetime import date
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Generator = np.random.Generator

DAY = 86_400
HOUR = 3_600
NEVER = 2**45
"""An instant or a day that does not come: later than everything, exported as empty. Small enough
that a day of NEVER, made seconds, still fits into 64 bits."""
NONE = -1
"""A code, key or value that is empty."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


FIRST_DAY = day_number(date(2023, 1, 1))
LAST_DAY = day_number(date(2025, 12, 31))
END = (LAST_DAY + 1) * DAY


def generator(seed: int, topic: str) -> Generator:
    """Give a topic its own stream, so that a change in one topic leaves the others alone."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(topic.encode())]))


def pick(rng: Generator, weights: Sequence[int] | Ints, size: int) -> Ints:
    """Draw `size` positions of `weights`, each as often as its weight says."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.int64))
    drawn = rng.integers(0, int(bounds[-1]), size)
    return np.asarray(np.searchsorted(bounds, drawn, side="right").astype(np.int64))


def pick_row(rng: Generator, weights: Sequence[Sequence[int]], rows: Ints) -> Ints:
    """Draw one position per element of `rows`, by the weights of that row of the table."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.int64), axis=1)
    drawn = (rng.random(len(rows)) * bounds[rows, -1]).astype(np.int64)
    return np.asarray((drawn[:, None] >= bounds[rows]).sum(axis=1).astype(np.int64))


def chance(rng: Generator, probability: float | npt.NDArray[np.float64], size: int) -> Flags:
    """True as often as `probability` says."""
    return np.asarray(rng.random(size) < probability)


def between(rng: Generator, low: int, high: int, size: int) -> Ints:
    """Integers from low to high, both included."""
    return rng.integers(low, high + 1, size)


def _skewed(sigma: float) -> Ints:
    quantile = NormalDist().inv_cdf
    return np.array(
        [round(1000 * math.exp(sigma * quantile((i + 0.5) / 1000))) for i in range(1000)],
        dtype=np.int64,
    )


def skewed(rng: Generator, size: int, sigma: float = 0.6) -> Ints:
    """Factors in thousandths with median 1000 and a long right tail (log-normal by table)."""
    return np.asarray(_skewed(sigma)[rng.integers(0, 1000, size)])


def working_day(days: Ints) -> Ints:
    """Move Saturdays and Sundays to the next Monday (1970-01-01 was a Thursday)."""
    weekday = (days + 3) % 7
    return np.asarray(days + np.where(weekday >= 5, 7 - weekday, 0))


def working_instant(rng: Generator, days: Ints, is_eastern: Flags) -> Ints:
    """An instant of office hours on the first working day from `days` on.

    Office hours are chosen so that the local day is the UTC day: 7 to 17 h UTC in Europe,
    13 to 23 h UTC in America.
    """
    seconds = rng.integers(0, 10 * HOUR, len(days))
    return np.asarray(working_day(days) * DAY + np.where(is_eastern, 13, 7) * HOUR + seconds)


def calendar(rng: Generator, size: int) -> Ints:
    """Sorted days of the three years: growing business, quiet Augusts and ends of December."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1, dtype=np.int64)
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    weight = 1000 + (days - FIRST_DAY) * 500 // len(days)
    weight = np.where((days + 3) % 7 >= 5, 0, weight)
    weight = np.where(month == 8, weight * 6 // 10, weight)
    first_of_month = dates.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    is_holiday = (month == 12) & (days - first_of_month >= 20)
    weight = np.where(is_holiday, weight * 4 // 10, weight)
    return np.sort(days[pick(rng, weight, size)])


def month_of(days: Ints) -> Ints:
    """Months since January 2023."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - (2023 - 1970) * 12)

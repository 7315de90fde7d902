"""The statistics that are written in SQL, against what the standard library or a book says."""

from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"


def macros(*names: str) -> SimpleNamespace:
    """The macros of some files, rendered without dbt."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    sources = [(MACROS / f"{name}.sql").read_text(encoding="utf-8") for name in names]
    return environment.from_string("".join(sources)).module  # type: ignore[return-value]


def test_the_normal_tail_errs_by_less_than_its_source_says() -> None:
    """Abramowitz & Stegun 26.2.17: |error| < 7.5e-8."""
    tail = macros("normal_upper_tail").normal_upper_tail("z")
    found = duckdb.sql(
        f"select z, {tail} from (select (i - 8000) / 1000.0 as z from range(16001) as r (i))"
    ).fetchall()
    normal = NormalDist()
    assert len(found) == 16_001
    assert max(abs(p - (1 - normal.cdf(z))) for z, p in found) < 7.5e-8


def test_the_tail_of_nothing_is_nothing() -> None:
    tail = macros("normal_upper_tail").normal_upper_tail("z")
    sql = f"select {tail} from (select cast(null as double) as z)"
    assert duckdb.sql(sql).fetchone() == (None,)


@pytest.mark.parametrize(
    ("won", "n", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17, 857), table I, method 3; 20/20 mirrors 0/20.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0000),
    ],
)
def test_the_wilson_interval_is_the_published_one(
    won: int, n: int, low: float, high: float
) -> None:
    wilson = macros("safe_divide", "wilson")
    sql = f"select {wilson.wilson_low('k', 'n')}, {wilson.wilson_high('k', 'n')}"
    found = duckdb.sql(f"{sql} from (select {won} as k, {n} as n)").fetchone()
    assert found == pytest.approx((low, high), abs=5e-5)


def test_the_wilson_interval_of_nothing_is_nothing() -> None:
    wilson = macros("safe_divide", "wilson")
    sql = f"select {wilson.wilson_low('0', '0')}, {wilson.wilson_high('0', '0')}"
    assert duckdb.sql(sql).fetchone() == (None, None)

"""The macros of the fiscal calendar beside a calendar laid out by hand, week by week."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
FIRST, LAST = date(2018, 1, 1), date(2035, 12, 31)
FILES = ("fiscal_year", "fiscal_period")


def macros(calendar: str, start_month: int) -> Any:
    """The macros of the project for one company, rendered without dbt."""
    environment = jinja2.Environment(autoescape=False)
    settings = {"fiscal_calendar": calendar, "fiscal_year_start_month": start_month}
    environment.globals.update(
        var=settings.__getitem__,
        add_days=lambda day, days: f"cast({day} + cast({days} as integer) as date)",
        calendar_days=lambda since, until: f"date_diff('day', {since}, {until})",
    )
    source = "".join((MACROS / f"{name}.sql").read_text(encoding="utf-8") for name in FILES)
    # dbt's return() ends a macro with a value; here the value is all that its caller needs.
    start = source.index("{% macro is_fiscal_calendar_of_weeks")
    end = source.index("{%- endmacro %}", start) + len("{%- endmacro %}")
    environment.globals["is_fiscal_calendar_of_weeks"] = lambda: calendar == "4-4-5"
    return environment.from_string(source[:start] + source[end:]).module


def by_weeks(start_month: int) -> Iterator[tuple[date, tuple[int, int, date, date, date]]]:
    """Every day -> fiscal year, month, and the first days of month, quarter and year."""
    for named in range(FIRST.year - 1, LAST.year + 3):
        start, after = (_monday_near(y, start_month) for y in (named, named + 1))
        weeks = [4, 4, 5] * 4
        weeks[-1] += (after - start).days // 7 - 52
        day, quarter = start, start
        for month, length in enumerate(weeks, start=1):
            month_start = day
            quarter = day if month % 3 == 1 else quarter
            while day < month_start + timedelta(weeks=length):
                yield day, (named, month, month_start, quarter, start)
                day += timedelta(days=1)
        assert day == after


def _monday_near(named: int, start_month: int) -> date:
    first = date(named - (start_month > 1), start_month, 1)
    near = [first + timedelta(days=shift) for shift in range(-3, 4)]
    return next(day for day in near if day.weekday() == 0)


def by_months(start_month: int) -> Iterator[tuple[date, tuple[int, int, date, date, date]]]:
    day = FIRST
    while day <= LAST:
        month = (day.month - start_month) % 12 + 1
        starts = []
        for back in (0, (month - 1) % 3, month - 1):
            count = day.year * 12 + day.month - 1 - back
            starts.append(date(count // 12, count % 12 + 1, 1))
        named = day.year + (start_month > 1 and day.month >= start_month)
        yield day, (named, month, *starts)
        day += timedelta(days=1)


@pytest.mark.parametrize("start_month", range(1, 13))
@pytest.mark.parametrize(("calendar", "laid_out"), [("4-4-5", by_weeks), ("months", by_months)])
def test_every_day_of_18_years_lies_where_the_calendar_puts_it(
    calendar: str, laid_out: Any, start_month: int
) -> None:
    fiscal = macros(calendar, start_month)
    rows = duckdb.sql(
        f"""
        with days as (
            select day::date as day from generate_series(date '{FIRST}', date '{LAST}',
                interval 1 day) as days (day)
        ),
        years as (select day, {fiscal.fiscal_year("day")} as named from days),
        starts as (select *, {fiscal.fiscal_year_start("named")} as start from years)
        select day, named, {fiscal.fiscal_month("day", "start")},
            {fiscal.fiscal_month_start("day", "start")},
            {fiscal.fiscal_quarter_start("day", "start")}, start
        from starts
        """
    ).fetchall()
    expected = dict(laid_out(start_month))
    assert len(rows) == (LAST - FIRST).days + 1
    assert [row for row in rows if expected[row[0]] != row[1:]] == []


@pytest.mark.parametrize("start_month", range(1, 13))
def test_the_15th_lies_in_the_month_of_its_number_in_every_calendar(start_month: int) -> None:
    """So a target of a calendar month belongs to one fiscal month (int_prospects_dated)."""
    weeks, months = dict(by_weeks(start_month)), dict(by_months(start_month))
    middles = [day for day in months if day.day == 15]
    assert [day for day in middles if weeks[day][:2] != months[day][:2]] == []

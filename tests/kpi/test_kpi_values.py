"""kpi_values holds what its parts say: across levels, across periods, and against pandas."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd
import pytest

# A level at the end of a day: of a period its last one counts, so its days do not add up.
LEVELS = (
    "gross_pipeline",
    "weighted_pipeline",
    "fill_rate",
    "open_violations",
    "money_at_risk",
    "record_completeness",
    "stale_contact_share",
    "overdue_share",
    "leads_to_route",
    "accounts_to_requalify",
)
# Each is made of whole ones of the grain before it; a week may lie in two months.
NESTED = {"week": "day", "month": "day", "quarter": "month", "year": "quarter"}


class DemoRun(Protocol):
    """What tests/conftest.py hands over, as far as it is needed here."""

    published: Path


@pytest.fixture(scope="module")
def marts(demo_run: DemoRun) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo_run.published), read_only=True) as connection:
        yield connection


def test_the_members_of_every_level_add_up_to_the_company(marts) -> None:
    """In numerator, denominator and cases, for every KPI, period and level."""
    odd = marts.sql("""
        with summed as (
            select
                kpi_id, period_grain, level, period_start_date,
                sum(numerator) as numerator, sum(denominator) as denominator, sum(n) as n
            from marts.kpi_values
            group by all
        )
        select parts.*, whole.numerator, whole.denominator, whole.n
        from summed as whole
        inner join summed as parts using (kpi_id, period_grain, period_start_date)
        where
            whole.level = 'company' and parts.level <> 'company'
            and (whole.numerator, whole.denominator, whole.n)
                is distinct from (parts.numerator, parts.denominator, parts.n)
    """).fetchall()
    assert odd == []
    levels = marts.sql("select count(distinct (kpi_id, level)) from marts.kpi_values").fetchone()
    assert levels[0] >= 50


@pytest.mark.parametrize("grain", NESTED)
def test_a_period_is_the_sum_of_the_shorter_ones_in_it(marts, grain: str) -> None:
    """Days are only kept for a while, so only periods that they cover are compared."""
    compared, odd = marts.execute(
        """
        with parts as (
            select kpi_id, level, member, numerator, denominator, n, period_start_date
            from marts.kpi_values
            where period_grain = $shorter and not list_contains($levels, kpi_id)
        ),
        kept as (select min(period_start_date) as first_day from parts),
        whole as (
            select kpi_values.*
            from marts.kpi_values, kept
            where period_grain = $grain and not list_contains($levels, kpi_id)
                and period_start_date >= first_day
                -- What speaks of whole months has no days.
                and kpi_id in (select kpi_id from parts)
        ),
        summed as (
            select
                whole.kpi_id, whole.level, whole.member, whole.period_start_date,
                whole.numerator, whole.denominator, whole.n,
                sum(parts.numerator) as part_numerator,
                sum(parts.denominator) as part_denominator,
                sum(parts.n) as part_n
            from whole
            left join parts
                on whole.kpi_id = parts.kpi_id and whole.level = parts.level
                and whole.member = parts.member
                and parts.period_start_date between whole.period_start_date
                    and whole.period_end_date
            group by all
        )
        select count(*), count(*) filter (
            (numerator, denominator, n)
                is distinct from (part_numerator, part_denominator, part_n)
        )
        from summed
        """,
        {"grain": grain, "shorter": NESTED[grain], "levels": list(LEVELS)},
    ).fetchone()
    assert compared > 100
    assert odd == 0


def test_the_level_of_a_year_is_that_of_its_last_quarter_month_and_week(marts) -> None:
    ends = marts.sql("""
        select kpi_id, period_grain, numerator
        from marts.kpi_values
        where level = 'company' and kpi_id in ('gross_pipeline', 'fill_rate')
            and period_end_date >= date '2025-12-31'
    """).fetchall()
    for kpi_id in ("gross_pipeline", "fill_rate"):
        figures = {grain: value for kpi, grain, value in ends if kpi == kpi_id}
        assert set(figures) == {"day", "week", "month", "quarter", "year"}
        assert len(set(figures.values())) == 1


def test_cohorts_are_won_as_the_mart_of_win_rates_says(marts) -> None:
    """At every level: both stamp a deal with rep, team and segment of the day of creation."""
    compared, odd = marts.sql("""
        select count(*), count(*) filter (
            (numerator, denominator) is distinct from (won_count, case_count)
        )
        from marts.kpi_values
        inner join marts.mart_win_rates using (period_grain, level, member, period_start_date)
        where kpi_id = 'cohort_win_rate' and basis = 'created'
    """).fetchone()
    assert compared > 300
    assert odd == 0


def test_a_rep_created_in_a_month_what_the_mart_of_rep_months_says(marts) -> None:
    """Also where deals were handed over since; the demo's fiscal months are calendar months."""
    compared, odd, handed_over = marts.sql("""
        with kpi as (
            select member, period_start_date as month_start_date, numerator
            from marts.kpi_values
            where kpi_id = 'created_count' and level = 'rep' and period_grain = 'month'
                and numerator <> 0
        ),
        mart as (
            select if(rep_id = 'unassigned', 'unknown', rep_id) as member, month_start_date,
                created_count
            from marts.mart_rep_months where created_count <> 0
        ),
        current as (
            select coalesce(rep_id, 'unknown') as member, count(*) as created_count,
                cast(date_trunc('month', created_date) as date) as month_start_date
            from marts.fct_opportunities where state <> 'merged' group by all
        )
        select count(*), count(*) filter (kpi.numerator is distinct from mart.created_count),
            count(*) filter (current.created_count is distinct from mart.created_count)
        from kpi
        full outer join mart using (member, month_start_date)
        full outer join current using (member, month_start_date)
    """).fetchone()
    assert compared > 100
    assert odd == 0
    assert handed_over > 0


def monthly(marts: duckdb.DuckDBPyConnection, kpi_id: str, level: str) -> pd.DataFrame:
    """Numerator and denominator of a KPI by member and month, where either is not 0."""
    found = marts.execute(
        """
        select member, period_start_date as month, numerator::double as numerator,
            coalesce(denominator, 0)::double as denominator
        from marts.kpi_values
        where kpi_id = $1 and level = $2 and period_grain = 'month'
            and (numerator <> 0 or coalesce(denominator, 0) <> 0)
        """,
        [kpi_id, level],
    ).df()
    found["month"] = pd.to_datetime(found["month"])
    return found.sort_values(["member", "month"]).reset_index(drop=True)


def by_hand(
    rows: pd.DataFrame, day: str, numerator: pd.Series, denominator: pd.Series | None = None
) -> dict[str, pd.DataFrame]:
    """The same for the company and by rep, from the rows of a fact."""
    told = pd.DataFrame(
        {
            "rep": rows["rep_id"].fillna("unknown"),
            "company": "all",
            "month": pd.to_datetime(rows[day]).dt.to_period("M").dt.to_timestamp(),
            "numerator": numerator.astype(float).fillna(0.0),
            "denominator": 0.0 if denominator is None else denominator.astype(float).fillna(0.0),
        }
    )
    summed = {}
    for level in ("company", "rep"):
        each = told.groupby([level, "month"])[["numerator", "denominator"]].sum().reset_index()
        each = each[(each["numerator"] != 0) | (each["denominator"] != 0)]
        each = each.rename(columns={level: "member"}).sort_values(["member", "month"])
        summed[level] = each.reset_index(drop=True)
    return summed


def same(marts: duckdb.DuckDBPyConnection, kpi_id: str, expected: dict[str, pd.DataFrame]) -> None:
    for level, frame in expected.items():
        assert len(frame) > 10, (kpi_id, level)
        pd.testing.assert_frame_equal(
            monthly(marts, kpi_id, level), frame, check_dtype=False, rtol=1e-9
        )


def test_what_is_counted_of_deals_is_what_pandas_makes_of_them(marts) -> None:
    """The demo's fiscal months are calendar months; sums of doubles here, so to nine digits."""
    deals = marts.sql("from marts.fct_opportunities").df()
    closed = deals[deals["closed_date"].notna()]
    won, lost = closed["is_won"], closed["is_lost"] & ~closed["is_unqualified"]
    amount = closed["amount"].where(won)
    same(marts, "win_rate", by_hand(closed, "closed_date", won * 1, (won | lost) * 1))
    same(marts, "won_amount", by_hand(closed, "closed_date", amount))
    same(
        marts,
        "average_basket",
        by_hand(closed, "closed_date", amount, amount.notna() * 1),
    )
    created = marts.sql("""
        select deals.* replace (days.rep_id as rep_id)
        from marts.fct_opportunities as deals
        inner join marts.fct_opportunity_day_states as days
            on deals.opportunity_id = days.opportunity_id
            and deals.created_date >= days.from_date and deals.created_date < days.until_date
        where deals.state <> 'merged'
    """).df()
    same(marts, "created_count", by_hand(created, "created_date", created["state"].notna() * 1))


def test_so_is_what_is_counted_of_visits_invoices_work_and_leads(marts) -> None:
    visits = marts.sql("from marts.fct_stage_visits where expected_days is not null").df()
    visits["day"] = visits["left_date"].fillna(pd.Timestamp("2025-12-31"))
    longer = visits["days"] > visits["expected_days"]
    same(marts, "overstay_rate", by_hand(visits, "day", longer * 1, longer.notna() * 1))

    lines = marts.sql("from marts.fct_invoice_lines where issued_date is not null").df()
    costed = lines["amount"].where(lines["margin"].notna())
    same(marts, "invoiced_net", by_hand(lines, "issued_date", lines["amount"]))
    same(marts, "margin_rate", by_hand(lines, "issued_date", lines["margin"], costed))

    work = marts.sql("from marts.fct_activities where activity_date <= date '2025-12-31'").df()
    idle = work["minutes"].where(~work["is_selling"].astype("boolean").fillna(True))
    same(marts, "administrative_share", by_hand(work, "activity_date", idle, work["minutes"]))
    met = work[work["is_appointment"] & (work["is_held"] | work["is_no_show"])]
    missed = met["is_no_show"]
    same(marts, "no_show_rate", by_hand(met, "activity_date", missed * 1, missed.notna() * 1))

    leads = marts.sql("from marts.fct_leads").df()
    turned = leads["is_converted"]
    same(marts, "lead_conversion", by_hand(leads, "created_date", turned * 1, turned.notna() * 1))

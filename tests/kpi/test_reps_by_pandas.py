"""The reps' marts of the demo company, worked out anew in pandas from the facts and the deliveries.

Nothing here reads a model of what it checks: targets come from the delivered file, caps and
thresholds are written down, and shares, intervals and rolling sums are pandas' and numpy's.
"""

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

CAPS = {"revenue": 1.5, "new_customers": 1.5, "meetings": 1.2}
LEAST_REVENUE = 0.5
Z95 = 1.959963984540054

Read = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def read(demo_run) -> Read:
    """A query on the published marts."""

    def rows(sql: str) -> pd.DataFrame:
        with duckdb.connect(str(demo_run.published), read_only=True) as con:
            return con.sql(sql).df()

    return rows


@pytest.fixture(scope="module")
def targets(demo_run) -> pd.DataFrame:
    """The objectives as delivered last."""
    folder = max((demo_run.company_home / "deliveries/crm").iterdir())
    return pd.read_csv(folder / "objectives.csv", parse_dates=["month"])


def by_month(frame: pd.DataFrame, day: str, value: str | None = None) -> pd.Series:
    """Sums of a value (or rows counted) by rep and calendar month."""
    frame = frame.assign(month=pd.to_datetime(frame[day]).dt.to_period("M").dt.to_timestamp())
    groups = frame.groupby(["rep_id", "month"])
    return groups.size() if value is None else groups[value].sum()


@pytest.fixture(scope="module")
def objectives(read, targets) -> pd.DataFrame:
    """One row per rep, month and criterion: target, reached, and what counts of it."""
    lines = read(
        "select rep_id, account_id, document_id, amount::double as amount, issued_date,"
        " corrected_document_id is not null as is_credit from marts.fct_invoice_lines"
    )
    sold = lines[~lines.is_credit & (lines.amount > 0)]
    first = sold.sort_values(["issued_date", "document_id"]).drop_duplicates("account_id")
    held = read(
        "select rep_id, activity_date from marts.fct_activities where is_appointment and is_held"
    )
    reached = {
        "revenue": by_month(lines, "issued_date", "amount"),
        "new_customers": by_month(first, "issued_date"),
        "meetings": by_month(held, "activity_date"),
    }
    parts = []
    for criterion, sums in reached.items():
        asked = targets[targets.criterion == criterion].set_index(["rep_id", "month"])
        asked["reached"] = sums.reindex(asked.index).fillna(0)
        parts.append(asked.reset_index())
    found = pd.concat(parts)
    found = found[found.month <= "2025-12-01"]
    found["attainment"] = found.reached / found.target
    found["score"] = np.minimum(found.attainment, found.criterion.map(CAPS))
    found.loc[(found.criterion == "revenue") & (found.attainment < LEAST_REVENUE), "score"] = 0
    return found


def test_the_weighted_attainment_of_every_rep_and_month(read, objectives):
    expected = (
        objectives.assign(part=objectives.weight * objectives.score)
        .groupby(["rep_id", "month"])
        .part.sum()
    )
    mart = read("select * from marts.mart_attainments where period_grain = 'month'")
    found = mart.set_index(["rep_id", "period_start_date"]).attainment
    found.index = found.index.set_names(["rep_id", "month"])

    pd.testing.assert_series_equal(
        found.sort_index(), expected.sort_index(), check_names=False, rtol=1e-9, atol=1e-9
    )


def test_the_kpis_of_objectives(read, objectives):
    weighed = objectives.assign(part=objectives.weight * objectives.score)
    attained = (weighed.groupby(["month", "rep_id"]).part.sum().round(9) >= 1).groupby("month")
    revenue = objectives[objectives.criterion == "revenue"].groupby("month")
    kpis = read("""
        select kpi_id, period_start_date as month, numerator::double as numerator,
            denominator::double as denominator
        from marts.kpi_values
        where kpi_id in ('attaining_share', 'revenue_attainment') and level = 'company'
            and period_grain = 'month'
    """).set_index(["kpi_id", "month"])

    share, ratio = kpis.loc["attaining_share"], kpis.loc["revenue_attainment"]
    months = sorted(objectives.month.unique())
    assert share.loc[months].numerator.tolist() == attained.sum().loc[months].tolist()
    assert share.loc[months].denominator.tolist() == attained.size().loc[months].tolist()
    assert np.allclose(ratio.loc[months].numerator, revenue.reached.sum().loc[months])
    assert np.allclose(ratio.loc[months].denominator, revenue.target.sum().loc[months])


@pytest.mark.parametrize("grain", ["quarter", "fiscal_year"])
def test_months_add_up_to_longer_periods(read, grain):
    """Exactly, in decimals: reached and target of a period are the sums of its months'."""
    start = {"quarter": "quarter", "fiscal_year": "year"}[grain]
    differing = read(f"""
        with months as (
            select rep_id, criterion, date_trunc('{start}', period_start_date)::date as start,
                sum(reached) as reached, sum(target) as target
            from marts.fct_objectives where period_grain = 'month' group by all
        )
        select * from marts.fct_objectives as periods
        inner join months on periods.rep_id = months.rep_id
            and periods.criterion = months.criterion and period_start_date = start
        where period_grain = '{grain}'
            and (periods.reached <> months.reached or periods.target <> months.target)
    """)
    assert differing.empty


def test_the_parts_are_the_whole_at_every_level(read):
    """Reps make teams and the company: objectives' KPI, and every figure of the flash."""
    kpi = read("""
        select period_start_date, level,
            sum(numerator) as numerator, sum(denominator) as denominator
        from marts.kpi_values where kpi_id = 'revenue_attainment' group by all
    """).pivot(index="period_start_date", columns="level")
    for part in ("numerator", "denominator"):
        filled = kpi[part].fillna(0)
        assert (filled["rep"] == filled["company"]).all()
        assert (filled["team"] == filled["company"]).all()
    months = read("""
        select sum(won_amount)::double, sum(invoiced_net)::double, sum(new_customer_count)
        from marts.mart_rep_months
    """).iloc[0]
    facts = read("""
        select (select sum(amount)::double from marts.fct_opportunities where is_won),
            (select sum(amount)::double from marts.fct_invoice_lines),
            (
                select count(distinct account_id) from marts.fct_invoice_lines
                where amount > 0 and corrected_document_id is null
            )
    """).iloc[0]
    assert np.allclose(months.to_numpy(float), facts.to_numpy(float))


def test_the_flash_of_the_last_day(read):
    flash = read("""
        select * from marts.mart_flash where level = 'company' and is_complete
        order by flash_date desc limit 1
    """).iloc[0]
    day = flash.flash_date
    deals = read("select * from marts.fct_opportunities")
    activities = read("select * from marts.fct_activities")
    spent = activities[
        (activities.activity_date <= day)
        & (activities.activity_date >= day.replace(day=1))
        & activities.opportunity_id.notna()
    ]
    closed = deals[(deals.closed_date <= day) & (deals.closed_date >= day.replace(day=1))]
    won, lost = closed.is_won.sum(), (closed.is_lost & ~closed.is_unqualified).sum()
    created = deals[(deals.created_date <= day) & (deals.created_date >= day.replace(day=1))]

    assert float(flash.month_opportunity_cost) == pytest.approx(spent.cost.astype(float).sum())
    assert flash.month_conversion == pytest.approx(won / (won + lost))
    assert flash.month_created_count == (created.state != "merged").sum()


def test_the_conversion_of_twelve_months_and_its_interval(read):
    deals = read("select * from marts.fct_opportunities where is_won or is_lost")
    deals = deals[~deals.is_unqualified].assign(rep_id=deals.rep_id.fillna("unassigned"))
    closed, won = (
        by_month(part, "closed_date").unstack("month").fillna(0)
        for part in (deals, deals[deals.is_won])
    )
    months = pd.date_range(closed.columns.min(), closed.columns.max(), freq="MS")
    n, wins = (
        table.reindex(closed.index, columns=months, fill_value=0)
        .T.rolling(12, min_periods=1)
        .sum()
        .T
        for table in (closed, won)
    )
    mart = read("select * from marts.mart_rep_months where month_start_date <= date '2025-12-01'")
    mart = mart[mart.year_closed_count > 0]
    assert len(mart) > 100
    for row in mart.itertuples():
        cases = n.loc[row.rep_id, row.month_start_date]
        share = wins.loc[row.rep_id, row.month_start_date] / cases
        middle = (share + Z95**2 / (2 * cases)) / (1 + Z95**2 / cases)
        half = Z95 * np.sqrt(share * (1 - share) / cases + Z95**2 / (4 * cases**2))
        assert row.year_closed_count == cases
        assert row.conversion_low == pytest.approx(middle - half / (1 + Z95**2 / cases))
        assert row.conversion_high == pytest.approx(middle + half / (1 + Z95**2 / cases))


def test_a_gap_is_explained_as_numpy_explains_it(read, demo_run):
    """Cell by cell; mix, residual and what has no peer add up to the gap."""
    with duckdb.connect(str(demo_run.warehouse), read_only=True) as con:
        cases = con.sql("from intermediate.int_rep_cases").df()
    cell = ["team", "territory", "segment_id", "seniority"]
    gaps = read("select * from marts.mart_rep_gaps").set_index(["rep_id", "team"])
    assert len(gaps) > 5
    for (rep, team), row in gaps.iterrows():
        own = cases[(cases.rep_id == rep) & (cases.team == team)].set_index(cell)
        others = cases[(cases.rep_id != rep) & (cases.team == team)]
        peers = others.groupby(cell)[["closed_count", "won_count"]].sum().reindex(own.index)
        rate = own.won_count.sum() / own.closed_count.sum()
        assert row.conversion == pytest.approx(rate)
        if others.empty:
            assert np.isnan(row.gap)
            continue
        base = others.won_count.sum() / others.closed_count.sum()
        share, own_rate = (
            own.closed_count / own.closed_count.sum(),
            own.won_count / own.closed_count,
        )
        peer_rate = peers.won_count / peers.closed_count
        assert row.mix_effect == pytest.approx((share * (peer_rate - base)).sum(), abs=1e-9)
        assert row.unmatched_effect == pytest.approx(
            (share * (own_rate - base))[peer_rate.isna()].sum(), abs=1e-9
        )
        if peer_rate.notna().any():
            assert row.residual == pytest.approx((share * (own_rate - peer_rate)).sum(), abs=1e-9)
            assert row.residual_low < row.residual < row.residual_high
        parts = row.mix_effect + row.unmatched_effect + np.nan_to_num(row.residual)
        assert row.gap == pytest.approx(parts, abs=1e-9)
        assert row.gap == pytest.approx(rate - base, abs=1e-9)


def test_every_action_is_there_once_and_since_a_day_of_the_past(read, demo_run):
    """Deals in overstay and past their date are all listed, with the money of the pipeline."""
    actions = read("select * from marts.mart_action_list")
    deals = read("select * from marts.mart_open_deals")
    listed = actions.groupby("action_kind").size()

    assert actions.action_id.is_unique
    assert (actions.open_days >= 0).all()
    assert listed["overstaying_deal"] == deals.is_overstay.sum()
    assert listed.get("close_date_past", 0) == deals.is_slipped.sum()
    late = actions[actions.action_kind == "close_date_past"]
    assert late.amount.astype(float).sum() == pytest.approx(
        deals[deals.is_slipped].amount.astype(float).sum()
    )

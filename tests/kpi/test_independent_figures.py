"""KPIs of costs, invoices and leads, computed once more: in pandas, from the conformed entities.

Nothing of the marts is read for it but what they are compared with.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pandas as pd
import pytest

DESK = Path(__file__).parents[2] / "dbt_project/companies/demo/desk"
AS_OF = pd.Timestamp("2025-12-31 23:00:00")
AS_OF_DAY = pd.Timestamp("2025-12-31")
DAY = pd.Timedelta(days=1)
Parts = dict[date, tuple[float, float]]
Visits = list[tuple[str, pd.Timestamp]]


class DemoRun(Protocol):
    """What tests/conftest.py hands over, as far as it is needed here."""

    warehouse: Path
    published: Path


class Entities:
    """The conformed entities as frames; amounts as float, days as timestamps at midnight."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame = self.con.sql(f"from intermediate.int_{name}_conformed").df()
        for column in frame.columns:
            if column.endswith("_date"):
                frame[column] = pd.to_datetime(frame[column])
        return frame


@pytest.fixture(scope="module")
def entities(demo_run: DemoRun) -> Iterator[Entities]:
    with duckdb.connect(str(demo_run.warehouse), read_only=True) as con:
        yield Entities(con)


@pytest.fixture(scope="module")
def published(demo_run: DemoRun) -> Callable[[str], Parts]:
    """The company's months of a KPI: numerator and denominator, empty ones left out."""

    def read(kpi_id: str) -> Parts:
        with duckdb.connect(str(demo_run.published), read_only=True) as con:
            found = con.execute(
                """
                select period_start_date, numerator, coalesce(denominator, 1)
                from marts.kpi_values
                where kpi_id = ? and level = 'company' and period_grain = 'month' and n > 0
                """,
                [kpi_id],
            ).fetchall()
        return {month: (float(above), float(below)) for month, above, below in found}

    return read


def local_day(instants: pd.Series) -> pd.Series:
    """The day in Paris of instants in UTC."""
    zoned = instants.dt.tz_localize("UTC").dt.tz_convert("Europe/Paris")
    return zoned.dt.tz_localize(None).dt.normalize()


def by_month(days: pd.Series, above: pd.Series, below: pd.Series) -> Parts:
    """Sums by month, those with nothing below left out."""
    months = days.dt.to_period("M").dt.start_time.dt.date
    sums = pd.DataFrame({"above": above, "below": below}).groupby(months).sum()
    return {m: (row.above, row.below) for m, row in sums.iterrows() if row.below}


def close(parts: Parts) -> dict[date, object]:
    return {m: pytest.approx(pair, rel=1e-6, abs=0.01) for m, pair in parts.items()}


def plan_rates() -> dict[tuple[str, int], float]:
    with (DESK / "fx_plan_rates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(r["currency"], int(r["fiscal_year"])): float(r["rate"]) for r in rows}


def euros(amount: pd.Series, currency: pd.Series, day: pd.Series) -> pd.Series:
    rates = plan_rates()
    pairs = zip(currency, day.dt.year, strict=True)
    return amount.astype(float) * pd.Series([rates[pair] for pair in pairs], index=amount.index)


@pytest.fixture(scope="module")
def activities(entities: Entities) -> pd.DataFrame:
    """Activities up to as_of with their day and the hourly cost of their rep."""
    frame = entities["activities"]
    frame["day"] = local_day(frame.planned_at.fillna(frame.booked_at))
    with (DESK / "rep_costs.csv").open(encoding="utf-8") as file:
        costs = {row["seniority"]: float(row["hourly_cost"]) for row in csv.DictReader(file)}
    seniority = entities["reps"].set_index("rep_id").seniority
    frame["hourly"] = frame.rep_id.map(seniority).map(costs)
    return frame[frame.day <= AS_OF_DAY]


@pytest.fixture(scope="module")
def lines(entities: Entities) -> pd.DataFrame:
    """Invoice and credit lines in euros: account, order, deal, day."""
    invoices = entities["invoices"].set_index("document_id")
    sold = entities["invoice_lines"][["document_id", "amount_doc", "cost_doc"]]
    heads = invoices[["order_id", "account_id", "currency", "issued_date"]]
    sold = sold.join(heads, on="document_id")
    notes = entities["credit_notes"].assign(cost_doc=float("nan"))
    notes["order_id"] = notes.corrected_document_id.map(invoices.order_id)
    notes["amount_doc"] = -notes.amount_doc
    frame = pd.concat([sold, notes[sold.columns]], ignore_index=True)
    frame["amount"] = euros(frame.amount_doc, frame.currency, frame.issued_date)
    frame["cost"] = euros(frame.cost_doc, frame.currency, frame.issued_date)
    frame["deal"] = frame.order_id.map(entities["orders"].set_index("order_id").opportunity_id)
    return frame


def test_no_shows(activities: pd.DataFrame, published: Callable[[str], Parts]) -> None:
    judged = activities[
        activities.is_appointment.fillna(False)
        & activities.activity_status.isin(["held", "no_show"])
    ]
    missed = judged[judged.activity_status == "no_show"]
    again = missed.moved_to_id.notna()
    is_missed = (judged.activity_status == "no_show").astype(int)
    one = pd.Series(1, index=judged.index)
    assert published("no_show_rate") == close(by_month(judged.day, is_missed, one))
    cost = (missed.minutes + 15 * again) * missed.hourly / 60
    monthly = by_month(missed.day, cost, pd.Series(1, index=missed.index))
    assert published("no_show_cost") == close({m: (c, 1) for m, (c, _) in monthly.items()})
    rebooked = by_month(missed.day, again.astype(int), pd.Series(1, index=missed.index))
    assert published("rebooked_share") == close(rebooked)


def test_administrative_share(activities: pd.DataFrame, published: Callable[[str], Parts]) -> None:
    minutes = activities.minutes.fillna(0).astype(int)
    is_idle = activities.activity_type.isin(["preparation", "travel", "administration"])
    expected = by_month(activities.day, minutes * is_idle, minutes)
    assert published("administrative_share") == close(expected)


def test_invoiced_without_a_deal_and_basket_per_order(
    lines: pd.DataFrame, published: Callable[[str], Parts]
) -> None:
    unlinked = lines.amount.where(lines.deal.isna(), 0)
    assert published("unlinked_share") == close(by_month(lines.issued_date, unlinked, lines.amount))
    orders = lines.groupby("order_id").agg(amount=("amount", "sum"), day=("issued_date", "min"))
    expected = by_month(orders.day, orders.amount, pd.Series(1, index=orders.index))
    assert published("order_basket") == close(expected)


def test_acquisition_cost_and_margin_net_of_it(
    entities: Entities,
    activities: pd.DataFrame,
    lines: pd.DataFrame,
    published: Callable[[str], Parts],
) -> None:
    days = entities["campaign_days"]
    spent = pd.DataFrame({"day": days.spend_date})
    spent["cost"] = euros(days.spend_doc, days.currency, days.spend_date)
    worked = pd.DataFrame(
        {"day": activities.day, "cost": activities.minutes.fillna(0) * activities.hourly / 60}
    )
    costs = pd.concat([spent[spent.day <= AS_OF_DAY], worked], ignore_index=True)
    firsts = lines[lines.amount_doc > 0].groupby("account_id").issued_date.min()
    new = firsts[firsts >= pd.Timestamp("2024-01-01")]
    won = pd.DataFrame({"day": new, "customers": 1})
    both = pd.concat([costs[costs.day >= pd.Timestamp("2024-01-01")], won], ignore_index=True)
    expected = by_month(both.day, both.cost.fillna(0), both.customers.fillna(0))
    assert published("acquisition_cost") == close(expected)
    earned = pd.DataFrame({"day": lines.issued_date, "net": (lines.amount - lines.cost).fillna(0)})
    all_of_it = pd.concat(
        [earned, pd.DataFrame({"day": costs.day, "net": -costs.cost})], ignore_index=True
    )
    monthly = by_month(all_of_it.day, all_of_it.net, pd.Series(1, index=all_of_it.index))
    net = {m: (value, 1) for m, (value, _) in monthly.items()}
    assert published("net_of_acquisition") == close(net)


def test_days_to_pay_and_disputed_share(
    entities: Entities, published: Callable[[str], Parts]
) -> None:
    """Each document alone, payment by payment."""
    invoices = entities["invoices"]
    settled: list[tuple[pd.Timestamp, int]] = []
    taken: dict[str, list[tuple[pd.Timestamp, float]]] = {}
    for row in entities["payments"].itertuples():
        taken.setdefault(row.document_id, []).append((row.paid_date, float(row.amount_doc)))
    tax = (1 + invoices.tax_doc / invoices.amount_doc).set_axis(invoices.document_id)
    for row in entities["credit_notes"].dropna(subset=["corrected_document_id"]).itertuples():
        credited = round(float(row.amount_doc) * tax[row.corrected_document_id], 2)
        taken.setdefault(row.corrected_document_id, []).append((row.issued_date, credited))
    for row in invoices.itertuples():
        left = float(row.amount_doc) + float(row.tax_doc)
        for day, amount in sorted(taken.get(row.document_id, [])):
            left -= amount
            if left <= 0.0101:
                settled.append((day, (day - row.issued_date).days))
                break
    paid = pd.DataFrame(settled, columns=["day", "taken"])
    expected = by_month(paid.day, paid.taken, pd.Series(1, index=paid.index))
    assert published("days_to_pay") == close(expected)
    gross = euros(invoices.amount_doc + invoices.tax_doc, invoices.currency, invoices.issued_date)
    contested = gross.where(invoices.is_disputed.fillna(False), 0)
    disputed = by_month(invoices.issued_date, contested, gross)
    assert published("disputed_share") == close(disputed)


@pytest.fixture(scope="module")
def leads(entities: Entities) -> pd.DataFrame:
    """Leads that were not merged away; one that nobody routed was when its duplicate was. In the
    demo nothing that is merged ever converts."""
    frame = entities["leads"]
    frame.loc[frame.routed_at >= AS_OF, "routed_at"] = pd.NaT
    duplicates = frame.dropna(subset=["merged_into_id"]).groupby("merged_into_id").routed_at.min()
    kept = frame[frame.merged_into_id.isna() & (frame.created_at < AS_OF)]
    return kept.assign(routed_at=kept.routed_at.fillna(kept.lead_id.map(duplicates)))


def test_what_is_collected_adds_up_from_the_days_of_paying(
    demo_run: DemoRun, published: Callable[[str], Parts]
) -> None:
    """Month by month by the mart that the catalogue names, in all what the invoices say."""
    with duckdb.connect(str(demo_run.published), read_only=True) as con:
        whole = con.execute("select sum(collected_net) from marts.fct_invoices").fetchone()
        paid_days = con.execute(
            "select paid_date, collected_net::double from marts.fct_invoice_payments"
        ).fetchall()
    collected = pd.DataFrame(paid_days, columns=["day", "net"])
    one = pd.Series(1, index=collected.index)
    monthly = by_month(pd.to_datetime(collected.day), collected.net, one)
    assert published("collected_net") == close({m: (net, 1) for m, (net, _) in monthly.items()})
    assert whole and collected.net.sum() == pytest.approx(float(whole[0]), abs=0.001)


def test_leads_won_and_hours_to_route(
    entities: Entities, leads: pd.DataFrame, published: Callable[[str], Parts]
) -> None:
    deals = entities["opportunities"]
    won = deals[
        (deals.stage_id == "closed_won")
        & ~deals.is_deleted.fillna(False)
        & deals.merged_into_id.isna()
    ]
    won_at = leads.opportunity_id.map(won.set_index("opportunity_id").closed_at)
    grown = leads[AS_OF - leads.created_at >= 180 * DAY]
    in_time = won_at[grown.index] - grown.created_at <= 180 * DAY
    one = pd.Series(1, index=grown.index)
    expected = by_month(local_day(grown.created_at), in_time.astype(int), one)
    assert published("lead_win_rate") == close(expected)
    routed = leads[leads.routed_at < AS_OF]
    hours = (routed.routed_at - routed.created_at) / pd.Timedelta(hours=1)
    one = pd.Series(1, index=routed.index)
    assert published("hours_to_route") == close(by_month(local_day(routed.routed_at), hours, one))


def test_leads_on_target(leads: pd.DataFrame, published: Callable[[str], Parts]) -> None:
    """In the demo no load changes what a lead said of itself, and the criteria always held."""
    with (DESK / "segment_criteria.csv").open(encoding="utf-8") as file:
        aims = {name for row in csv.DictReader(file) for name in row["industries"].split("|")}
    known = leads[~leads.industry.isin(["n/a", "-"]) & leads.industry.notna()]
    is_aimed = known.industry.isin(aims - {""}).astype(int)
    one = pd.Series(1, index=known.index)
    expected = by_month(local_day(known.created_at), is_aimed, one)
    assert published("on_target_share") == close(expected)


def score_by(rules: list[dict[str, str]], lead: Any, at: pd.Timestamp, seen: Visits) -> float:
    """What the rules of one version make of a lead at an instant; seen: pages it visited."""
    score = 0.0
    for rule in rules:
        points, detail = float(rule["points"]), rule["detail"]
        if rule["signal"] in ("fit", "source"):
            said = lead.fit if rule["signal"] == "fit" else lead.lead_source
            score += points * (said == detail)
        elif rule["signal"] == "page":
            ages = [(at - then) / DAY for page, then in seen if page == detail and then < at]
            faded = sum(points * 0.5 ** (age / int(rule["half_life_days"])) for age in ages)
            score += min(faded, float(rule["max_points"]))
    return score


def test_every_score_is_what_its_rules_make_of_what_the_lead_had_shown(
    entities: Entities, leads: pd.DataFrame, demo_run: DemoRun
) -> None:
    """Lead by lead; in the demo no lead writes from an address that is a contact's."""
    with (DESK / "lead_scoring.csv").open(encoding="utf-8") as file:
        rules = list(csv.DictReader(file))
    starts = sorted({rule["since"] for rule in rules})
    survivor = entities["leads"].set_index("lead_id").merged_into_id.dropna()
    visits = entities["page_visits"].dropna(subset=["lead_id"])
    visits = visits[~visits.is_bot]
    visits["lead"] = visits.lead_id.map(survivor).fillna(visits.lead_id)
    by_lead = visits.groupby("lead")
    seen = {lead: list(zip(of.page, of.visited_at, strict=True)) for lead, of in by_lead}
    at = leads.routed_at.where(leads.routed_at < AS_OF, AS_OF)
    expected = {}
    for lead, scored_at, day in zip(leads.itertuples(), at, local_day(at), strict=True):
        start = max(since for since in starts if pd.Timestamp(since) <= day)
        held = [rule for rule in rules if rule["since"] == start]
        score = score_by(held, lead, scored_at, seen.get(lead.lead_id, []))
        expected[lead.lead_id] = pytest.approx(score, abs=0.006)
    with duckdb.connect(str(demo_run.published), read_only=True) as con:
        found = con.execute("select lead_id, score from marts.fct_lead_scores").fetchall()
    assert {lead: float(score) for lead, score in found} == expected


def test_the_qualification_grid(entities: Entities, published: Callable[[str], Parts]) -> None:
    """Deal by deal: in the demo each is asked once, all at once."""
    with (DESK / "qualification_grid.csv").open(encoding="utf-8") as file:
        grid = {
            (row["grid_version"], row["criterion"]): float(row["weight"])
            for row in csv.DictReader(file)
        }
    answers = entities["qualification_answers"]
    answers = answers[answers.answered_at < AS_OF]
    key = zip(answers.grid_version, answers.criterion, strict=True)
    weight = pd.Series([grid[pair] for pair in key], index=answers.index)
    asked = local_day(answers.answered_at)
    given = weight.where(answers.score.notna(), 0)
    points = (weight * answers.score.astype(float) / 4).fillna(0)
    assert published("qualification_score") == close(by_month(asked, points, given))
    assert published("qualification_answered_share") == close(by_month(asked, given, weight))

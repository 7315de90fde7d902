"""Simulate the demo company and write its deliveries and the truth about them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from ingest.demo import changelog as log
from ingest.demo import crm, crm_work, invoicing, marketing
from ingest.demo.deliveries import Tool
from ingest.demo.draws import DAY, HOUR, LAST_DAY
from ingest.demo.life import CRM_CLOSES, Life, make_life
from ingest.demo.realised import tell_truth
from ingest.demo.truth import Truth, read_truth, write_truth

DEFAULT_SEED = 20260101
DAILY_DAYS = 14
VERSION = 5
"""To be raised with every change that changes a byte of the deliveries or of truth.json."""


def identity(
    *, scale: float = 1, seed: int = DEFAULT_SEED, daily_days: int = DAILY_DAYS
) -> dict[str, float | int]:
    """What tells one demo company from another: the same identity, the same bytes."""
    return {"version": VERSION, "scale": scale, "seed": seed, "daily_days": daily_days}


def first_extraction(daily_days: int = DAILY_DAYS) -> datetime:
    """The instant (aware, UTC) of the first delivery, known before any is written."""
    # The CRM closes first.
    return datetime.fromtimestamp((LAST_DAY - daily_days) * DAY + CRM_CLOSES, UTC)


def last_extraction() -> datetime:
    """The instant (aware, UTC) of the newest delivery, known before any is written."""
    # The invoicing tool's folders name days of its own zone, meaning their last seconds.
    last_second = datetime.fromtimestamp((LAST_DAY + 1) * DAY - 1, UTC)
    return last_second.replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def write_deliveries(
    folder: Path, *, scale: float = 1, seed: int = DEFAULT_SEED, daily_days: int = DAILY_DAYS
) -> Truth:
    """Write one full export, `daily_days` daily ones and truth.json into `folder`.

    Does nothing when the folder already holds the same company; replaces another one.
    """
    wanted = identity(scale=scale, seed=seed, daily_days=daily_days)
    there = read_truth(folder)
    if there and all(there.made_by.get(name) == value for name, value in wanted.items()):
        return there
    (folder / "truth.json").unlink(missing_ok=True)
    for tool in ("crm", "invoicing", "marketing"):
        shutil.rmtree(folder / tool, ignore_errors=True)
    life = make_life(scale, seed)
    days = range(LAST_DAY - daily_days, LAST_DAY + 1)
    with duckdb.connect(":memory:", config={"threads": 1}) as con:
        con.execute("set enable_progress_bar = false")
        for tool_ in (_crm(life), _invoicing(life), _marketing(life)):
            tool_.deliver(con, folder, days)
    return write_truth(folder, tell_truth(life, wanted))


def _crm(life: Life) -> Tool:
    sales = life.sales
    state = log.State.before_everything(sales.changes, len(sales.deals.account))
    exports = [
        crm.reps_export(sales.reps),
        crm.accounts_export(sales.accounts, sales.seats),
        crm.contacts_export(sales.contacts),
        crm.leads_export(sales.leads, sales.seats),
        crm.opportunities_export(sales.deals, state),
        crm.changes_export(sales.changes),
        crm_work.quotes_export(life.quotes, sales.deals),
        crm_work.activities_export(life.activities),
        crm_work.answers_export(life.answers),
        crm_work.objectives_export(life.objectives),
        crm_work.forecasts_export(life.forecasts),
    ]
    return Tool(exports, CRM_CLOSES, "crm/%Y%m%dT%H%M%SZ/{table}", {})


def _invoicing(life: Life) -> Tool:
    billing = life.billing
    exports = [
        invoicing.products_export(),
        invoicing.orders_export(billing),
        invoicing.invoices_export(billing),
        invoicing.lines_export(billing),
        invoicing.credits_export(billing),
        invoicing.payments_export(billing),
    ]
    return Tool(
        exports,
        24 * HOUR - 1,
        "invoicing/%Y-%m-%d/{table}",
        {},
        ", delimiter ';', dateformat '%d/%m/%Y'",
        decimal_comma=True,
    )


def _marketing(life: Life) -> Tool:
    exports = [
        marketing.campaigns_export(life.sales.campaigns),
        marketing.campaign_days_export(life.campaign_days),
        marketing.page_visits_export(life.page_visits),
        marketing.email_events_export(life.email_events),
        marketing.quote_views_export(life.quote_views),
    ]
    suffix = dict.fromkeys(("page_visits", "email_events", "quote_views"), ".parquet")
    return Tool(exports, 22 * HOUR, "marketing/{table}_%Y%m%dT%H%M%SZ", suffix)

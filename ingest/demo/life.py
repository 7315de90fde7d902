"""The whole life of the demo company, simulated once; deliveries and truth are read off it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingest.demo import changelog as log
from ingest.demo.billing import Billing, make_billing, make_orders
from ingest.demo.births import Deals, Leads, make_deals, make_leads, n_deals
from ingest.demo.draws import (
    DAY,
    END,
    HOUR,
    LAST_DAY,
    NEVER,
    NONE,
    Flags,
    Ints,
    day_number,
    generator,
    working_instant,
)
from ingest.demo.effort import Activities, make_activities
from ingest.demo.engagement import (
    CampaignDays,
    EmailEvents,
    PageVisits,
    QuoteViews,
    make_campaign_days,
    make_email_events,
    make_page_visits,
    make_quote_views,
)
from ingest.demo.pipeline import Fates, Pipeline, Visits, make_fates
from ingest.demo.plan import PLAN, TEAMS, WON
from ingest.demo.proposals import Answers, Quotes, make_answers, make_quotes
from ingest.demo.steering import (
    Forecasts,
    Objectives,
    make_forecasts,
    make_objectives,
    won_cents,
)
from ingest.demo.world import (
    Accounts,
    Campaigns,
    Contacts,
    Reps,
    Seats,
    make_accounts,
    make_campaigns,
    make_contacts,
    make_reps,
)

CRM_CLOSES = 21 * HOUR + HOUR // 2
"""Second of the day (UTC) at which the CRM is extracted."""
LAST_EXTRACTION = LAST_DAY * DAY + CRM_CLOSES
SECOND_GRID_AT = day_number(date(2025, 1, 1)) * DAY


@dataclass
class Sales:
    """The reps' world: people, deals, their visits and what the CRM shows at the end."""

    reps: Reps
    seats: Seats
    accounts: Accounts
    contacts: Contacts
    campaigns: Campaigns
    leads: Leads
    deals: Deals
    visits: Visits
    changes: log.Changes
    final: log.State

    def won(self) -> Ints:
        """Deals that are won as the CRM knows at the last extraction, binned ones left out."""
        values = self.final.values
        return np.flatnonzero((values[:, log.STAGE] == WON) & (values[:, log.IS_DELETED] == 0))


@dataclass
class Life:
    """Everything that happened."""

    sales: Sales
    quotes: Quotes
    answers: Answers
    activities: Activities
    billing: Billing
    objectives: Objectives
    forecasts: Forecasts
    won_cents: Ints
    campaign_days: CampaignDays
    page_visits: PageVisits
    email_events: EmailEvents
    quote_views: QuoteViews


def make_sales(scale: float, seed: int) -> Sales:
    """People and deals."""
    reps, seats = make_reps(generator(seed, "reps"), scale)
    accounts = make_accounts(generator(seed, "accounts"), seats, scale, n_deals(scale))
    campaigns = make_campaigns(generator(seed, "campaigns"), scale)
    leads = make_leads(generator(seed, "leads"), campaigns, seats, scale)
    deals = make_deals(generator(seed, "deals"), leads, accounts, seats, scale)
    contacts = make_contacts(generator(seed, "contacts"), accounts, scale)
    fates = make_fates(generator(seed, "fates"), deals, seats)
    pipeline = Pipeline(
        generator(seed, "pipeline"),
        deals,
        reps,
        seats,
        log.Draft(),
        fates,
        np.zeros(len(deals.account), dtype=np.int64),
    )
    visits = pipeline.run()
    _add_moves(pipeline, visits, seed)
    changes = log.finish(
        generator(seed, "typing"), pipeline.draft, fates.died_at, fates.restored_at
    )
    final = log.State.before_everything(changes, len(deals.account))
    final.advance(LAST_EXTRACTION)
    return Sales(reps, seats, accounts, contacts, campaigns, leads, deals, visits, changes, final)


def _add_moves(pipeline: Pipeline, visits: Visits, seed: int) -> None:
    """Note what does not hang on a stage: the bin, mergers, new owners, the clean-up."""
    fates, deals, draft = pipeline.fates, pipeline.deals, pipeline.draft
    fates.died_at[fates.outcome != NONE] = NEVER
    dead = np.flatnonzero(fates.died_at < NEVER)
    died_at = fates.died_at[dead]
    by = pipeline.owner_at(dead, died_at)
    draft.add(log.IS_DELETED, dead, 1, died_at, by)
    draft.add(log.MERGED_INTO, dead, fates.merged_into[dead], died_at, by)
    back = dead[fates.restored_at[dead] < NEVER]
    draft.add(log.IS_DELETED, back, 0, fates.restored_at[back], log.SYSTEM)
    _add_owners(pipeline, fates)
    reset = PLAN.collapse_days[1]
    is_team = pipeline.seats.team[deals.seat[visits.deal]] == TEAMS.index(PLAN.collapse_team)
    open_then = is_team & (visits.start < reset * DAY) & (visits.end > (reset + 5) * DAY)
    deal = visits.deal[open_then]
    rng = generator(seed, "clean-up")
    day = reset + rng.integers(0, 5, len(deal))
    at = working_instant(rng, day, np.zeros(len(deal), dtype=bool))
    pipeline.fill_in(deal, at, pipeline.owner_at(deal, at))


def _add_owners(pipeline: Pipeline, fates: Fates) -> None:
    """A deal gets a new owner when it is handed over or when its seat changes hands."""
    deals, seats = pipeline.deals, pipeline.seats
    for at, by_system in (
        (deals.transfer_at, False),
        (seats.switch_at[deals.seat], True),
        (seats.switch_at[deals.next_seat], True),
    ):
        lives: Flags = (at > deals.created_at) & (at < fates.ended_at) & (at < fates.died_at)
        deal = np.flatnonzero(lives & (at < END))
        moved_at = at[deal]
        manager = seats.team[deals.seat[deal]] + 1
        pipeline.draft.add(
            log.OWNER,
            deal,
            pipeline.owner_at(deal, moved_at),
            moved_at,
            log.SYSTEM if by_system else manager,
        )


def make_life(scale: float, seed: int) -> Life:
    """Simulate everything. Same scale and seed, same life."""
    sales = make_sales(scale, seed)
    deals, visits, seats = sales.deals, sales.visits, sales.seats
    won = sales.won()
    quotes = make_quotes(generator(seed, "quotes"), deals, visits)
    owners = seats.rep_at(deals.seat_at(visits.deal, visits.start), visits.start)
    activities = make_activities(
        generator(seed, "activities"), deals, sales.accounts, visits, seats
    )
    known_on = _entered_won(sales.changes, len(deals.account))[won] // DAY
    orders = make_orders(generator(seed, "orders"), deals, sales.accounts, seats, won, known_on)
    billing = make_billing(generator(seed, "billing"), orders, sales.accounts)
    values = sales.final.values[won]
    by_month = won_cents(
        values[:, log.OWNER],
        values[:, log.AMOUNT],
        values[:, log.CURRENCY],
        sales.final.closed_at[won] // DAY,
        len(sales.reps.team),
    )
    return Life(
        sales=sales,
        quotes=quotes,
        answers=make_answers(generator(seed, "answers"), visits, owners, SECOND_GRID_AT),
        activities=activities,
        billing=billing,
        objectives=make_objectives(
            generator(seed, "objectives"), billing, activities, sales.reps, seats
        ),
        forecasts=make_forecasts(generator(seed, "forecasts"), by_month, sales.reps, seats),
        won_cents=by_month,
        campaign_days=make_campaign_days(generator(seed, "spend"), sales.campaigns),
        page_visits=make_page_visits(generator(seed, "visits"), sales.leads, scale),
        email_events=make_email_events(
            generator(seed, "mails"), sales.campaigns, sales.contacts, scale
        ),
        quote_views=make_quote_views(generator(seed, "views"), quotes),
    )


def _entered_won(changes: log.Changes, n_rows: int) -> Ints:
    """When the winning of each deal was typed in; NEVER for the others."""
    entered = np.full(n_rows, NEVER, dtype=np.int64)
    rows = (changes.name == log.STAGE) & (changes.new == WON)
    entered[changes.deal[rows]] = changes.entered_at[rows]
    return entered

"""What the marketing tool sees: spend, visits to the site, e-mails, openings of quotes."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.births import Leads
from ingest.demo.draws import (
    DAY,
    END,
    FIRST_DAY,
    HOUR,
    LAST_DAY,
    NEVER,
    NONE,
    Flags,
    Generator,
    Ints,
    between,
    chance,
    pick,
    pick_row,
)
from ingest.demo.plan import CHANNELS
from ingest.demo.proposals import ACCEPTED, Quotes
from ingest.demo.world import Campaigns, Contacts

PAGES = ("home", "product", "pricing", "case_study", "blog", "contact")
PAGE_WEIGHTS = ((30, 22, 8, 8, 27, 5), (14, 28, 26, 15, 7, 10))
EMAIL_TYPES = ("delivered", "open", "machine_open", "click", "reply", "hard_bounce")
DELIVERED, OPEN, MACHINE_OPEN, CLICK, REPLY, HARD_BOUNCE = range(len(EMAIL_TYPES))


@dataclass
class CampaignDays:
    """One row per campaign and day; spend in cents of its currency."""

    campaign: Ints
    day: Ints
    cents: Ints
    currency: Ints
    impressions: Ints
    clicks: Ints


@dataclass
class PageVisits:
    """Visits in time order; the lead is known to the tool from identified_at on."""

    visitor: Ints
    lead: Ints
    campaign: Ints
    page: Ints
    is_bot: Flags
    visited_at: Ints
    identified_at: Ints


@dataclass
class EmailEvents:
    """Events in time order."""

    campaign: Ints
    contact: Ints
    type: Ints
    occurred_at: Ints


@dataclass
class QuoteViews:
    """Openings of quotes in time order."""

    quote: Ints
    seconds: Ints
    viewed_at: Ints


def make_campaign_days(rng: Generator, campaigns: Campaigns) -> CampaignDays:
    """Spread each budget over the campaign's days; outbound lists are bought in dollars."""
    ended = np.minimum(campaigns.ended_on, LAST_DAY)
    length = ended - campaigns.started_on + 1
    campaign = np.repeat(np.arange(len(length)), length)
    day = (
        campaigns.started_on[campaign]
        + np.arange(len(campaign))
        - np.repeat(np.cumsum(length) - length, length)
    )
    cents = campaigns.budget[campaign] * 100 // length[campaign]
    cents = cents * between(rng, 40, 160, len(day)) // 100
    is_outbound = campaigns.channel[campaign] == CHANNELS.index("outbound")
    clicks = cents // between(rng, 150, 400, len(day))
    order = np.lexsort((campaign, day))
    return CampaignDays(
        *(
            part[order]
            for part in (
                campaign,
                day,
                cents,
                is_outbound.astype(np.int64),
                clicks * between(rng, 30, 90, len(day)),
                clicks,
            )
        )
    )


def make_page_visits(rng: Generator, leads: Leads, scale: float) -> PageVisits:
    """Leads look around before they leave their name, and more so those who will convert."""
    converts = (leads.converted_at < NEVER).astype(np.int64)
    count = between(rng, 1, 6, len(converts)) + converts * between(rng, 2, 9, len(converts))
    lead = np.repeat(np.arange(len(count)), count)
    offset = between(rng, -20 * DAY, 25 * DAY, len(lead))
    at = leads.created_at[lead] + offset
    n_unknown = max(100, round(48_000 * scale))
    unknown_at = rng.integers(FIRST_DAY * DAY, END, n_unknown)
    n_leads = len(converts)
    together = (
        np.concatenate([lead, n_leads + rng.integers(0, max(n_unknown // 3, 1), n_unknown)]),
        np.concatenate([lead, np.full(n_unknown, NONE, dtype=np.int64)]),
        np.concatenate(
            [
                np.where(chance(rng, 0.5, len(lead)), leads.campaign[lead], NONE),
                np.full(n_unknown, NONE, dtype=np.int64),
            ]
        ),
        np.concatenate(
            [pick_row(rng, PAGE_WEIGHTS, converts[lead]), pick(rng, PAGE_WEIGHTS[0], n_unknown)]
        ),
        np.concatenate([np.zeros(len(lead), dtype=bool), chance(rng, 0.12, n_unknown)]),
        np.concatenate([at, unknown_at]),
        # An hour later than the lead, so that the CRM's export of that evening has the lead too.
        np.concatenate(
            [
                np.maximum(leads.created_at[lead] + HOUR, at),
                np.full(n_unknown, NEVER, dtype=np.int64),
            ]
        ),
    )
    kept = np.flatnonzero((together[5] < END) & (together[5] >= FIRST_DAY * DAY))
    order = kept[np.argsort(together[5][kept], kind="stable")]
    return PageVisits(*(part[order] for part in together))


def make_email_events(
    rng: Generator, campaigns: Campaigns, contacts: Contacts, scale: float
) -> EmailEvents:
    """Mails to contacts with what follows; an address whose owner left bounces."""
    size = max(200, round(30_000 * scale))
    sent = np.sort(rng.integers(FIRST_DAY * DAY, END, size))
    channel = np.flatnonzero(campaigns.channel == CHANNELS.index("email"))
    campaign = channel[rng.integers(0, len(channel), size)]
    day = sent // DAY
    runs = (campaigns.started_on[campaign] <= day) & (day <= campaigns.ended_on[campaign])
    campaign = np.where(runs, campaign, channel[0])
    contact = rng.integers(0, len(contacts.account), size)
    is_there = (contacts.created_at[contact] < sent - DAY) & (contacts.has_email[contact] == 1)
    campaign, contact, sent = campaign[is_there], contact[is_there], sent[is_there]
    size = len(sent)
    bounces = contacts.left_on[contact] * DAY < sent
    reads = ~bounces & chance(rng, 0.42, size)
    clicks = reads & chance(rng, 0.25, size)
    followed = (
        (DELIVERED, ~bounces, 0, 60),
        (HARD_BOUNCE, bounces, 1, 300),
        (MACHINE_OPEN, ~bounces & chance(rng, 0.3, size), 1, 20),
        (OPEN, reads, 120, 2 * DAY),
        (OPEN, reads & chance(rng, 0.35, size), DAY, 6 * DAY),
        (CLICK, clicks, 2 * DAY, 3 * DAY),
        (REPLY, clicks & chance(rng, 0.2, size), 3 * DAY, 5 * DAY),
    )
    rows = [np.flatnonzero(happens) for _, happens, _, _ in followed]
    kind = np.repeat([kind for kind, *_ in followed], [len(part) for part in rows])
    at = np.concatenate(
        [
            sent[part] + between(rng, low, high, len(part))
            for part, (_, _, low, high) in zip(rows, followed, strict=True)
        ]
    )
    row = np.concatenate(rows)
    kept = np.flatnonzero(at < END)
    order = kept[np.lexsort((row[kept], at[kept]))]
    return EmailEvents(campaign[row[order]], contact[row[order]], kind[order], at[order])


def make_quote_views(rng: Generator, quotes: Quotes) -> QuoteViews:
    """Customers open quotes, those that they will accept more often and longer."""
    is_sent = quotes.sent_at < END
    likes = (quotes.outcome == ACCEPTED).astype(np.int64)
    count = np.where(is_sent, pick_row(rng, ((25, 35, 20, 12, 8), (3, 17, 30, 28, 22)), likes), 0)
    quote = np.repeat(np.arange(len(count)), count)
    at = quotes.sent_at[quote] + between(rng, HOUR, 20 * DAY, len(quote))
    seconds = between(rng, 5, 240, len(quote)) * (1 + likes[quote])
    kept = np.flatnonzero(at < END)
    order = kept[np.argsort(at[kept], kind="stable")]
    return QuoteViews(quote[order], seconds[order], at[order])

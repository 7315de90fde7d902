"""Leads come in, some become deals; other deals are found by the reps themselves."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.draws import (
    DAY,
    HOUR,
    NEVER,
    NONE,
    Generator,
    Ints,
    between,
    calendar,
    chance,
    pick,
    pick_row,
    skewed,
    working_day,
    working_instant,
)
from ingest.demo.plan import (
    CHANNELS,
    COUNTRY_CURRENCIES,
    FX_THOUSANDTHS,
    GOLD,
    PLAN,
    TERRITORY_COUNTRIES,
)
from ingest.demo.world import Accounts, Campaigns, Seats, other_seat

REFERRAL = CHANNELS.index("referral")
OUTBOUND = CHANNELS.index("outbound")


@dataclass
class Leads:
    """Leads in the order of their arrival. An instant that does not come is NEVER."""

    channel: Ints
    source: Ints
    campaign: Ints
    fit: Ints
    industry: Ints
    company: Ints
    seat: Ints
    account: Ints
    deal: Ints
    merged_into: Ints
    created_at: Ints
    routed_at: Ints
    qualified_at: Ints
    converted_at: Ints
    discarded_at: Ints
    merged_at: Ints


@dataclass
class Deals:
    """Opportunities in the order of their creation: what never changes, and the true amount."""

    account: Ints
    contact: Ints
    seat: Ints
    next_seat: Ints
    transfer_at: Ints
    channel: Ints
    source: Ints
    campaign: Ints
    lead: Ints
    kind: Ints
    is_key_account: Ints
    segment: Ints
    currency: Ints
    true_cents: Ints
    machines: Ints
    loss_reason: Ints
    created_at: Ints

    def seat_at(self, deal: Ints, instant: Ints) -> Ints:
        """The seat in charge of the deal at that instant."""
        return np.where(instant < self.transfer_at[deal], self.seat[deal], self.next_seat[deal])


def make_leads(rng: Generator, campaigns: Campaigns, seats: Seats, scale: float) -> Leads:
    """Leads by channel; whether one converts is drawn by its channel's planted rate."""
    total = max(90, round(9000 * scale))
    days = calendar(rng, total)
    channel = pick(rng, PLAN.lead_weights, total)
    created = np.sort(days * DAY + rng.integers(0, DAY, total))
    converts = chance(rng, np.array(PLAN.lead_to_opportunity)[channel], total)
    is_merged = ~converts & chance(rng, 0.04, total) & (np.arange(total) > 0)
    routed = created + between(rng, 900, 70 * HOUR, total)
    routed[~converts & chance(rng, 0.05, total)] = NEVER
    is_qualified = converts | (chance(rng, 0.3, total) & (routed < NEVER) & ~is_merged)
    qualified = np.where(is_qualified, routed + between(rng, HOUR, 9 * DAY, total), NEVER)
    ends = ~converts & ~is_merged & (routed < NEVER) & chance(rng, 0.8, total)
    last = np.where(is_qualified, qualified, routed)
    discarded = np.where(ends, last + between(rng, DAY, 40 * DAY, total), NEVER)
    never = np.full(total, NEVER, dtype=np.int64)
    none = np.full(total, NONE, dtype=np.int64)
    return Leads(
        channel=channel,
        source=np.where(chance(rng, PLAN.unknown_source_share, total), NONE, channel),
        campaign=_campaign_on(rng, campaigns, channel, created // DAY),
        fit=pick_row(rng, ((14, 45, 41), (45, 45, 10)), converts.astype(np.int64)),
        industry=pick(rng, (17, 17, 14, 12, 12, 10, 8, 8, 1, 1), total),
        company=rng.integers(0, 60 * 20 * 8, total),
        seat=rng.integers(0, len(seats.team), total),
        account=none.copy(),
        deal=np.where(converts, 0, NONE),
        merged_into=np.where(is_merged, np.arange(total) - 1, NONE),
        created_at=created,
        routed_at=routed,
        qualified_at=qualified,
        converted_at=never.copy(),
        discarded_at=discarded,
        merged_at=np.where(is_merged, created + between(rng, HOUR, 5 * DAY, total), NEVER),
    )


def _campaign_on(rng: Generator, campaigns: Campaigns, channel: Ints, day: Ints) -> Ints:
    """A campaign of the channel that runs that day; the channel's permanent one otherwise."""
    per_channel = 7
    order = {int(code): place for place, code in enumerate(campaigns.channel[::per_channel])}
    place = np.array([order.get(code, NONE) for code in range(len(CHANNELS))])[channel]
    drawn = place * per_channel + rng.integers(0, per_channel, len(channel))
    runs = (campaigns.started_on[drawn] <= day) & (day <= campaigns.ended_on[drawn])
    campaign = np.where(runs, drawn, place * per_channel)
    share = np.where(channel == OUTBOUND, 0.4, 0.85)
    return np.where((place >= 0) & chance(rng, share, len(channel)), campaign, NONE)


def make_deals(
    rng: Generator, leads: Leads, accounts: Accounts, seats: Seats, scale: float
) -> Deals:
    """Deals from leads and from the reps. Sets the accounts' and the leads' instants."""
    from_leads = np.flatnonzero(leads.deal >= 0)
    lead_days = leads.qualified_at[from_leads] // DAY + between(rng, 1, 12, len(from_leads))
    n_direct = max(10, n_deals(scale) - len(from_leads))
    days = working_day(np.concatenate([lead_days, calendar(rng, n_direct)]))
    lead = np.concatenate([from_leads, np.full(n_direct, NONE, dtype=np.int64)])
    order = np.argsort(days, kind="stable")
    days, lead = days[order], lead[order]
    account = _accounts_of(rng, accounts, len(days))
    seat = accounts.seat[account]
    created = working_instant(rng, days, seats.is_eastern(seat))
    # A new account's first deal stands before its others, also when they fall on one day.
    born = np.flatnonzero(accounts.created_at[account] == NEVER)
    first = born[np.unique(account[born], return_index=True)[1]]
    accounts.created_at[account[first]] = created[first]
    created = np.maximum(created, accounts.created_at[account])
    deals = _describe(rng, leads, accounts, seats, account, lead, created)
    has_lead = np.flatnonzero(lead >= 0)
    leads.deal[lead[has_lead]] = has_lead
    leads.account[lead[has_lead]] = account[has_lead]
    leads.seat[lead[has_lead]] = seat[has_lead]
    leads.converted_at[lead[has_lead]] = created[has_lead]
    return deals


def n_deals(scale: float) -> int:
    """How many opportunities are aimed at."""
    return max(60, round(6000 * scale))


def _accounts_of(rng: Generator, accounts: Accounts, size: int) -> Ints:
    """An account for each deal in time order: a new one now and then, else a known one."""
    n_new = len(accounts.segment) - accounts.n_old
    is_new = np.zeros(size, dtype=np.int64)
    is_new[rng.permutation(size)[:n_new]] = 1
    new_so_far = np.cumsum(is_new)
    known = (rng.random(size) * (accounts.n_old + new_so_far)).astype(np.int64)
    return np.where(is_new == 1, accounts.n_old + new_so_far - 1, known)


def _describe(
    rng: Generator,
    leads: Leads,
    accounts: Accounts,
    seats: Seats,
    account: Ints,
    lead: Ints,
    created: Ints,
) -> Deals:
    size = len(account)
    own = np.array([OUTBOUND, REFERRAL, CHANNELS.index("partner"), NONE])[
        pick(rng, (70, 12, 8, 10), size)
    ]
    segment, territory = accounts.segment[account], accounts.territory[account]
    is_key = (segment == GOLD) & chance(rng, 0.6, size)
    home = np.array([COUNTRY_CURRENCIES[country] for country in TERRITORY_COUNTRIES])[territory]
    currency = np.where(chance(rng, 0.06, size), 0, home)
    euros = np.array(PLAN.deal_amount_eur)[segment] * skewed(rng, size) // 1000
    euros = np.where(is_key, euros * 14 // 10, euros)
    cents = euros * 100_000 // np.array(FX_THOUSANDTHS[1])[currency] + rng.integers(0, 100, size)
    seat = accounts.seat[account]
    moves = chance(rng, PLAN.transferred_share, size)
    transfer_day = created // DAY + between(rng, 10, 60, size)
    transfer = working_instant(rng, transfer_day, seats.is_eastern(seat))
    return Deals(
        account=account,
        contact=np.where(chance(rng, 0.06, size), NONE, account),
        seat=seat,
        next_seat=other_seat(rng, seats, seat),
        transfer_at=np.where(moves, transfer, NEVER),
        channel=np.where(lead >= 0, leads.channel[lead], own),
        source=np.where(lead >= 0, leads.source[lead], own),
        campaign=np.where(lead >= 0, leads.campaign[lead], NONE),
        lead=lead,
        kind=rng.integers(0, 8, size),
        is_key_account=is_key.astype(np.int64),
        segment=segment,
        currency=currency,
        true_cents=cents,
        machines=np.where(chance(rng, 0.2, size), NONE, between(rng, 0, 12, size)),
        loss_reason=np.where(
            chance(rng, 0.1, size), NONE, pick(rng, (30, 22, 15, 18, 10, 5), size)
        ),
        created_at=created,
    )

"""From won deals and regular customers to orders, invoices, credit notes and payments."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.births import Deals
from ingest.demo.draws import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    NEVER,
    NONE,
    Generator,
    Ints,
    between,
    chance,
    pick,
    skewed,
    working_day,
)
from ingest.demo.names import PRODUCTS
from ingest.demo.plan import COUNTRY_CURRENCIES, FX_THOUSANDTHS, PLAN, TERRITORY_COUNTRIES
from ingest.demo.world import Accounts, Seats

TAX_PERCENT = (20, 0, 20)
CONSUMABLES = tuple(
    place for place, product in enumerate(PRODUCTS) if product[1] in ("consumables", "spare parts")
)


@dataclass
class Orders:
    """Orders by day."""

    deal: Ints
    account: Ints
    rep: Ints
    currency: Ints
    cents: Ints
    ordered_on: Ints


@dataclass
class Invoices:
    """Invoices and deposits by day; `order` is a position in Orders."""

    order: Ints
    is_deposit: Ints
    cents: Ints
    tax_cents: Ints
    issued_on: Ints
    due_on: Ints
    disputed_on: Ints


@dataclass
class Lines:
    """Invoice lines; unit prices and costs in ten-thousandths, quantities in units."""

    invoice: Ints
    number: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    cents: Ints
    unit_cost: Ints


@dataclass
class Credits:
    """Credit notes by day."""

    invoice: Ints
    product: Ints
    cents: Ints
    reason: Ints
    issued_on: Ints


@dataclass
class Payments:
    """Payments by day."""

    invoice: Ints
    cents: Ints
    paid_on: Ints


@dataclass
class Billing:
    """Everything the invoicing tool knows."""

    orders: Orders
    invoices: Invoices
    lines: Lines
    credits: Credits
    payments: Payments


def make_orders(
    rng: Generator, deals: Deals, accounts: Accounts, seats: Seats, won: Ints, known_on: Ints
) -> Orders:
    """Orders of the won deals (one to three each) and of customers who just order again.

    `won` are the won deals, `known_on` the days on which the CRM knew.
    """
    parts = pick(rng, (70, 20, 10), len(won)) + 1
    deal, part = np.repeat(won, parts), _ordinals(parts)
    share = deals.true_cents[deal] // np.repeat(parts, parts)
    cents = np.where(
        part == 0, deals.true_cents[deal] - share * (np.repeat(parts, parts) - 1), share
    )
    day = np.repeat(known_on, parts) + between(rng, 1, 9, len(deal)) + part * 60
    account, again_day, again_cents = _repeats(rng, accounts, deals, won, known_on)
    country = np.array([COUNTRY_CURRENCIES[code] for code in TERRITORY_COUNTRIES])
    currency = country[accounts.territory[account]]
    together = [
        np.concatenate(pair)
        for pair in (
            (deal, np.full(len(account), NONE, dtype=np.int64)),
            (deals.account[deal], account),
            (deals.currency[deal], currency),
            (cents, again_cents),
            (working_day(day), again_day),
        )
    ]
    kept = np.flatnonzero(together[-1] <= LAST_DAY)
    kept = kept[np.argsort(together[-1][kept], kind="stable")]
    deal, account, currency, cents, day = (part[kept] for part in together)
    seat = np.where(deal >= 0, deals.seat_at(deal, day * DAY), accounts.seat[account])
    return Orders(deal, account, seats.rep_at(seat, day * DAY), currency, cents, day)


def _ordinals(counts: Ints) -> Ints:
    """0, 1, ... within each group of `counts` elements."""
    starts = np.cumsum(counts) - counts
    return np.asarray(np.arange(int(counts.sum())) - np.repeat(starts, counts))


def _repeats(
    rng: Generator, accounts: Accounts, deals: Deals, won: Ints, known_on: Ints
) -> tuple[Ints, Ints, Ints]:
    """Small orders without a deal, about one per quarter from each customer."""
    since = np.full(len(accounts.segment), NEVER, dtype=np.int64)
    np.minimum.at(since, deals.account[won], known_on + 60)
    since[accounts.is_old_customer] = FIRST_DAY
    n_quarters = (LAST_DAY - FIRST_DAY) // 90 + 1
    customer = np.flatnonzero(since < NEVER)
    account = np.repeat(customer, n_quarters)
    day = FIRST_DAY + np.tile(np.arange(n_quarters), len(customer)) * 90
    day = working_day(day + rng.integers(0, 90, len(account)))
    kept = (day >= since[account]) & (day <= LAST_DAY) & chance(rng, 0.7, len(account))
    account, day = account[kept], day[kept]
    euros = np.array([1900, 1100, 420])[accounts.segment[account]] * skewed(rng, len(account))
    return account, day, euros // 10


def make_billing(rng: Generator, orders: Orders, accounts: Accounts) -> Billing:
    """Invoice the orders, then credit, dispute and pay."""
    size = len(orders.deal)
    has_deposit = (orders.cents > 1_000_000) & chance(rng, 0.2, size)
    lines, totals = _lines(rng, orders, accounts)
    orders.cents = totals
    deposit = np.where(has_deposit, totals * 3 // 10, 0)
    final_on = working_day(orders.ordered_on + between(rng, 4, 40, size))
    deposit_on = np.minimum(working_day(orders.ordered_on + 2), final_on)
    # Invoices are numbered by day; deposits stand before the final invoice.
    order = np.concatenate([np.flatnonzero(has_deposit), np.arange(size)])
    is_deposit = np.arange(len(order)) < int(has_deposit.sum())
    issued = np.where(is_deposit, deposit_on[order], final_on[order])
    place = np.argsort(issued, kind="stable")
    order, is_deposit, issued = order[place], is_deposit[place], issued[place]
    cents = np.where(is_deposit, deposit[order], totals[order] - deposit[order])
    invoices = _invoices(rng, orders, order, is_deposit.astype(np.int64), cents, issued)
    lines = _number_lines(lines, invoices, deposit)
    payments, credits_ = _settle(rng, orders, invoices, lines)
    return Billing(orders, invoices, lines, credits_, payments)


def _invoices(
    rng: Generator, orders: Orders, order: Ints, is_deposit: Ints, cents: Ints, issued: Ints
) -> Invoices:
    size = len(order)
    rate = np.array(TAX_PERCENT)[orders.currency[order]]
    terms = np.array([30, 45, 60])[pick(rng, (60, 25, 15), size)]
    disputed = np.where(chance(rng, 0.02, size), issued + between(rng, 3, 45, size), NEVER)
    return Invoices(
        order, is_deposit, cents, (cents * rate + 50) // 100, issued, issued + terms, disputed
    )


def _lines(rng: Generator, orders: Orders, accounts: Accounts) -> tuple[Lines, Ints]:
    """One to four product lines per order, close to the order's amount; the lines decide."""
    counts = pick(rng, (30, 35, 22, 13), len(orders.deal)) + 1
    order, number = np.repeat(np.arange(len(counts)), counts), _ordinals(counts)
    size = len(order)
    part = orders.cents[order] // counts[order]
    small = np.array(CONSUMABLES)[rng.integers(0, len(CONSUMABLES), size)]
    product = np.where(part > 500_000, rng.integers(0, len(PRODUCTS), size), small)
    listed = np.array([price for _, _, price, _ in PRODUCTS])[product]
    cost = np.array([NONE if cost is None else cost for *_, cost in PRODUCTS])[product]
    discount = np.array(PLAN.discount_percent)[accounts.segment[orders.account[order]]]
    rate = np.array(FX_THOUSANDTHS[1])[orders.currency[order]]
    # The price follows list price and the segment's discount; the quantity fills the amount.
    kept = 100 - discount + between(rng, -3, 3, size)
    price_cents = listed * kept * 1000 // rate
    quantity = np.maximum((part + price_cents // 2) // price_cents, 1)
    unit_cost = np.where(cost < 0, NONE, cost * 10_000 * 1000 // rate)
    cents = quantity * price_cents
    totals = np.bincount(order, weights=cents, minlength=len(counts)).astype(np.int64)
    return Lines(order, number + 1, product, quantity, price_cents * 100, cents, unit_cost), totals


def _number_lines(lines: Lines, invoices: Invoices, deposit: Ints) -> Lines:
    """Move the lines from orders to final invoices; add deposit lines and their deduction."""
    final_of = np.empty(len(deposit), dtype=np.int64)
    is_final = invoices.is_deposit == 0
    final_of[invoices.order[is_final]] = np.flatnonzero(is_final)
    deposits = np.flatnonzero(~is_final)
    order = invoices.order[deposits]
    size = len(deposits)
    none, one = np.full(size, NONE, dtype=np.int64), np.ones(size, dtype=np.int64)
    last_line = np.bincount(lines.invoice, minlength=len(deposit))
    amount = deposit[order]
    parts = (
        (final_of[lines.invoice], deposits, final_of[order]),
        (lines.number, one, last_line[order] + 1),
        (lines.product, none, none),
        (lines.quantity, one, -one),
        (lines.unit_price, amount * 100, amount * 100),
        (lines.cents, amount, -amount),
        (lines.unit_cost, none, none),
    )
    together = [np.concatenate(part) for part in parts]
    place = np.lexsort((together[1], together[0]))
    return Lines(*(part[place] for part in together))


def _settle(
    rng: Generator, orders: Orders, invoices: Invoices, lines: Lines
) -> tuple[Payments, Credits]:
    """Partly credit a share of the invoices; most are paid, some late, some in two goes."""
    size = len(invoices.order)
    is_credited = (invoices.is_deposit == 0) & chance(rng, 0.05, size)
    credited = np.flatnonzero(is_credited & (invoices.cents > 0))
    cents = invoices.cents[credited] * between(rng, 10, 50, len(credited)) // 100
    day = working_day(invoices.issued_on[credited] + between(rng, 8, 60, len(credited)))
    first_line = np.searchsorted(lines.invoice, credited)
    product = np.where(chance(rng, 0.8, len(credited)), lines.product[first_line], NONE)
    reason = pick(rng, (40, 35, 25), len(credited))
    place = np.argsort(day, kind="stable")
    place = place[day[place] <= LAST_DAY]
    notes = Credits(credited[place], product[place], cents[place], reason[place], day[place])
    owed = invoices.cents + invoices.tax_cents
    owed[credited] -= (
        cents * (100 + np.array(TAX_PERCENT)[orders.currency[invoices.order[credited]]]) // 100
    )
    return _payments(rng, invoices, owed), notes


def _payments(rng: Generator, invoices: Invoices, owed: Ints) -> Payments:
    size = len(owed)
    delay = np.where(chance(rng, 0.65, size), -between(rng, 0, 12, size), skewed(rng, size) // 70)
    is_unpaid = chance(rng, np.where(invoices.disputed_on < NEVER, 0.5, 0.02), size)
    paid = np.flatnonzero(~is_unpaid & (owed > 0))
    parts = np.where(chance(rng, 0.1, len(paid)), 2, 1)
    invoice, part = np.repeat(paid, parts), _ordinals(parts)
    half = owed[invoice] // 2
    is_split = np.repeat(parts, parts) == 2
    cents = np.where(is_split, np.where(part == 0, half, owed[invoice] - half), owed[invoice])
    day = working_day(invoices.due_on[invoice] + delay[invoice] + part * 20)
    day = np.maximum(day, invoices.issued_on[invoice] + 1)
    place = np.argsort(day, kind="stable")
    place = place[day[place] <= LAST_DAY]
    return Payments(invoice[place], cents[place], day[place])

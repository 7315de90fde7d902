"""What the reps are asked for and what they promise: objectives and monthly forecasts."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.billing import Billing
from ingest.demo.draws import (
    DAY,
    END,
    LAST_DAY,
    Flags,
    Generator,
    Ints,
    between,
    chance,
    month_of,
    working_instant,
)
from ingest.demo.effort import DEMO, HELD, MEETING, Activities
from ingest.demo.plan import FX_THOUSANDTHS, PLAN
from ingest.demo.world import Reps, Seats

CRITERIA = ("revenue", "new_customers", "meetings")
REVENUE, NEW_CUSTOMERS, MEETINGS = range(len(CRITERIA))
WEIGHTS = (6_000, 2_000, 2_000)
N_MONTHS = 36
HORIZONS = (25, 10, 3)
"""Days before the month's end on which forecasts are handed in."""
NOISE_PERCENT = (25, 15, 8)


@dataclass
class Objectives:
    """One row per rep, month and criterion; targets and actuals in hundredths."""

    rep: Ints
    month: Ints
    criterion: Ints
    target: Ints
    actual: Ints


@dataclass
class Forecasts:
    """One row per forecast handed in, in time order; amounts in cents of EUR."""

    rep: Ints
    month: Ints
    horizon: Ints
    cents: Ints
    submitted_at: Ints


def first_days() -> Ints:
    """First day of each month from January 2023 to January 2026."""
    months = np.arange("2023-01", "2026-02", dtype="datetime64[M]")
    return np.asarray(months.astype("datetime64[D]").astype(np.int64))


def euros(cents: Ints, currency: Ints, day: Ints) -> Ints:
    """Cents of EUR at the plan rate of the day's year."""
    year = np.clip(month_of(day) // 12, 0, len(FX_THOUSANDTHS) - 1)
    return np.asarray(cents * np.array(FX_THOUSANDTHS)[year, currency] // 1000)


def _by_rep_month(n_reps: int, rep: Ints, day: Ints, value: Ints) -> Ints:
    cell = rep * N_MONTHS + month_of(day)
    total = np.zeros(n_reps * N_MONTHS, dtype=np.int64)
    np.add.at(total, cell, value)
    return total.reshape(n_reps, N_MONTHS)


def invoiced_cents(billing: Billing, n_reps: int) -> Ints:
    """Invoices less credit notes, in EUR cents, by rep and month of their own date."""
    invoices, notes, orders = billing.invoices, billing.credits, billing.orders
    shown = np.flatnonzero(invoices.issued_on <= LAST_DAY)
    order = invoices.order[shown]
    total = _by_rep_month(
        n_reps,
        orders.rep[order],
        invoices.issued_on[shown],
        euros(invoices.cents[shown], orders.currency[order], invoices.issued_on[shown]),
    )
    order = invoices.order[notes.invoice]
    credited = euros(notes.cents, orders.currency[order], notes.issued_on)
    return total - _by_rep_month(n_reps, orders.rep[order], notes.issued_on, credited)


def first_invoices(billing: Billing) -> tuple[Ints, Ints, Ints]:
    """Customers by their first invoice: account, rep and day."""
    order = billing.invoices.order
    account = billing.orders.account[order]
    shown = billing.invoices.issued_on <= LAST_DAY
    customer, first = np.unique(account[shown], return_index=True)
    row = np.flatnonzero(shown)[first]
    return customer, billing.orders.rep[order[row]], billing.invoices.issued_on[row]


def is_active(reps: Reps, seats: Seats) -> Flags:
    """Sellers by month: in office for the whole of it. Shape (reps, months)."""
    edges = first_days()
    seller = np.zeros(len(reps.team), dtype=bool)
    seller[seats.first_rep] = True
    seller[seats.second_rep] = True
    there = (reps.hired_on[:, None] <= edges[None, :-1]) & (
        reps.left_on[:, None] >= edges[None, 1:] - 1
    )
    return np.asarray(there & seller[:, None])


def make_objectives(
    rng: Generator, billing: Billing, activities: Activities, reps: Reps, seats: Seats
) -> Objectives:
    """Targets around what was reached, so that the share of reps attaining them is known."""
    n_reps = len(reps.team)
    held = np.isin(activities.type, (MEETING, DEMO)) & (activities.status == HELD)
    held &= activities.status_at < END
    _, rep, day = first_invoices(billing)
    actuals = (
        invoiced_cents(billing, n_reps),
        _by_rep_month(n_reps, rep, day, np.full(len(rep), 100, dtype=np.int64)),
        _by_rep_month(
            n_reps,
            activities.owner[held],
            activities.planned_at[held] // DAY,
            np.full(int(held.sum()), 100, dtype=np.int64),
        ),
    )
    rep, month = np.nonzero(is_active(reps, seats))
    parts = []
    for criterion, actual in enumerate(actuals):
        reached = actual[rep, month]
        attains = _attaining(rng, reached)
        below, above = between(rng, 78, 99, len(rep)), between(rng, 106, 150, len(rep))
        percent = np.where(attains, below, above)
        usual = max(int(np.median(reached)), 100)
        target = np.where(reached > 0, reached * percent // 100, usual)
        step = 10_000 if criterion == REVENUE else 100
        # Rounded towards the planted side, so that rounding changes no attainment.
        down, up = target // step * step, -(-target // step) * step
        target = np.where(attains, np.maximum(down, np.minimum(step, reached)), up)
        parts.append((rep, month, np.full(len(rep), criterion), target, reached))
    return Objectives(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _attaining(rng: Generator, reached: Ints) -> Flags:
    """Choose who attains: exactly the planted share, as far as enough have reached anything."""
    able = np.flatnonzero(reached > 0)
    wanted = min(round(PLAN.attaining_share * len(reached)), len(able) * 9 // 10)
    attains = np.zeros(len(reached), dtype=bool)
    attains[able[rng.permutation(len(able))[:wanted]]] = True
    return attains


def make_forecasts(rng: Generator, won_cents: Ints, reps: Reps, seats: Seats) -> Forecasts:
    """What each rep says to win in the month: the truth times the rep's bias, less and less noisy.

    `won_cents` holds what was won by rep and month, in cents of EUR.
    """
    rep, month = np.nonzero(is_active(reps, seats))
    ends = first_days()[1:]
    parts = []
    for horizon, noise in zip(HORIZONS, NOISE_PERCENT, strict=True):
        handed_in = chance(rng, 0.97, len(rep))
        who, when = rep[handed_in], month[handed_in]
        size = len(who)
        cents = won_cents[who, when] * reps.bias_percent[who] // 100
        cents = cents * between(rng, 100 - noise, 100 + noise, size) // 100
        at = working_instant(rng, ends[when] - horizon, reps.team[who] >= 3)
        parts.append((who, when, np.full(size, horizon), cents, at))
    together = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((together[0], together[4]))
    return Forecasts(*(part[order] for part in together))


def won_cents(owner: Ints, cents: Ints, currency: Ints, day: Ints, n_reps: int) -> Ints:
    """Won amounts by rep and month of the close, in cents of EUR. Shape (reps, months)."""
    return _by_rep_month(n_reps, owner, day, euros(cents, currency, day))

"""How the reps spend their time: calls, mails, appointments held and missed, paperwork."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.births import Deals
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
    working_instant,
)
from ingest.demo.pipeline import Visits
from ingest.demo.plan import PLAN, TERRITORIES
from ingest.demo.world import Accounts, Seats

TYPES = ("call", "email", "meeting", "demo", "preparation", "travel", "administration")
CALL, EMAIL, MEETING, DEMO, PREPARATION, TRAVEL, ADMINISTRATION = range(len(TYPES))
STATUSES = ("planned", "held", "no_show", "moved", "cancelled", "")
PLANNED, HELD, NO_SHOW, MOVED, CANCELLED, UNSAID = range(len(STATUSES))


@dataclass
class Activities:
    """Activities by the instant of booking; `status` is the one set at status_at."""

    type: Ints
    owner: Ints
    account: Ints
    deal: Ints
    contact: Ints
    territory: Ints
    status: Ints
    minutes: Ints
    moved_to: Ints
    booked_at: Ints
    planned_at: Ints
    status_at: Ints
    rebooked_at: Ints


def make_activities(
    rng: Generator, deals: Deals, accounts: Accounts, visits: Visits, seats: Seats
) -> Activities:
    """All activities, in the order of booking."""
    appointments = _on_deals(rng, deals, accounts, visits, seats, (MEETING, DEMO), (22, 14))
    appointments = _with_outcomes(rng, appointments)
    again = _replacements(rng, appointments, seats, deals)
    remote = _on_deals(rng, deals, accounts, visits, seats, (CALL, EMAIL), (36, 30))
    parts = (appointments, again, remote, _internal(rng, seats))
    together = Activities(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Activities.__dataclass_fields__
        )
    )
    return _in_order(together)


def _on_deals(
    rng: Generator,
    deals: Deals,
    accounts: Accounts,
    visits: Visits,
    seats: Seats,
    types: tuple[int, int],
    weights: tuple[int, int],
) -> Activities:
    """Activities within the visits of the deals, more for Gold; calls and mails are just done."""
    factor = np.array(PLAN.activities_factor)[deals.segment[visits.deal]]
    average = factor * sum(weights) / 100 * 2
    whole = average.astype(np.int64)
    count = whole + chance(rng, average - whole, len(average))
    rows = np.repeat(np.arange(len(average)), count)
    rows = rows[visits.start[rows] < END]
    deal, size = visits.deal[rows], len(rows)
    end = np.minimum(visits.end[rows], visits.start[rows] + 45 * DAY)
    span = np.maximum(end - visits.start[rows], HOUR)
    booked = visits.start[rows] + (rng.random(size) * span).astype(np.int64)
    seat = deals.seat_at(deal, booked)
    booked = np.maximum(
        working_instant(rng, booked // DAY, seats.is_eastern(seat)), visits.start[rows] + 60
    )
    is_appointment = types[0] == MEETING
    lead_days = between(rng, 2, 14, size) if is_appointment else np.zeros(size, dtype=np.int64)
    later = working_instant(rng, booked // DAY + lead_days, seats.is_eastern(seat))
    planned = later if is_appointment else booked
    minutes = between(rng, 30, 120, size) if is_appointment else between(rng, 4, 35, size)
    known = booked < END
    deal, seat = deal[known], seat[known]
    booked, planned, minutes = booked[known], planned[known], minutes[known]
    size = len(deal)
    none = np.full(size, NONE, dtype=np.int64)
    return Activities(
        type=np.array(types)[pick(rng, weights, size)],
        owner=seats.rep_at(seat, booked),
        account=deals.account[deal],
        deal=deal,
        contact=deals.contact[deal],
        territory=accounts.territory[deals.account[deal]],
        status=np.full(size, HELD, dtype=np.int64),
        minutes=minutes,
        moved_to=none,
        booked_at=booked,
        planned_at=planned,
        status_at=planned + 60 * minutes if is_appointment else booked,
        rebooked_at=np.full(size, NEVER, dtype=np.int64),
    )


def no_show_rates(kind: Ints, territory: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The planted no-show rate of each appointment."""
    by_type = np.zeros(len(TYPES))
    for name, rate in PLAN.no_show_by_type.items():
        by_type[TYPES.index(name)] = rate
    return np.asarray(by_type[kind] * np.array(PLAN.no_show_by_territory)[territory])


def _with_outcomes(rng: Generator, drafted: Activities) -> Activities:
    """Decide what became of each appointment and whether a missed one is booked again."""
    size = len(drafted.type)
    other = np.array([HELD, MOVED, CANCELLED, UNSAID])[pick(rng, (87, 6, 4, 3), size)]
    is_missed = chance(rng, no_show_rates(drafted.type, drafted.territory), size)
    status = np.where((other == HELD) & is_missed, NO_SHOW, other)
    is_early = (status == MOVED) | (status == CANCELLED)
    notice = between(rng, HOUR, 40 * HOUR, size)
    early = np.maximum(drafted.planned_at - notice, drafted.booked_at + 600)
    said_late = chance(rng, 0.15, size) * between(rng, 10 * HOUR, 30 * HOUR, size)
    status_at = np.where(is_early, early, drafted.status_at + said_late)
    proposes = np.isin(
        drafted.territory, [TERRITORIES.index(name) for name in PLAN.reproposal_territories]
    )
    rate = np.where(proposes, PLAN.rebooked_with_reproposal, PLAN.rebooked_without)
    is_rebooked = (status == MOVED) | ((status == NO_SHOW) & chance(rng, rate, size))
    wait = np.where(status == MOVED, 0, between(rng, 600, 2 * DAY, size))
    drafted.minutes = np.where(status == NO_SHOW, between(rng, 10, 40, size), drafted.minutes)
    drafted.minutes = np.where(is_early, 0, drafted.minutes)
    drafted.status = status
    drafted.status_at = np.where(status == UNSAID, NEVER, status_at)
    drafted.rebooked_at = np.where(is_rebooked, status_at + wait, NEVER)
    return drafted


def _replacements(rng: Generator, missed: Activities, seats: Seats, deals: Deals) -> Activities:
    """The appointments that replace missed and moved ones; they are held."""
    rows = np.flatnonzero(missed.rebooked_at < END)
    size, booked, deal = len(rows), missed.rebooked_at[rows], missed.deal[rows]
    seat = deals.seat_at(deal, booked)
    later = booked // DAY + between(rng, 3, 10, size)
    planned = working_instant(rng, later, seats.is_eastern(seat))
    minutes = between(rng, 30, 120, size)
    # Positions are settled by _in_order; until then they count from the first appointment.
    missed.moved_to[rows] = len(missed.type) + np.arange(size)
    return Activities(
        missed.type[rows],
        seats.rep_at(seat, booked),
        missed.account[rows],
        deal,
        missed.contact[rows],
        missed.territory[rows],
        np.full(size, HELD, dtype=np.int64),
        minutes,
        np.full(size, NONE, dtype=np.int64),
        booked,
        planned,
        planned + 60 * minutes,
        np.full(size, NEVER, dtype=np.int64),
    )


def _internal(rng: Generator, seats: Seats) -> Activities:
    """Preparation, travel and paperwork: four entries per seat and week, none in the holidays."""
    n_weeks = (LAST_DAY - FIRST_DAY) // 7
    n_seats = len(seats.team)
    week = np.repeat(np.arange(n_weeks), n_seats * 4)
    seat = np.tile(np.repeat(np.arange(n_seats), 4), n_weeks)
    kept = chance(rng, 0.93, len(week))
    week, seat = week[kept], seat[kept]
    size = len(week)
    day = FIRST_DAY + 1 + week * 7 + rng.integers(0, 5, size)
    at = working_instant(rng, day, seats.is_eastern(seat))
    kind = np.array([PREPARATION, TRAVEL, ADMINISTRATION])[pick(rng, (28, 22, 50), size)]
    hours = pick_row(rng, ((2, 4, 3, 1), (1, 3, 4, 2), (1, 3, 4, 4)), kind - PREPARATION)
    none = np.full(size, NONE, dtype=np.int64)
    return Activities(
        kind,
        seats.rep_at(seat, at),
        none,
        none,
        none,
        none,
        np.full(size, HELD, dtype=np.int64),
        30 + 30 * hours + between(rng, 0, 25, size),
        none,
        at,
        at,
        at,
        np.full(size, NEVER, dtype=np.int64),
    )


def _in_order(drafted: Activities) -> Activities:
    order = np.argsort(drafted.booked_at, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    moved: Flags = drafted.moved_to >= 0
    drafted.moved_to[moved] = place[drafted.moved_to[moved]]
    return Activities(*(getattr(drafted, name)[order] for name in Activities.__dataclass_fields__))

"""The people and things that are there before any deal: reps, accounts, contacts, campaigns."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingest.demo.draws import (
    DAY,
    END,
    FIRST_DAY,
    LAST_DAY,
    NEVER,
    NONE,
    Flags,
    Generator,
    Ints,
    between,
    chance,
    day_number,
    pick,
    working_day,
)
from ingest.demo.plan import (
    CHANNELS,
    PLAN,
    SEGMENTS,
    TEAMS,
    TERRITORY_TEAMS,
)

OPENING = day_number(date(2018, 1, 1)) * DAY
HANDOVER_IN_DAILY_WINDOW = day_number(date(2025, 12, 22))
RESEGMENTED_IN_DAILY_WINDOW = day_number(date(2025, 12, 29))
HEAD = 0
N_MANAGERS = len(TEAMS)


@dataclass
class Reps:
    """Reps by position: the head, one manager per team, the sellers, the replacements."""

    team: Ints
    manager: Ints
    territory: Ints
    seniority: Ints
    bias_percent: Ints
    hired_on: Ints
    left_on: Ints
    known_at: Ints


@dataclass
class Seats:
    """A seat is a place in a team; who sits on it may change once. Accounts belong to seats."""

    team: Ints
    first_rep: Ints
    second_rep: Ints
    switch_at: Ints

    def rep_at(self, seat: Ints, instant: Ints) -> Ints:
        """Who sits there at that instant."""
        first = instant < self.switch_at[seat]
        return np.where(first, self.first_rep[seat], self.second_rep[seat])

    def is_eastern(self, seat: Ints) -> Flags:
        """Works in New York's time zone."""
        return self.team[seat] >= 3


@dataclass
class Accounts:
    """Accounts; those that the deals bring get their created_at when the deal is born.

    `segment` is the last one; a few accounts were in the next one until `resegmented_at`.
    """

    n_old: int
    segment: Ints
    industry: Ints
    territory: Ints
    employees: Ints
    seat: Ints
    machine_park: Ints
    is_old_customer: Flags
    name: Ints
    created_at: Ints

    @property
    def resegmented_at(self) -> Ints:
        """Every so many accounts, one at noon of a day of the last daily deliveries."""
        position = np.arange(len(self.segment), dtype=np.int64)
        nth = position // PLAN.resegmented_every
        noon = (RESEGMENTED_IN_DAILY_WINDOW + nth % 2) * DAY + DAY // 2
        moves = (position % PLAN.resegmented_every == 0) & (self.created_at < noon)
        return np.where(moves, noon, NEVER)

    def segment_at(self, row: Ints, instant: int) -> Ints:
        """The segment of some accounts before an instant."""
        moved_at = self.resegmented_at[row]
        is_to_move = (moved_at >= instant) & (moved_at < NEVER)
        return np.where(is_to_move, (self.segment[row] + 1) % len(SEGMENTS), self.segment[row])


@dataclass
class Contacts:
    """Contacts; the first ones are the accounts' main contacts, in the order of the accounts."""

    account: Ints
    first_name: Ints
    last_name: Ints
    role: Ints
    has_email: Ints
    has_phone: Ints
    left_on: Ints
    left_known_at: Ints
    created_at: Ints


@dataclass
class Campaigns:
    """Campaigns by position. `segment` is NONE where it aims at all."""

    channel: Ints
    segment: Ints
    budget: Ints
    created_at: Ints
    started_on: Ints
    ended_on: Ints


def n_reps(scale: float) -> int:
    """Sales forces grow slower than their customers."""
    return max(40, round(40 * float(np.sqrt(scale))))


def make_reps(rng: Generator, scale: float) -> tuple[Reps, Seats]:
    """The sales force: about one seller in nine is replaced during the three years."""
    total = n_reps(scale)
    n_seats = round((total - 1 - N_MANAGERS) * 8 / 9)
    n_replaced = total - 1 - N_MANAGERS - n_seats
    team = np.arange(n_seats, dtype=np.int64) % len(TEAMS)
    first = 1 + N_MANAGERS + np.arange(n_seats, dtype=np.int64)
    # Seats from the 3rd on are replaced, so that the optimists keep theirs.
    replaced = 3 + np.arange(n_replaced, dtype=np.int64) * (n_seats - 3) // n_replaced
    switch = np.full(n_seats, NEVER, dtype=np.int64)
    switch_days = working_day(between(rng, FIRST_DAY + 200, LAST_DAY - 60, n_replaced))
    switch_days[-1] = HANDOVER_IN_DAILY_WINDOW
    switch[replaced] = switch_days * DAY
    second = first.copy()
    second[replaced] = 1 + N_MANAGERS + n_seats + np.arange(n_replaced)
    seats = Seats(team, first, second, switch)
    return _reps(rng, seats, total, replaced), seats


def _reps(rng: Generator, seats: Seats, total: int, replaced: Ints) -> Reps:
    team = np.zeros(total, dtype=np.int64)
    team[1 : 1 + N_MANAGERS] = np.arange(N_MANAGERS)
    team[seats.first_rep] = seats.team
    team[seats.second_rep] = seats.team
    manager = team + 1
    manager[1 : 1 + N_MANAGERS] = HEAD
    manager[HEAD] = NONE
    hired = between(rng, FIRST_DAY - 4000, FIRST_DAY - 60, total)
    left = np.full(total, NEVER, dtype=np.int64)
    switch_days = seats.switch_at[replaced] // DAY
    hired[seats.second_rep[replaced]] = switch_days
    left[seats.first_rep[replaced]] = switch_days - 1
    territory = team + (team > 0)
    in_north = team == 0
    territory = np.where(in_north, np.arange(total) % 2, territory)
    seniority = np.where(FIRST_DAY - hired < 500, 0, np.where(FIRST_DAY - hired < 1800, 1, 2))
    seniority[: 1 + N_MANAGERS] = 2
    is_new = hired >= FIRST_DAY
    known_at = np.where(is_new, hired - 7, FIRST_DAY - 1) * DAY
    return Reps(
        team, manager, territory, seniority, _biases(rng, seats, total), hired, left, known_at
    )


def _biases(rng: Generator, seats: Seats, total: int) -> Ints:
    bias = between(rng, 97, 103, total)
    planted = (*PLAN.optimist_biases, *PLAN.cautious_biases)
    step = len(seats.team) // len(planted)
    stay = np.flatnonzero(seats.switch_at == NEVER)
    for position, value in enumerate(planted):
        seat = stay[min(position * step, len(stay) - 1)]
        bias[seats.first_rep[seat]] = round(value * 100)
    return bias


def make_accounts(rng: Generator, seats: Seats, scale: float, n_deals: int) -> Accounts:
    """A bit more than half were there before 2023; deals bring the others."""
    total = max(20, round(900 * scale))
    n_old = total - min(round(total * 0.45), n_deals // 3)
    segment = pick(rng, (15, 35, 50), total)
    territory = pick(rng, (16, 14, 20, 18, 12, 10, 10), total)
    created = np.full(total, NEVER, dtype=np.int64)
    created[:n_old] = np.sort(between(rng, OPENING, FIRST_DAY * DAY - 1, n_old))
    size = np.array([900, 220, 45])[segment]
    team_of = np.array(TERRITORY_TEAMS)[territory]
    return Accounts(
        n_old=n_old,
        segment=segment,
        industry=pick(rng, (17, 17, 14, 12, 12, 10, 8, 8, 1, 1), total),
        territory=territory,
        employees=np.where(chance(rng, 0.07, total), NONE, size * between(rng, 3, 30, total) // 10),
        seat=_seat_in_team(rng, seats, team_of),
        machine_park=np.where(
            chance(rng, 0.25, total), NONE, size * between(rng, 0, 12, total) // 100
        ),
        is_old_customer=(np.arange(total) < n_old) & chance(rng, 0.6, total),
        name=rng.integers(0, 60 * 20 * 8, total),
        created_at=created,
    )


def _seat_in_team(rng: Generator, seats: Seats, team: Ints) -> Ints:
    n_seats, n_teams = len(seats.team), len(TEAMS)
    size = (n_seats - 1 - team) // n_teams + 1
    return team + n_teams * (rng.random(len(team)) * size).astype(np.int64)


def other_seat(rng: Generator, seats: Seats, seat: Ints) -> Ints:
    """A seat of the same team, for deals that are handed over (may be the same one)."""
    return _seat_in_team(rng, seats, seats.team[seat])


def make_contacts(rng: Generator, accounts: Accounts, scale: float) -> Contacts:
    """One main contact per account, and others that come later; one in twelve leaves."""
    n_accounts = len(accounts.segment)
    total = max(2 * n_accounts, round(2500 * scale))
    extra = rng.integers(0, n_accounts, total - n_accounts)
    account = np.concatenate([np.arange(n_accounts, dtype=np.int64), extra])
    created = accounts.created_at[account].copy()
    created[n_accounts:] += rng.integers(0, 900 * DAY, total - n_accounts)
    created = np.where(created >= END, accounts.created_at[account], created)
    left = np.maximum(created // DAY, FIRST_DAY) + between(rng, 30, 1500, total)
    left = np.where(chance(rng, 0.18, total) & (left <= LAST_DAY), left, NEVER)
    known = np.where(left == NEVER, NEVER, left * DAY + between(rng, DAY, 50 * DAY, total))
    return Contacts(
        account=account,
        first_name=rng.integers(0, 40, total),
        last_name=rng.integers(0, 40, total),
        role=pick(rng, (18, 14, 40, 20, 8), total),
        has_email=pick(rng, (6, 92, 2), total),
        has_phone=pick(rng, (25, 73, 2), total),
        left_on=left,
        left_known_at=known,
        created_at=created,
    )


def make_campaigns(rng: Generator, scale: float) -> Campaigns:
    """Seven campaigns per marketing channel; Gold is courted with the largest budgets."""
    channels = [CHANNELS.index(name) for name in ("web", "event", "email", "partner", "outbound")]
    per_channel = 7
    total = len(channels) * per_channel
    wave = np.tile(np.arange(per_channel, dtype=np.int64), len(channels))
    length = np.where(wave == 0, LAST_DAY - FIRST_DAY + 1, between(rng, 60, 150, total))
    started = FIRST_DAY + np.where(wave == 0, 0, (wave - 1) * 175 + rng.integers(0, 60, total))
    ended = started + length - 1
    segment = np.where(wave == 0, NONE, (wave - 1) % len(SEGMENTS))
    budget = np.array([48_000, 30_000, 14_000, 40_000])[segment] * between(rng, 80, 125, total)
    return Campaigns(
        channel=np.repeat(np.array(channels, dtype=np.int64), per_channel),
        segment=segment,
        # Spend follows the number of customers courted.
        budget=budget * max(1, round(100 * scale)) // 10_000,
        created_at=(started - between(rng, 10, 40, total)) * DAY + between(rng, 0, DAY - 1, total),
        started_on=started,
        ended_on=np.where(ended >= LAST_DAY, NEVER, ended),
    )

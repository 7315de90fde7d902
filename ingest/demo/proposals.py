"""Quotes and qualification answers: what the reps add to a deal on its way."""

from dataclasses import dataclass

import numpy as np

from ingest.demo.births import Deals
from ingest.demo.draws import (
    DAY,
    END,
    HOUR,
    NEVER,
    NONE,
    Generator,
    Ints,
    between,
    chance,
)
from ingest.demo.pipeline import Visits
from ingest.demo.plan import DISCOVERY, LOST, NEGOTIATION, PROPOSAL, WON

STATUSES = ("draft", "sent", "accepted", "refused", "expired")
DRAFT, SENT, ACCEPTED, REFUSED, EXPIRED = range(len(STATUSES))
CRITERIA = ("organisation", "decision_makers", "stakes", "tensions")


@dataclass
class Quotes:
    """Quotes by creation. `outcome` is what the quote becomes at `ended_at`."""

    deal: Ints
    version: Ints
    cents: Ints
    outcome: Ints
    created_at: Ints
    sent_at: Ints
    ended_at: Ints


@dataclass
class Answers:
    """Answers to the qualification grid."""

    deal: Ints
    criterion: Ints
    score: Ints
    is_second_grid: Ints
    answered_by: Ints
    answered_at: Ints


def make_quotes(rng: Generator, deals: Deals, visits: Visits) -> Quotes:
    """A quote at every proposal, often a revision in the negotiation."""
    size = len(visits.deal)
    revised = (visits.stage == NEGOTIATION) & chance(rng, 0.35, size)
    created = visits.start + between(rng, HOUR, 2 * DAY, size)
    asked = ((visits.stage == PROPOSAL) | revised) & (created < np.minimum(visits.end, END))
    rows = np.flatnonzero(asked)
    rows = rows[np.lexsort((created[rows], visits.deal[rows]))]
    deal, created, end = visits.deal[rows], created[rows], visits.end[rows]
    size = len(rows)
    is_first = np.ones(size, dtype=bool)
    is_first[1:] = deal[1:] != deal[:-1]
    version = np.arange(size) - np.maximum.accumulate(np.where(is_first, np.arange(size), 0)) + 1
    is_last = np.append(is_first[1:], True)
    next_created = np.append(created[1:], NEVER)
    sent = created + between(rng, 600, DAY, size)
    sent = np.where((sent < end) & ~chance(rng, 0.05, size), sent, NEVER)
    closing, closed_at = _closings(visits, len(deals.account))
    is_won = closing[deal] == WON
    outcome = np.where(is_won, ACCEPTED, np.where(chance(rng, 0.6, size), REFUSED, EXPIRED))
    outcome = np.where(is_last, outcome, EXPIRED)
    ended = np.where(is_last, closed_at[deal], next_created)
    ended = np.where(sent < NEVER, np.maximum(ended, np.minimum(sent, END) + HOUR), NEVER)
    cents = deals.true_cents[deal] * between(rng, 98, 110, size) // 100
    order = np.argsort(created, kind="stable")
    return Quotes(*(part[order] for part in (deal, version, cents, outcome, created, sent, ended)))


def _closings(visits: Visits, n_deals: int) -> tuple[Ints, Ints]:
    """How and when each deal closed for the last time; NONE and NEVER where it did not."""
    outcome = np.full(n_deals, NONE, dtype=np.int64)
    closed_at = np.full(n_deals, NEVER, dtype=np.int64)
    # Visits are in the order of the rounds: of two closings the later one stays.
    rows = (visits.next_stage >= WON) & (visits.end < NEVER)
    outcome[visits.deal[rows]] = visits.next_stage[rows]
    closed_at[visits.deal[rows]] = visits.end[rows]
    return outcome, closed_at


def make_answers(rng: Generator, visits: Visits, owners: Ints, second_grid_at: int) -> Answers:
    """Four criteria for most deals that reach discovery; deals that go on score higher."""
    asked = (visits.stage == DISCOVERY) & chance(rng, 0.85, len(visits.deal))
    rows = np.flatnonzero(asked)
    rows = rows[np.unique(visits.deal[rows], return_index=True)[1]]
    at = visits.start[rows] + between(rng, HOUR, 4 * DAY, len(rows))
    rows, at = (part[at < np.minimum(visits.end[rows], END)] for part in (rows, at))
    order = np.argsort(at, kind="stable")
    rows, at = np.repeat(rows[order], len(CRITERIA)), np.repeat(at[order], len(CRITERIA))
    size = len(rows)
    good = visits.next_stage[rows] != LOST
    score = np.where(good, between(rng, 1, 4, size), between(rng, 0, 3, size))
    return Answers(
        deal=visits.deal[rows],
        criterion=np.tile(np.arange(len(CRITERIA)), size // len(CRITERIA)),
        score=np.where(chance(rng, 0.08, size), NONE, score),
        is_second_grid=(at >= second_grid_at).astype(np.int64),
        answered_by=owners[rows],
        answered_at=at,
    )

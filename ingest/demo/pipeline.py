"""The life of the deals: stage after stage, until won, lost, binned or still open."""

from dataclasses import dataclass

import numpy as np

from ingest.demo import changelog as log
from ingest.demo.births import Deals
from ingest.demo.draws import (
    DAY,
    END,
    NEVER,
    NONE,
    Flags,
    Generator,
    Ints,
    between,
    chance,
    pick,
    skewed,
    working_instant,
)
from ingest.demo.plan import (
    LOST,
    NEGOTIATION,
    PLAN,
    PROPOSAL,
    QUALIFICATION,
    TEAMS,
    WON,
)
from ingest.demo.world import Reps, Seats

STATED_PERCENT = (23, 44, 61, 80)
"""What a reliable rep states by stage: close to the true win rates."""
MAX_VISITS = 14


@dataclass
class Visits:
    """One row per visit of a deal to an open stage; `end` is NEVER for a deal that died in it."""

    deal: Ints
    stage: Ints
    start: Ints
    end: Ints
    next_stage: Ints
    is_overstay: Flags


@dataclass
class Fates:
    """How each deal ended: outcome stage or NONE, when, and whether it was binned."""

    outcome: Ints
    ended_at: Ints
    died_at: Ints
    restored_at: Ints
    merged_into: Ints


@dataclass
class Pipeline:
    """Runs the deals through the stages, noting every change in the draft."""

    rng: Generator
    deals: Deals
    reps: Reps
    seats: Seats
    draft: log.Draft
    fates: Fates
    close_day: Ints

    def owner_at(self, deal: Ints, at: Ints) -> Ints:
        """The rep in charge of the deal at that instant."""
        return self.seats.rep_at(self.deals.seat_at(deal, at), at)

    def run(self) -> Visits:
        """Simulate all visits."""
        deal = np.arange(len(self.deals.account), dtype=np.int64)
        stage = (chance(self.rng, 0.1, len(deal))).astype(np.int64)
        start = self.deals.created_at
        self._create(deal, stage)
        rounds: list[Visits] = []
        for number in range(MAX_VISITS):
            visits = self._visit(deal, stage, start, number)
            rounds.append(visits)
            deal, stage, start = self._go_on(visits)
            if not len(deal):
                break
        return Visits(
            *(
                np.concatenate([getattr(visits, name) for visits in rounds])
                for name in ("deal", "stage", "start", "end", "next_stage", "is_overstay")
            )
        )

    def _create(self, deal: Ints, stage: Ints) -> None:
        size, at, rng = len(deal), self.deals.created_at, self.rng
        by = self.owner_at(deal, at)
        guess = self.deals.true_cents * between(rng, 70, 140, size) // 100
        mistyped = chance(rng, 0.02, size)
        currency = np.where(mistyped, 0, self.deals.currency)
        self.draft.add(log.AMOUNT, deal, np.maximum(guess // 50_000, 1) * 50_000, at, by)
        self.draft.add(log.CURRENCY, deal, currency, at, by)
        mended = np.flatnonzero(mistyped)
        mended_at = at[mended] + between(rng, 600, 2 * DAY, len(mended))
        self.draft.add(log.CURRENCY, mended, self.deals.currency[mended], mended_at, by[mended])
        self.draft.add(log.OWNER, deal, by, at, by)
        self.draft.add(log.IS_DELETED, deal, 0, at, by)
        self._enter(deal, stage, at)

    def _enter(self, deal: Ints, stage: Ints, at: Ints) -> None:
        """Note what a rep types when a deal enters an open stage."""
        rng, size, by = self.rng, len(deal), self.owner_at(deal, at)
        bias = self.reps.bias_percent[by]
        stated = np.array(STATED_PERCENT)[stage] * bias * between(rng, 85, 115, size)
        percent = np.clip((stated + 25_000) // 50_000 * 5, 5, 95)
        remaining = np.array([96, 75, 45, 20])[stage] * between(rng, 60, 130, size) // 100
        estimate = at // DAY + np.maximum(remaining, 3)
        keeps = (self.close_day[deal] > at // DAY) & chance(rng, 0.4, size)
        self.close_day[deal] = np.where(keeps, self.close_day[deal], estimate)
        category = np.array([1, 1, 2, 3])[stage]
        self.draft.add(log.STAGE, deal, stage, at, by)
        self.draft.add(log.PROBABILITY, deal, percent * 100, at, by)
        self.draft.add(log.CLOSE_DATE, deal, self.close_day[deal], at, by)
        self.draft.add(log.CATEGORY, deal, np.where(bias >= 130, 3, category), at, by)
        self.fill_in(deal, at, by)
        is_priced = stage >= PROPOSAL
        priced, priced_at, priced_by = deal[is_priced], at[is_priced], by[is_priced]
        cents = self.deals.true_cents[priced] * between(rng, 92, 112, len(priced)) // 100
        self.draft.add(log.AMOUNT, priced, cents, priced_at, priced_by)
        for name, fill_rate, choices in ((log.BUDGET, 0.85, 3), (log.COMPETITOR, 0.75, 5)):
            value = self._typed(np.full(len(priced), fill_rate), choices)
            self.draft.add(name, priced, value, priced_at, priced_by)

    def fill_in(self, deal: Ints, at: Ints, by: Ints) -> None:
        """Next step and decision maker, the fields that one team stops filling."""
        first, last = PLAN.collapse_days
        is_team = self.seats.team[self.deals.seat[deal]] == TEAMS.index(PLAN.collapse_team)
        collapsed = is_team & (at >= first * DAY) & (at < last * DAY)
        rate = np.where(collapsed, PLAN.fill_rate_collapsed, PLAN.fill_rate)
        self.draft.add(log.NEXT_STEP, deal, self._typed(rate, 9), at, by)
        self.draft.add(log.DECISION_MAKER, deal, self._typed(rate, 4), at, by)

    def _typed(self, fill_rate: np.ndarray[tuple[int], np.dtype[np.float64]], choices: int) -> Ints:
        """A code below `choices`, or one of the four placeholders after them, or nothing."""
        size = len(fill_rate)
        placeholder = choices + self.rng.integers(0, 4, size)
        unfilled = np.where(chance(self.rng, 0.35, size), placeholder, NONE)
        value = self.rng.integers(0, choices, size)
        return np.where(chance(self.rng, fill_rate, size), value, unfilled)

    def _visit(self, deal: Ints, stage: Ints, start: Ints, number: int) -> Visits:
        rng, size = self.rng, len(deal)
        expected = np.array(PLAN.expected_days)[stage]
        days = np.maximum(expected * 8 * skewed(rng, size) // 10_000, 1)
        eastern = self.seats.is_eastern(self.deals.seat[deal])
        end = working_instant(rng, start // DAY + days, eastern)
        is_overstay = (end - start) * 2 > expected * DAY * round(2 * PLAN.overstay_after)
        advances = chance(rng, np.array(PLAN.advance)[stage], size)
        step = np.where(chance(rng, PLAN.skip, size) & (stage < PROPOSAL), 2, 1)
        falls_back = chance(rng, PLAN.backward, size) & (stage > QUALIFICATION)
        following = np.where(advances, stage + step, np.where(falls_back, stage - 1, LOST))
        gives_up = is_overstay & chance(rng, 1 - PLAN.overstay_win_factor, size)
        if number == 0:
            channel = self.deals.channel[deal]
            loss = np.where(channel >= 0, np.array(PLAN.lost_for_channel)[channel], 0.2)
            gives_up |= chance(rng, loss, size)
        following = np.where(gives_up | (number == MAX_VISITS - 1), LOST, following)
        end = np.where(self.fates.died_at[deal] <= end, NEVER, end)
        visits = Visits(deal, stage, start, end, following, is_overstay)
        self._push_close_dates(visits)
        return visits

    def _push_close_dates(self, visits: Visits) -> None:
        """A close date that passes while the deal is open is put off, mostly."""
        for _ in range(2):
            late = self.close_day[visits.deal]
            at = working_instant(
                self.rng,
                late + between(self.rng, 1, 6, len(late)),
                self.seats.is_eastern(self.deals.seat[visits.deal]),
            )
            pushed = (at > visits.start) & (at < np.minimum(visits.end, END))
            pushed &= chance(self.rng, 0.8, len(late))
            deal, at = visits.deal[pushed], at[pushed]
            self.close_day[deal] = at // DAY + between(self.rng, 14, 60, len(deal))
            by = self.owner_at(deal, at)
            self.draft.add(log.CLOSE_DATE, deal, self.close_day[deal], at, by)

    def _go_on(self, visits: Visits) -> tuple[Ints, Ints, Ints]:
        """Enter the next stage or close; return what goes on: deal, stage, instant."""
        closes = (visits.next_stage >= WON) & (visits.end < NEVER)
        moves = (visits.next_stage < WON) & (visits.end < END)
        self._close(visits.deal[closes], visits.next_stage[closes], visits.end[closes])
        self._enter(visits.deal[moves], visits.next_stage[moves], visits.end[moves])
        again = np.flatnonzero(closes & (visits.next_stage == LOST))
        again = again[chance(self.rng, PLAN.reopened_share, len(again))]
        deal = visits.deal[again]
        later = visits.end[again] // DAY + between(self.rng, 20, 90, len(again))
        at = working_instant(self.rng, later, self.seats.is_eastern(self.deals.seat[deal]))
        reopened = at < np.minimum(END, self.fates.died_at[deal])
        deal, at = deal[reopened], at[reopened]
        stage = np.full(len(deal), NEGOTIATION, dtype=np.int64)
        self._enter(deal, stage, at)
        self.fates.outcome[deal] = NONE
        self.fates.ended_at[deal] = NEVER
        return (
            np.concatenate([visits.deal[moves], deal]),
            np.concatenate([visits.next_stage[moves], stage]),
            np.concatenate([visits.end[moves], at]),
        )

    def _close(self, deal: Ints, outcome: Ints, at: Ints) -> None:
        by, is_won = self.owner_at(deal, at), outcome == WON
        self.fates.outcome[deal] = outcome
        self.fates.ended_at[deal] = at
        self.draft.add(log.STAGE, deal, outcome, at, by)
        self.draft.add(log.PROBABILITY, deal, np.where(is_won, 10_000, 0), at, by)
        self.draft.add(log.CLOSE_DATE, deal, at // DAY, at, by)
        self.draft.add(log.CATEGORY, deal, np.where(is_won, 4, 0), at, by)
        won = deal[is_won]
        self.draft.add(log.AMOUNT, won, self.deals.true_cents[won], at[is_won], by[is_won])


def make_fates(rng: Generator, deals: Deals, seats: Seats) -> Fates:
    """Draw which deals will be binned or merged away, if they are still open by then."""
    size = len(deals.account)
    fate = pick(
        rng, (9750, round(10_000 * PLAN.deleted_share), round(10_000 * PLAN.merged_share)), size
    )
    day = deals.created_at // DAY + between(rng, 1, 60, size)
    died = working_instant(rng, day, seats.is_eastern(deals.seat))
    died = np.where((fate > 0) & (died > deals.created_at), died, NEVER)
    # The survivor is the account's deal before this one, unless that one goes too.
    order = np.lexsort((np.arange(size), deals.account))
    before = np.full(size, NONE, dtype=np.int64)
    same = deals.account[order][1:] == deals.account[order][:-1]
    before[order[1:]] = np.where(same, order[:-1], NONE)
    merged = np.where((fate == 2) & (before >= 0) & (died[before] == NEVER), before, NONE)
    is_restored = (fate == 1) & chance(rng, PLAN.restored_share, size) & (died < NEVER)
    restored = np.where(is_restored, died + between(rng, 5 * DAY, 20 * DAY, size), NEVER)
    never = np.full(size, NEVER, dtype=np.int64)
    return Fates(np.full(size, NONE, dtype=np.int64), never, died, restored, merged)

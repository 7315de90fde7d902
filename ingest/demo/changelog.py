"""The CRM's audit log: one row per change of one field, chained from old to new."""

from dataclasses import dataclass, field

import numpy as np

from ingest.demo.draws import DAY, END, HOUR, NEVER, NONE, Flags, Generator, Ints, between, chance
from ingest.demo.plan import LOST, PLAN, WON

FIELDS = (
    "stage",
    "amount",
    "currency",
    "probability",
    "close_date",
    "owner_id",
    "forecast_category",
    "next_step",
    "competitor",
    "decision_maker",
    "budget_status",
    "is_deleted",
    "merged_into_id",
)
(
    STAGE,
    AMOUNT,
    CURRENCY,
    PROBABILITY,
    CLOSE_DATE,
    OWNER,
    CATEGORY,
    NEXT_STEP,
    COMPETITOR,
    DECISION_MAKER,
    BUDGET,
    IS_DELETED,
    MERGED_INTO,
) = range(len(FIELDS))
SYSTEM = NONE
"""changed_by of a change that nobody made."""


@dataclass
class Draft:
    """Changes as they are thought up, in any order; a value of NONE empties the field."""

    deal: list[Ints] = field(default_factory=list)
    name: list[Ints] = field(default_factory=list)
    value: list[Ints] = field(default_factory=list)
    at: list[Ints] = field(default_factory=list)
    by: list[Ints] = field(default_factory=list)

    def add(self, name: int, deal: Ints, value: Ints | int, at: Ints, by: Ints | int) -> None:
        """Note that `name` of each deal became `value` at that instant."""
        known = at < END
        size = len(deal)
        self.deal.append(deal[known])
        self.name.append(np.full(int(known.sum()), name, dtype=np.int64))
        self.value.append(np.broadcast_to(np.asarray(value, dtype=np.int64), size)[known])
        self.at.append(at[known])
        self.by.append(np.broadcast_to(np.asarray(by, dtype=np.int64), size)[known])


@dataclass(frozen=True)
class Changes:
    """The finished log in the order of `sequence` (by entered_at)."""

    deal: Ints
    name: Ints
    old: Ints
    new: Ints
    at: Ints
    by: Ints
    entered_at: Ints


def finish(rng: Generator, draft: Draft, died_at: Ints, restored_at: Ints) -> Changes:
    """Put the changes in order, drop those that change nothing, chain them, delay some.

    A change is typed in late at most until just before the deal's next change, so the order of
    the deal's life and the order of typing agree. Nothing changes while a deal is in the bin.
    """
    deal, name, value = (np.concatenate(part) for part in (draft.deal, draft.name, draft.value))
    at, by = np.concatenate(draft.at), np.concatenate(draft.by)
    alive = (at <= died_at[deal]) | (at >= restored_at[deal])
    deal, name, value, at, by = (part[alive] for part in (deal, name, value, at, by))
    order = np.lexsort((at, name, deal))
    deal, name, value, at, by = (part[order] for part in (deal, name, value, at, by))
    is_first = np.ones(len(deal), dtype=bool)
    is_first[1:] = (deal[1:] != deal[:-1]) | (name[1:] != name[:-1])
    old = np.where(is_first, NONE, np.roll(value, 1))
    moved = old != value
    deal, name, old, value, at, by = (part[moved] for part in (deal, name, old, value, at, by))
    order = np.lexsort((name, at, deal))
    deal, name, old, value, at, by = (part[order] for part in (deal, name, old, value, at, by))
    entered = _entered(rng, deal, at)
    order = np.lexsort((np.arange(len(deal)), deal, entered))
    return Changes(*(part[order] for part in (deal, name, old, value, at, by, entered)))


def _entered(rng: Generator, deal: Ints, at: Ints) -> Ints:
    """When each change was typed in; changes of one moment are typed in together."""
    starts = np.ones(len(deal), dtype=bool)
    starts[1:] = (deal[1:] != deal[:-1]) | (at[1:] != at[:-1])
    moment = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    deal, at = deal[first], at[first]
    is_creation = np.ones(len(first), dtype=bool)
    is_creation[1:] = deal[1:] != deal[:-1]
    following = np.full(len(first), NEVER, dtype=np.int64)
    following[:-1] = np.where(is_creation[1:], NEVER, at[1:])
    is_late = chance(rng, PLAN.late_entry_share, len(first)) & ~is_creation
    delay = np.where(is_late, between(rng, 4 * HOUR, 6 * DAY, len(first)), 0)
    entered = np.maximum(at, np.minimum(at + delay, following - 1))
    return np.asarray(entered[moment])


@dataclass
class State:
    """What the CRM shows, moved forward in time by the changes typed in."""

    changes: Changes
    values: Ints
    closed_at: Ints
    updated_at: Ints
    position: int = 0

    @classmethod
    def before_everything(cls, changes: Changes, n_deals: int) -> "State":
        """No deal is known yet."""
        return cls(
            changes,
            np.full((n_deals, len(FIELDS)), NONE, dtype=np.int64),
            np.full(n_deals, NEVER, dtype=np.int64),
            np.full(n_deals, NONE, dtype=np.int64),
        )

    def advance(self, instant: int) -> Ints:
        """Apply what was typed in before `instant`. Return the deals touched, in order."""
        until = int(np.searchsorted(self.changes.entered_at, instant, side="left"))
        rows = slice(self.position, until)
        deal, name, new = (self.changes.deal[rows], self.changes.name[rows], self.changes.new[rows])
        # With repeated indices numpy keeps the last assignment: the latest change wins.
        self.values[deal, name] = new
        self.updated_at[deal] = self.changes.entered_at[rows]
        moves: Flags = name == STAGE
        closes = (new == WON) | (new == LOST)
        self.closed_at[deal[moves]] = np.where(closes, self.changes.at[rows], NEVER)[moves]
        self.position = until
        return np.unique(deal)

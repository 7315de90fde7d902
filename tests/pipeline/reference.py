"""The pipeline through time in plain Python, written from the definitions and not from the SQL.

A deal's life is looked at day by day and instant by instant, with no interval, no window and no
cleverness: slow, and easy to believe. For deals whose source keeps a log, and for deals without.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.pipeline.crm import Change, Deal
from tests.pipeline.teams import Teams, team_at

STAGES = {  # stage -> position, state
    "disqualified": (0, "lost"),
    "qualification": (1, "open"),
    "discovery": (2, "open"),
    "proposal": (3, "open"),
    "negotiation": (4, "open"),
    "closed_won": (5, "won"),
    "closed_lost": (6, "lost"),
    "asleep": (7, "dormant"),
}
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Standing:
    """A deal at one instant."""

    rep_id: str | None
    stage_id: str
    segment_id: str | None
    state: str
    currency: str
    forecast_category: str | None
    amount_doc: Decimal | None
    win_probability: Decimal | None
    expected_close_date: date | None
    merged_into_id: str | None
    is_deleted: bool


@dataclass(frozen=True)
class World:
    """What every deal shares: the instants of the exports, as_of, the calendar and the rates."""

    loads: Sequence[datetime]
    day: date
    rates: Mapping[tuple[str, int], Decimal]
    business_tz: str = "Europe/Paris"
    fiscal_year_start_month: int = 4
    teams: Teams = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        return self.end_of(self.day)

    def end_of(self, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.business_tz))
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def day_of(self, at: datetime) -> date:
        return at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.business_tz)).date()

    def rate(self, currency: str, day: date) -> Decimal | None:
        year = day.year + (day.month >= self.fiscal_year_start_month > 1)
        return Decimal(1) if currency == "EUR" else self.rates.get((currency, year))

    def team(self, rep_id: str | None, day: date) -> str | None:
        """The team of a rep at the local end of a day, as known at as_of."""
        return team_at(self.teams, rep_id, self.known_loads(), self.end_of(day))

    def known_loads(self) -> list[datetime]:
        return sorted(load for load in self.loads if load < self.as_of)


def money(amount: Decimal | None, factor: Decimal | None) -> Decimal | None:
    if amount is None or factor is None:
        return None
    return (amount * factor).quantize(CENT, ROUND_HALF_UP)


class Life:
    """One deal as known at as_of. `is_known` is False where no export told of it in time."""

    def __init__(self, deal: Deal, world: World) -> None:
        self.deal, self.world = deal, world
        self.told = [load for load in world.known_loads() if load >= deal.created_at]
        self.is_known = any(not deal.is_gone(load) for load in self.told)
        if self.is_known:
            self.told = self.told[[deal.is_gone(load) for load in self.told].index(False) :]
            self.start, self.changes = self._witnessed()

    def _witnessed(self) -> tuple[dict[str, str | None], list[Change]]:
        """Values at creation, and the changes that took effect before as_of, in order."""
        deal, as_of = self.deal, self.world.as_of
        if deal.log == "none":
            return self._compared()
        known = [c for _, c in deal.in_order() if c.at < as_of and c.entered_at <= self.told[-1]]
        start, compared = self._compared()
        for name in set(deal.born_with) - set(deal.untracked):
            start[name] = deal.born_with[name]
        told = [c for c in known if c.field not in deal.untracked]
        return start, told + [c for c in compared if c.field in deal.untracked]

    def _compared(self) -> tuple[dict[str, str | None], list[Change]]:
        """Without a log: what each export says differently from the one before.

        A closing counts from its own date, if that is later than the last export with news.
        """
        first = self.told[0]
        before, news = self.deal.values(first), first
        start, changes = dict(before), []
        if closed_at := self._closed_at(first):
            start["stage"] = "qualification"
            changes.append(Change(closed_at, "stage", before["stage"]))
        for previous, load in pairwise(self.told):
            is_gone, now = self.deal.is_gone(load), self.deal.values(load)
            for name in now if not is_gone else ():
                if now[name] != before[name]:
                    closed_at = self._closed_at(load) if name == "stage" else None
                    is_dated = closed_at and news < closed_at < load
                    at = closed_at if closed_at and is_dated else load
                    changes.append(Change(at, name, now[name]))
            is_redated = self._closed_at(load) != self._closed_at(previous)
            if is_gone != self.deal.is_gone(previous) or (
                not is_gone and (now != before or is_redated)
            ):
                news = load
            before = before if is_gone else now
        return start, sorted(changes, key=lambda change: change.at)

    def is_inferred(self, name: str, since: datetime) -> bool:
        """Whether what a field held from an instant on is a guess: not logged, not delivered."""
        deal, as_of, last = self.deal, self.world.as_of, self.told[-1]
        known = [c for c in deal.changes if c.at < as_of and c.entered_at <= last]
        is_logged = deal.log == "whole" or (
            deal.log == "changes" and any(change.field == name for change in known)
        )
        return (not is_logged or name in deal.untracked) and since < self.told[0]

    def _closed_at(self, load: datetime) -> datetime | None:
        stages = [c for _, c in self.deal.in_order() if c.field == "stage" and c.entered_at <= load]
        is_closed = STAGES[str(self.deal.values(load)["stage"])][1] in ("won", "lost")
        last = max([self.deal.created_at, *(c.at for c in stages[-1:])])
        return last if is_closed else None

    def instants(self) -> list[datetime]:
        """Whenever something may have changed."""
        born = self.deal.created_at
        changed = {max(change.at, born) for change in self.changes}
        told = {load for load in self.world.known_loads() if load > born}
        return sorted({born, *changed, *told})

    def at(self, instant: datetime, *, including: bool = True) -> Standing:
        """How it stood at an instant (or just before it)."""
        values = dict(self.start)
        for change in self.changes:
            effect = max(change.at, self.deal.created_at)
            if effect < instant or (including and effect == instant):
                values[change.field] = change.value
        heard = [load for load in self.told if load < instant or (including and load == instant)]
        is_gone = bool(heard) and self.deal.is_gone(heard[-1])
        is_deleted = values["is_deleted"] == "true" or is_gone
        state = STAGES[str(values["stage"])][1]
        amount, chance, close = values["amount"], values["probability"], values["close_date"]
        return Standing(
            rep_id=values["owner_id"],
            stage_id=str(values["stage"]),
            segment_id=self._segment(instant, including),
            state="merged" if values["merged_into_id"] else "deleted" if is_deleted else state,
            currency=str(values["currency"]),
            forecast_category=values["forecast_category"],
            amount_doc=None if amount is None else Decimal(amount),
            win_probability=None if chance is None else Decimal(chance) / 100,
            expected_close_date=None if close is None else date.fromisoformat(close),
            merged_into_id=values["merged_into_id"],
            is_deleted=is_deleted,
        )

    def _segment(self, instant: datetime, including: bool) -> str | None:
        """What the last export said of its account; before any, what the first one was to say."""
        known = self.world.known_loads()
        heard = [load for load in known if load < instant or (including and load == instant)]
        return self.deal.segment((heard or known)[-1 if heard else 0])

    def versions(self) -> list[tuple[datetime, datetime | None, Standing]]:
        """[valid_from, valid_to) during which nothing tracked changed."""
        starts: list[tuple[datetime, Standing]] = []
        for instant in self.instants():
            standing = self.at(instant)
            if not starts or starts[-1][1] != standing:
                starts.append((instant, standing))
        ends = [since for since, _ in starts[1:]]
        return [(since, until, s) for (since, s), until in zip(starts, [*ends, None], strict=True)]

    def visits(self) -> list[tuple[str, datetime, datetime | None, int, int, str, str | None]]:
        """stage, entered, left, cycle, visit, how it was entered, how it was left."""
        spells: list[tuple[tuple[str, str], datetime]] = []
        for since, _, standing in self.versions():
            key = (standing.stage_id, standing.state)
            if not spells or spells[-1][0] != key:
                spells.append((key, since))
        cycle, found, outcome = 1, [], ""
        seen: Counter[tuple[int, str]] = Counter()
        keys = [spell[0] for spell in spells]
        for number, (key, since) in enumerate(spells):
            before = keys[number - 1] if number else None
            after = keys[number + 1] if number + 1 < len(keys) else None
            until = spells[number + 1][1] if after else None
            if key[1] != "open":
                outcome = key[1] if key[1] in ("won", "lost") else outcome
                continue
            cycle, outcome = cycle + bool(outcome), ""
            seen[cycle, key[0]] += 1
            entry = step(before, key) if before else "create"
            left = step(key, after) if after else None
            found.append((key[0], since, until, cycle, seen[cycle, key[0]], entry, left))
        return found

    def on(self, day: date) -> Standing | None:
        """How it stood at the local end of a day; None before its first day."""
        if day < self.world.day_of(self.deal.created_at):
            return None
        return self.at(self.world.end_of(day), including=False)


def step(before: tuple[str, str], after: tuple[str, str]) -> str:
    """What a move from one (stage, state) to the next is called."""
    named = {"won": "close", "lost": "close", "deleted": "delete", "merged": "merge"}
    if after[1] != "open":
        return {**named, "dormant": "park"}[after[1]]
    if before[1] != "open":
        back = {"won": "reopen", "lost": "reopen", "dormant": "resume"}
        return back.get(before[1], "restore")
    jump = STAGES[after[0]][0] - STAGES[before[0]][0]
    return "forward" if jump == 1 else f"skip_{jump - 1}" if jump > 1 else f"backward_{-jump}"


def lives(deals: Iterable[Deal], world: World) -> list[Life]:
    """The deals that are known at as_of."""
    return [life for life in (Life(deal, world) for deal in deals) if life.is_known]


Balance = tuple[int, int, Decimal, Decimal]


def snapshot(known: Sequence[Life], day: date) -> dict[tuple[str, str | None, str], Balance]:
    """(rep, team, stage) -> open deals, those without a rate, gross, weighted at a day's end."""
    found: dict[tuple[str, str | None, str], Balance] = {}
    for life in known:
        standing = life.on(day)
        if standing and standing.state == "open":
            team = life.world.team(standing.rep_id, day)
            key = (standing.rep_id or "unassigned", team, standing.stage_id)
            found[key] = added(found.get(key), life, standing, day)
    return found


def added(balance: Balance | None, life: Life, standing: Standing, day: date) -> Balance:
    """A balance and one deal more."""
    rate = life.world.rate(standing.currency, day)
    count, unvalued, gross, chance = balance or (0, 0, Decimal(0), Decimal(0))
    amount = money(standing.amount_doc, rate)
    weighted = money(amount, standing.win_probability)
    is_unvalued = standing.amount_doc is not None and rate is None
    return count + 1, unvalued + is_unvalued, gross + (amount or 0), chance + (weighted or 0)


Cell = tuple[str, str | None, str | None, date | None]
Move = tuple[str, Cell, int, Decimal]
GONE = ("deleted", "merged")
ENTRIES = {
    **{"deleted": "restored", "merged": "restored", "dormant": "reactivated"},
    **{"won": "reopened", "lost": "reopened"},
}


def movements(life: Life, day: date) -> set[Move]:
    """(bucket, cell, deals, amount): the steps in which a day's change of a deal is told.

    A deal that is gone is gone from where it was, one that is restored comes to where it is. All
    else goes step by step: the amount, then hands, then period, then segment; a deal that closes
    does so in its last hands, and one that is reopened begins in its former.
    """
    was, now = life.on(day - timedelta(days=1)), life.on(day)
    if now is None:
        return set()
    end, here = worth(life, now, day), cell(life, now, day)
    is_open, was_open = now.state == "open", was is not None and was.state == "open"
    if was is None or was.state in GONE:
        bucket = ENTRIES[was.state] if was else "new"
        return {(bucket, here, 1, end)} if is_open else set()
    there = cell(life, was, day - timedelta(days=1))
    if was_open:
        moves = revaluations(life, was, now, day)
        if now.state in GONE:
            return moves | {(now.state, there, -1, -end)}
        return moves | steps(there, here, end, "" if is_open else now.state)
    if not is_open:
        return set()
    former = (*there[:2], *here[2:])
    return {(ENTRIES[was.state], former, 1, end)} | steps(former, here, end, "")


def steps(there: Cell, here: Cell, end: Decimal, closed: str) -> set[Move]:
    """From cell to cell, one attribute at a time; `closed`: as what it leaves, if it does."""
    path = [(there, ""), ((*here[:2], *there[2:]), "transferred")]
    if not closed:
        is_later = (here[3] or date.max) > (there[3] or date.max)
        path.append(((*here[:2], there[2], here[3]), "pushed" if is_later else "pulled"))
        path.append((here, "resegmented"))
    moves: set[Move] = set()
    for (before, _), (after, name) in pairwise(path):
        if before != after:
            moves |= {(f"{name}_out", before, -1, -end), (f"{name}_in", after, 1, end)}
    return moves | ({(closed, path[-1][0], -1, -end)} if closed else set())


def revaluations(life: Life, was: Standing, now: Standing, day: date) -> set[Move]:
    """What the amount changed, apart from it what the rate changed: both where the deal was."""
    before = day - timedelta(days=1)
    there = cell(life, was, before)
    start, end = worth(life, was, before), worth(life, now, day)
    at_old_rate = kept(life, (was, before), (now, day))
    moves: set[Move] = set()
    if at_old_rate != start:
        bucket = "increased" if at_old_rate > start else "decreased"
        moves.add((bucket, there, 0, at_old_rate - start))
    if end != at_old_rate:
        moves.add(("fx", there, 0, end - at_old_rate))
    return moves


def kept(life: Life, before: tuple[Standing, date], after: tuple[Standing, date]) -> Decimal:
    """What a deal would be worth had rates stood still.

    A value that appears or vanishes with the knowledge of a rate is no change of the deal.
    """
    (was, first), (now, last) = before, after
    old_rate, new_rate = (life.world.rate(s.currency, day) for s, day in (before, after))
    if old_rate and was.currency == now.currency:
        return money(now.amount_doc, old_rate) or Decimal(0)
    return worth(life, now, last) if old_rate and new_rate else worth(life, was, first)


def worth(life: Life, standing: Standing, day: date) -> Decimal:
    """What a deal counts for on a day; nothing where that is not known."""
    rate = life.world.rate(standing.currency, day)
    return money(standing.amount_doc, rate) or Decimal(0)


def cell(life: Life, standing: Standing, day: date) -> Cell:
    """The rep, the team, the segment and the month of the expected close that a deal counts for."""
    close = standing.expected_close_date
    team = life.world.team(standing.rep_id, day)
    month = close.replace(day=1) if close else None
    return standing.rep_id or "unassigned", team, standing.segment_id, month

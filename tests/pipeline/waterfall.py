"""The waterfall between two days in plain Python, after the definition: end points compared.

Exit, first match: deleted or merged, owner out, won, lost, pushed or pulled out. Entry, first
match: new, restored, owner in, reopened, pulled or pushed in. What an amount changed is told apart,
and apart from it what the rates changed. start + moves = end, exactly, for every member of every
scope, within every close period.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from tests.pipeline.reference import ENTRIES, GONE, Life, Standing, kept, worth

MEMBERS: Mapping[str, Callable[[Life, Standing, date], str]] = {
    "company": lambda life, standing, day: "all",
    "team": lambda life, standing, day: life.world.team(standing.rep_id, day) or "unknown",
    "rep": lambda life, standing, day: standing.rep_id or "unassigned",
    "segment": lambda life, standing, day: standing.segment_id or "unknown",
    "origin": lambda life, standing, day: life.deal.lead_source or "unknown",
}
# scope -> whose it is, and the length in months of the close period that it is cut by (0: none)
SCOPES: Mapping[str, tuple[str, int]] = {
    **{attribute: (attribute, 0) for attribute in MEMBERS},
    "close_month": ("company", 1),
    "close_quarter": ("company", 3),
    **{
        f"{attribute}_{period}": (attribute, months)
        for attribute in MEMBERS
        if attribute != "company"
        for period, months in (("month", 1), ("quarter", 3))
    },
}
# scope, member, close period, bucket
Key = tuple[str, str, date | None, str]
Flows = Mapping[Key, tuple[int, Decimal]]
Cell = tuple[str, date | None]
LATER = date.max


def cell(scope: str, life: Life, standing: Standing, day: date) -> Cell:
    """The member and the close period that a standing counts for."""
    attribute, months = SCOPES[scope]
    close = standing.expected_close_date
    period = None
    if close and months:
        period = close.replace(month=(close.month - 1) // months * months + 1, day=1)
    if scope in ("close_month", "close_quarter"):
        return str(period) if period else "unknown", period
    return MEMBERS[attribute](life, standing, day), period


def waterfall(known: Iterable[Life], first: date, last: date) -> Flows:
    """Deals and amount by scope, member, close period and bucket: `start`, what moved, `end`."""
    found: dict[Key, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for life in known:
        was, now = life.on(first), life.on(last)
        if now is None:
            continue
        for scope in SCOPES:
            flows = _flows(life, scope, (was, first), (now, last))
            for (member, period), bucket, count, amount in flows:
                deals, total = found[scope, member, period, bucket]
                found[scope, member, period, bucket] = (deals + count, total + amount)
    return dict(found)


def daily_waterfall(known: Iterable[Life], first: date, last: date) -> Flows:
    """The daily waterfalls of the window added up, between the start of the first and the end."""
    lives = list(known)
    found: dict[Key, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    ends = waterfall(lives, first, last)
    for key, flow in ends.items():
        if key[-1] in ("start", "end"):
            found[key] = flow
    day = first
    while day < last:
        for key, (count, amount) in waterfall(lives, day, day + timedelta(days=1)).items():
            if key[-1] not in ("start", "end"):
                found[key] = (found[key][0] + count, found[key][1] + amount)
        day += timedelta(days=1)
    return dict(found)


def _flows(
    life: Life, scope: str, before: tuple[Standing | None, date], after: tuple[Standing, date]
) -> list[tuple[Cell, str, int, Decimal]]:
    (was, first), (now, last) = before, after
    end = worth(life, now, last)
    old = cell(scope, life, was, first) if was and was.state == "open" else None
    new = cell(scope, life, now, last) if now.state == "open" else None
    flows: list[tuple[Cell, str, int, Decimal]] = []
    if was and old:
        start, then = worth(life, was, first), kept(life, (was, first), after)
        change = "increased" if then > start else "decreased"
        flows += [(old, "start", 1, start)]
        flows += [(old, change, 0, then - start)] if then != start else []
        flows += [(old, "fx", 0, end - then)] if end != then else []
        flows += [(old, _exit(life, scope, before, after), -1, -end)] if new != old else []
    if new:
        flows += [(new, _entry(life, scope, before, after), 1, end)] if new != old else []
        flows += [(new, "end", 1, end)]
    return flows


def _has_moved(
    life: Life, attribute: str, before: tuple[Standing | None, date], after: tuple[Standing, date]
) -> bool:
    was, first = before
    name = MEMBERS[attribute]
    return was is not None and name(life, was, first) != name(life, *after)


def _is_later(scope: str, was: Standing, now: Standing, life: Life, day: date) -> bool:
    old, new = (cell(scope, life, standing, day)[1] or LATER for standing in (was, now))
    return new > old


def _exit(
    life: Life, scope: str, before: tuple[Standing | None, date], after: tuple[Standing, date]
) -> str:
    (was, _), (now, last) = before, after
    attribute = SCOPES[scope][0]
    assert was
    if now.state in GONE:
        return now.state
    if attribute in ("rep", "team") and _has_moved(life, attribute, before, after):
        return "transferred_out"
    if now.state != "open":
        return now.state
    if attribute == "segment" and _has_moved(life, attribute, before, after):
        return "resegmented_out"
    return "pushed_out" if _is_later(scope, was, now, life, last) else "pulled_out"


def _entry(
    life: Life, scope: str, before: tuple[Standing | None, date], after: tuple[Standing, date]
) -> str:
    (was, _), (now, last) = before, after
    attribute = SCOPES[scope][0]
    if was is None:
        return "new"
    if was.state in GONE:
        return "restored"
    if attribute in ("rep", "team") and _has_moved(life, attribute, before, after):
        return "transferred_in"
    if was.state != "open":
        return ENTRIES[was.state]
    if attribute == "segment" and _has_moved(life, attribute, before, after):
        return "resegmented_in"
    return "pushed_in" if _is_later(scope, was, now, life, last) else "pulled_in"

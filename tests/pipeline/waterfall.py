"""The waterfall between two days in plain Python, after the definition: end points compared.

Exit, first match: deleted or merged, owner out, won, lost, pushed or pulled out. Entry, first
match: new, restored, owner in, reopened, pulled or pushed in. What an amount changed is told apart,
and apart from it what the rates changed. start + moves = end, exactly, for every member of every
scope.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tests.pipeline.reference import Life, Standing, money, worth

SCOPES = ("company", "team", "rep", "segment", "origin", "close_month", "close_quarter")
TEAMS: Mapping[str, str] = {"ann": "North", "bob": "South", "cyd": "South"}
Flows = Mapping[tuple[str, str, str], tuple[int, Decimal]]


def member(scope: str, life: Life, standing: Standing) -> str:
    """The rep, team, period ... that a standing counts for."""
    close = standing.expected_close_date
    quarter = close and close.replace(month=(close.month - 1) // 3 * 3 + 1, day=1)
    return {
        "company": "all",
        "team": TEAMS.get(standing.rep_id or "unassigned", "unknown"),
        "rep": standing.rep_id or "unassigned",
        "segment": standing.segment_id or "unknown",
        "origin": life.deal.lead_source or "unknown",
        "close_month": str(close.replace(day=1)) if close else "unknown",
        "close_quarter": str(quarter) if quarter else "unknown",
    }[scope]


def waterfall(known: Iterable[Life], first: date, last: date) -> Flows:
    """(scope, member, bucket) -> deals and amount, `start` and `end` among the buckets."""
    found: dict[tuple[str, str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))

    def add(scope: str, name: str, bucket: str, count: int, amount: Decimal) -> None:
        deals, total = found[scope, name, bucket]
        found[scope, name, bucket] = (deals + count, total + amount)

    for life in known:
        was, now = life.on(first), life.on(last)
        if now is None:
            continue
        for scope in SCOPES:
            for name, bucket, count, amount in _flows(life, scope, (was, first), (now, last)):
                add(scope, name, bucket, count, amount)
    return dict(found)


def _flows(
    life: Life, scope: str, before: tuple[Standing | None, date], after: tuple[Standing, date]
) -> list[tuple[str, str, int, Decimal]]:
    (was, first), (now, last) = before, after
    end = worth(life, now, last)
    old = member(scope, life, was) if was and was.state == "open" else None
    new = member(scope, life, now) if now.state == "open" else None
    flows = []
    if was and old:
        start = worth(life, was, first)
        kept = _at_old_rate(life, was, now, first, last, end)
        change = "increased" if kept > start else "decreased"
        flows += [(old, "start", 1, start)]
        flows += [(old, change, 0, kept - start)] if kept != start else []
        flows += [(old, "fx", 0, end - kept)] if end != kept else []
        flows += [(old, _exit(scope, was, now, old, new), -1, -end)] if new != old else []
    if new:
        flows += [(new, _entry(scope, was, now, old, new), 1, end)] if new != old else []
        flows += [(new, "end", 1, end)]
    return flows


def _at_old_rate(
    life: Life, was: Standing, now: Standing, first: date, last: date, end: Decimal
) -> Decimal:
    old_rate = life.world.rate(was.currency, first)
    if was.currency != now.currency or not old_rate or not life.world.rate(now.currency, last):
        return end
    return money(now.amount_doc, old_rate) or Decimal(0)


def _has_new_owner(scope: str, was: Standing, now: Standing) -> bool:
    if scope == "team":
        teams = [TEAMS.get(s.rep_id or "unassigned") for s in (was, now)]
        return teams[0] != teams[1]
    return scope == "rep" and was.rep_id != now.rep_id


def _exit(scope: str, was: Standing, now: Standing, old: str, new: str | None) -> str:
    if now.state in ("deleted", "merged"):
        return now.state
    if _has_new_owner(scope, was, now):
        return "transferred_out"
    if new is None:
        return now.state
    if scope == "segment":
        return "resegmented_out"
    return "pushed_out" if new > old else "pulled_out"


def _entry(scope: str, was: Standing | None, now: Standing, old: str | None, new: str) -> str:
    if was is None:
        return "new"
    if was.state in ("deleted", "merged"):
        return "restored"
    if _has_new_owner(scope, was, now):
        return "transferred_in"
    if old is None:
        return "reopened"
    if scope == "segment":
        return "resegmented_in"
    return "pushed_in" if new > old else "pulled_in"

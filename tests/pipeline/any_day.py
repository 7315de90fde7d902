"""The macros of the published file, run on the area's marts and compared with the reference."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import duckdb

from serving.any_day import MACROS, READS, create_macros
from tests.pipeline.area import Area, Built
from tests.pipeline.comparison import run
from tests.pipeline.lives import Company
from tests.pipeline.reference import Life, cell, lives, money
from tests.pipeline.waterfall import Flows, daily_waterfall, waterfall

FORMS = {"pipeline_waterfall": waterfall, "pipeline_daily_waterfall": daily_waterfall}


def windows(company: Company, offsets: list[tuple[int, int]]) -> list[tuple[date, date]]:
    """Random pairs of days, the earlier first, none after as_of."""
    day = company.world.day
    return [(day - timedelta(max(pair)), day - timedelta(min(pair))) for pair in offsets]


def published(area: Area, company: Company, macros: str = MACROS) -> Built:
    """The marts of a company with the macros of the published file."""
    built = run(area, company)
    replace_macros(built, macros)
    return built


def replace_macros(built: Built, macros: str) -> None:
    """Let the marts answer with other macros."""
    again = macros.replace("create macro", "create or replace macro")
    create_macros(built.connection, "area", READS, again)


def shown(built: Built, first: date, last: date, form: str = "pipeline_waterfall") -> Flows:
    rows = built.rows(f"select * from {form}(date '{first}', date '{last}')")
    return {
        (r["scope"], r["member"], r["close_period_date"], r["bucket"]): (
            r["deal_count"],
            r["amount"],
        )
        for r in rows
    }


def owed(flows: Flows) -> dict[Any, Any]:
    """(scope, member, close period) -> end - start."""
    return added(flows, {"start": -1, "end": 1})


def moved(flows: Flows) -> dict[Any, Any]:
    """(scope, member, close period) -> all that moved."""
    return added(flows, {bucket: 1 for *_, bucket in flows if bucket not in ("start", "end")})


def added(flows: Flows, signs: dict[str, int]) -> dict[Any, Any]:
    off: dict[Any, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for (*key, bucket), (deals, amount) in flows.items():
        sign = signs.get(bucket, 0)
        count, total = off[tuple(key)]
        off[tuple(key)] = (count + sign * deals, total + sign * amount)
    return {key: value for key, value in off.items() if value != (0, Decimal(0))}


def told(flows: Flows) -> Flows:
    """Flows without those that cancelled each other out."""
    return {key: flow for key, flow in flows.items() if flow != (0, Decimal(0))}


def objection(
    area: Area, company: Company, offsets: list[tuple[int, int]], macros: str = MACROS
) -> str:
    """Where a macro is not the definition's, does not balance, or answers what nobody knows."""
    built, known = published(area, company, macros), lives(company.deals, company.world)
    answers_to = Expected(known, windows(company, offsets))
    found = complaint(built, answers_to, company.world.day)
    built.close()
    return found


@dataclass(frozen=True)
class Expected:
    """What the reference says of some windows; it is worked out once, when first asked."""

    known: list[Life]
    windows: Sequence[tuple[date, date]]

    @cached_property
    def flows(self) -> dict[tuple[str, date, date], Flows]:
        """(form, first day, last day) -> the waterfall."""
        return {
            (form, *window): told(reference(self.known, *window))
            for window in self.windows
            for form, reference in FORMS.items()
        }

    @cached_property
    def deals(self) -> dict[date, set[tuple[Any, ...]]]:
        """First day of a window -> the deals that are open at its end."""
        return {first: standing(self.known, first) for first, _ in self.windows}


def complaint(built: Built, expected: Expected, newest: date) -> str:
    """Where the macros differ from what is expected; "" where nowhere."""
    for (form, first, last), flows in expected.flows.items():
        found = shown(built, first, last, form)
        if told(found) != flows:
            odd = {k for k in {*found, *flows} if found.get(k) != flows.get(k)}
            return f"{form} {first} {last}: {sorted(odd, key=str)[:5]}"
        if owed(found) != moved(found):
            return f"{form} {first} {last} does not balance"
    for day, deals in expected.deals.items():
        if deals_of(built, day) != deals:
            return f"pipeline_as_of {day}"
    answered = [call for call in unknown(newest) if answers(built, call)]
    return f"{answered[0]} is answered" if answered else ""


OF_A_DEAL = (
    *("opportunity_id", "rep_id", "team", "stage_id", "segment_id", "origin", "currency"),
    *("amount_doc", "amount", "weighted_amount", "expected_close_date", "close_month_date"),
    "stage_entered_at",
)


def deals_of(built: Built, day: date) -> set[tuple[Any, ...]]:
    """The open deals of a day, as the macro tells them."""
    rows = built.rows(f"from pipeline_as_of(date '{day}')")
    assert len(rows) == len({row["opportunity_id"] for row in rows})
    return {tuple(row[name] for name in OF_A_DEAL) for row in rows}


def standing(known: list[Life], day: date) -> set[tuple[Any, ...]]:
    """The open deals of a day, as the reference knows them."""
    found = set()
    for life in known:
        now = life.on(day)
        if now and now.state == "open":
            amount = money(now.amount_doc, life.world.rate(now.currency, day))
            rep, team, segment, month = cell(life, now, day)
            attributes = (rep, team, now.stage_id, segment, life.deal.lead_source or "unknown")
            amounts = (now.currency, now.amount_doc, amount, money(amount, now.win_probability))
            dates = (now.expected_close_date, month, entered(life, day))
            found.add((life.deal.deal_id, *attributes, *amounts, *dates))
    return found


def entered(life: Life, day: date) -> datetime | None:
    """When a deal came into the stage in which it is open at a day's end, where a log tells."""
    end = life.world.end_of(day)
    (since,) = {
        entered_at
        for _, entered_at, left_at, *_ in life.visits()
        if entered_at < end and (left_at is None or left_at >= end)
    }
    return None if life.is_inferred("stage", since) else since


def unknown(day: date) -> list[str]:
    """Questions about a day that is not known yet, or that ask backwards."""
    later = day + timedelta(days=1)
    return [
        f"pipeline_as_of(date '{later}')",
        *(f"{form}(date '{day}', date '{later}')" for form in FORMS),
        *(f"{form}(date '{day}', date '{day - timedelta(days=1)}')" for form in FORMS),
    ]


def answers(built: Built, call: str) -> bool:
    try:
        built.rows(f"from {call}")
    except duckdb.InvalidInputException:
        return False
    return True

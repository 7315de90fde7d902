"""The marts of a run beside what the reference model says of the same deals."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tests.pipeline.area import Area, Built, Row, Settings, build
from tests.pipeline.desk import DESK
from tests.pipeline.lives import Company
from tests.pipeline.reference import Balance, Life, added, lives, money, movements, snapshot

STANDING = (
    "rep_id",
    "stage_id",
    "segment_id",
    "state",
    "currency",
    "forecast_category",
    "amount_doc",
    "win_probability",
    "expected_close_date",
)
INFERRED = {
    "is_stage_reconstructed": "stage",
    "is_amount_reconstructed": "amount",
    "is_close_date_reconstructed": "close_date",
}


def run(area: Area, company: Company, **changed: Any) -> Built:
    """The marts of a company."""
    settings = Settings(company.world.day, company.world.business_tz)
    return build(area, company.lake(), DESK, settings, **changed)


def differences(built: Built, company: Company) -> Iterator[str]:
    """Each place where the marts and the reference disagree, in words."""
    known = {life.deal.deal_id: life for life in lives(company.deals, company.world)}
    for mart, compare in (
        ("fct_opportunity_versions", versions),
        ("fct_stage_visits", visits),
        ("fct_opportunity_day_states", states),
        ("fct_pipeline_movements", moves),
    ):
        found = by_deal(built.marts[mart])
        for deal_id in sorted(set(known) | set(found)):
            if deal_id not in known:
                yield f"{mart}: {deal_id} is not known at as_of"
                continue
            here, there = compare(found.get(deal_id, []), known[deal_id], company)
            if here != there:
                yield f"{mart}: {known[deal_id].deal}\n found {here}\n expected {there}"
    yield from snapshots(built, list(known.values()), company)


def by_deal(rows: list[Row]) -> Mapping[str, list[Row]]:
    """Rows by opportunity, in the order in which they are stored."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["opportunity_id"]].append(row)
    return found


def versions(rows: list[Row], life: Life, _: Company) -> tuple[Any, Any]:
    columns = (*STANDING, "merged_into_id")
    here = [
        (
            row["valid_from"],
            row["valid_to"],
            *(row[c] for c in columns),
            row["amount"],
            row["weighted_amount"],
            row["valid_from_date"],
            row["valid_to_date"],
            row["version_no"],
            row["is_current"],
            *(row[flag] for flag in INFERRED),
        )
        for row in rows
    ]
    there = []
    for number, (since, until, standing) in enumerate(life.versions(), start=1):
        day = life.world.day_of(since)
        amount = money(standing.amount_doc, life.world.rate(standing.currency, day))
        values = [getattr(standing, name) for name in columns]
        days = (day, life.world.day_of(until) if until else None)
        weighted = money(amount, standing.win_probability)
        inferred = [life.is_inferred(field, since) for field in INFERRED.values()]
        told = (amount, weighted, *days, number, until is None, *inferred)
        there.append((since, until, *values, *told))
    return here, there


def visits(rows: list[Row], life: Life, _: Company) -> tuple[Any, Any]:
    columns = ("stage_id", "entered_at", "left_at", "cycle_no", "visit_no", "entry", "transition")
    here = [
        (
            *(row[c] for c in columns),
            *(round(row[c], 9) for c in ("days", "latest_days")),
            row["is_open"],
            row["rep_id"],
            row["segment_id"],
        )
        for row in rows
    ]
    there, latest = [], {}
    for visit in life.visits():
        days = ((visit[2] or life.world.as_of) - visit[1]) / timedelta(days=1)
        latest[visit[0]] = round(days, 9)
        last = life.at(visit[2] or life.world.as_of, including=False)
        there.append((visit, round(days, 9), visit[2] is None, last.rep_id, last.segment_id))
    return here, [(*v, days, latest[v[0]], *rest) for v, days, *rest in there]


def states(rows: list[Row], life: Life, company: Company) -> tuple[Any, Any]:
    """Day by day: a run of days says the same of each of its days."""
    here: dict[date, Any] = {}
    for row in rows:
        day = row["from_date"]
        while day < row["until_date"]:
            assert day not in here, f"two runs of days cover {day}"
            values = [row[c] for c in (*STANDING, "team", "amount", "weighted_amount")]
            here[day] = (*values, row["close_month_date"], row["close_quarter_date"])
            day += timedelta(days=1)
    there = {}
    for day in company.days:
        standing = life.on(day)
        if standing is None:
            continue
        amount = money(standing.amount_doc, life.world.rate(standing.currency, day))
        values = [getattr(standing, name) for name in STANDING]
        values[0] = values[0] or "unassigned"
        told = (
            life.world.team(standing.rep_id, day),
            amount,
            money(amount, standing.win_probability),
        )
        there[day] = (*values, *told, *close_periods(standing.expected_close_date))
    return here, there


def close_periods(close: date | None) -> tuple[date | None, date | None]:
    """First day of the fiscal month and quarter: from April on they are those of the calendar."""
    if close is None:
        return None, None
    return close.replace(day=1), close.replace(month=(close.month - 1) // 3 * 3 + 1, day=1)


def moves(rows: list[Row], life: Life, company: Company) -> tuple[Any, Any]:
    """The movements between cells of rep, team, segment and close month."""
    here = {
        (
            r["movement_date"],
            r["bucket"],
            (r["rep_id"], r["team"], r["segment_id"], r["close_month_date"]),
            r["deal_count"],
            r["amount"],
        )
        for r in rows
    }
    there = {
        (day, *move) for day in company.days for move in movements(life, day) if move[2] or move[3]
    }
    return here, there


BALANCE = ("open_count", "unvalued_count", "gross_amount", "weighted_amount")


def snapshots(built: Built, known: list[Life], company: Company) -> Iterator[str]:
    """Every day of fct_pipeline_snapshots, and what no day may hold."""
    found: dict[date, dict[Any, Any]] = defaultdict(dict)
    for row in built.marts["fct_pipeline_snapshots"]:
        key = (row["rep_id"], row["team"], row["stage_id"])
        found[row["snapshot_date"]][key] = tuple(row[name] for name in BALANCE)
    if strange := set(found) - set(company.days):
        yield f"fct_pipeline_snapshots: days {sorted(strange)} are not before as_of"
    for day in company.days:
        expected = snapshot(known, day)
        if found[day] != expected:
            yield f"fct_pipeline_snapshots {day}:\n found {found[day]}\n expected {expected}"
    yield from segment_snapshots(built, known, company)


def segment_snapshots(built: Built, known: list[Life], company: Company) -> Iterator[str]:
    """Every day of fct_segment_snapshots."""
    found = {
        (row["snapshot_date"], row["segment_id"], row["origin"], row["stage_id"]): tuple(
            row[name] for name in BALANCE
        )
        for row in built.marts["fct_segment_snapshots"]
    }
    expected: dict[Any, Balance] = {}
    for day in company.days:
        for life in known:
            standing = life.on(day)
            if standing and standing.state == "open":
                origin = life.deal.lead_source or "unknown"
                key = (day, standing.segment_id or "unknown", origin, standing.stage_id)
                expected[key] = added(expected.get(key), life, standing, day)
    if found != expected:
        odd = {k for k in {*found, *expected} if found.get(k) != expected.get(k)}
        yield f"fct_segment_snapshots: {sorted(odd)[:5]}"

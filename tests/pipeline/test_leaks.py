"""Nothing that was learnt or that happened from as_of on changes any table, to the byte."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.area import Area, Row, Settings, build
from tests.pipeline.crm import Change, Deal, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.lives import VALUES, Company, companies
from tests.pipeline.test_properties import few

LATER = timedelta(microseconds=1)


@few
@given(company=companies(), seed=st.integers(0, 9999))
def test_what_comes_after_as_of_leaves_no_trace(area: Area, company: Company, seed: int) -> None:
    assert not is_leaking(area, company, seed)


def is_leaking(area: Area, company: Company, seed: int) -> bool:
    """Whether anything that comes after as_of changes a table."""
    settings = Settings(company.world.day, company.world.business_tz)
    known = company.lake()
    # Some accounts are not delivered before as_of at all.
    known["accounts"] = [row for row in known["accounts"] if not str(row["id"]).endswith("3")]
    # Of some reps nothing is known yet.
    known["reps"] = [row for row in known["reps"] if row["id"] != "cyd"]
    later = {table: list(rows) for table, rows in known.items()}
    for table, rows in future(company.lake(), settings.as_of_at, random.Random(seed)):
        later[table] += rows
    honest, leaking = (build(area, tables, DESK, settings) for tables in (known, later))
    return honest.fingerprints() != leaking.fingerprints()


def future(
    tables: dict[str, list[Row]], as_of: datetime, chance: random.Random
) -> Iterator[tuple[str, list[Row]]]:
    """Rows extracted at as_of or later, and log rows of changes that take effect no sooner."""
    for table, rows in tables.items():
        learnt = []
        for row in rows:
            at = as_of + timedelta(days=chance.choice([0, 0, 1, 40]))
            stamp = {"_extracted_at": at.isoformat(" "), "_op": chance.choice(["upsert", "delete"])}
            learnt.append({**row, **changed(table, chance), **stamp})
            new = {"id": f"new-{row['id']}", "_key": f"new-{row['id']}"}
            learnt.append({**row, **new, **stamp, "_op": "upsert"})
        yield table, learnt
    known = [r for r in tables["opportunities"] if instant(str(r["_extracted_at"])) < as_of]
    fields = [chance.choice(VALUES) for _ in known]
    yield (
        "opportunity_changes",
        [
            {
                "id": f"coming-{number}",
                "_key": f"coming-{number}",
                "_op": "upsert",
                "_row_number": number,
                "_extracted_at": row["_extracted_at"],
                "opportunity_id": row["id"],
                "sequence": number,
                "field": name,
                "old_value": "1",
                "new_value": value,
                "changed_at": (as_of + chance.choice([timedelta(0), LATER])).isoformat(" "),
            }
            for number, (row, (name, value)) in enumerate(zip(known, fields, strict=True))
        ],
    )


def changed(table: str, chance: random.Random) -> Row:
    if table == "accounts":
        return {"segment": chance.choice(["Bronze", None])}
    if table == "opportunities":
        return dict([chance.choice(VALUES)])
    if table == "reps":
        return {"team": chance.choice(["East", None])}
    return {"new_value": "7", "changed_at": "2024-10-05 09:00", "sequence": 0}


def eventful_deals(count: int, first_day: date, chance: random.Random) -> list[Deal]:
    """Deals whose changes are learnt up to 90 days late, over some 400 days."""

    def at(days: float) -> datetime:
        return datetime.combine(first_day, datetime.min.time()) + timedelta(days=days)

    found = []
    for number in range(count):
        born = chance.uniform(0, 330)
        changes = []
        for _ in range(chance.randrange(9)):
            when = at(born + chance.uniform(0, 200))
            lag = timedelta(days=chance.choice([0, 0, 0, 5, 60, 90]))
            changes.append(Change(when, *chance.choice(VALUES), when + lag if lag else None))
        log = chance.choice(["whole", "whole", "changes", "none"])
        found.append(deal(f"deal-{number}", str(at(born)), *changes, log=log, owner_id="ann"))
    return found


@pytest.mark.long
def test_365_daily_snapshots_are_the_same_after_a_year_of_late_data(area: Area) -> None:
    """Each day's tables as they were shown on that day, and built again when all is known."""
    first_day, chance = date(2024, 6, 1), random.Random(365)
    deals = eventful_deals(40, first_day, chance)
    midnight = datetime.combine(first_day, datetime.min.time())
    loads = [midnight + timedelta(days=n, hours=20) for n in range(500)]
    everything = lake(deals, loads)
    seen = set()
    for number in range(365):
        settings = Settings(first_day + timedelta(days=number))
        heard = lake(deals, [load for load in loads if load < settings.as_of_at])
        original = build(area, heard, DESK, settings)
        rebuilt = build(area, everything, DESK, settings)
        assert rebuilt.fingerprints() == original.fingerprints(), settings.day
        seen.add(original.fingerprints()["fct_pipeline_snapshots"])
        original.close()
        rebuilt.close()
    assert len(seen) > 300

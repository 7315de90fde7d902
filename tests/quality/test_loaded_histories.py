"""The past of records that keep no log, by known answers: a few records and three loads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.pipeline.area import Settings
from tests.pipeline.crm import instant
from tests.quality.area import QualityArea
from tests.quality.desk import Rule, desk
from tests.quality.records import Record, Values, landed

RUN = Settings(instant("2025-04-30 00:00").date(), "UTC")
LOADS = [instant(f"2025-0{month}-10 20:00") for month in (2, 3, 4)]
BORN = instant("2025-01-05 08:00")


def record(entity: str, record_id: str, *shown: Values | None) -> Record:
    return Record(entity, record_id, BORN, list(zip(LOADS, shown, strict=True)))


def violations(
    area: QualityArea, rule: Rule, records: Sequence[Record], columns: str
) -> list[tuple[Any, ...]]:
    quality = area.build(landed(records), desk([rule]), RUN)
    found = quality.rows(f"""
        select {columns} from marts.fct_field_violations order by record_id, first_seen_at
    """)
    assert quality.failed_checks() == []
    quality.close()
    return found


def test_a_contact_is_answered_for_by_whoever_has_its_account_then(area: QualityArea) -> None:
    contact = {"account_id": "a1", "email": None, "created_at": str(BORN)}
    records = [
        record("accounts", "a1", *({"owner_id": rep} for rep in ("ann", "bob", "bob"))),
        record("contacts", "early", contact, contact, contact),
        record(
            "contacts", "late", {**contact, "email": "x@y"}, {**contact, "email": "x@y"}, contact
        ),
        record("contacts", "nobodys", {**contact, "account_id": None}, None, None),
    ]

    found = violations(
        area,
        Rule("email", "contacts", "email"),
        records,
        "record_id, rep_id, rep_id_current, first_seen_at, resolution",
    )

    assert found == [
        ("early", "ann", "bob", BORN, None),
        ("late", "bob", "bob", LOADS[2], None),
        ("nobodys", "unassigned", "unassigned", BORN, "gone"),
    ]


def test_a_vanished_record_owes_nothing_until_it_is_back(area: QualityArea) -> None:
    empty: Values = {"industry": None, "created_at": str(BORN)}

    found = violations(
        area,
        Rule("industry", "accounts", "industry"),
        [record("accounts", "a1", empty, None, empty)],
        "first_seen_at, resolved_at, resolution, reopened_n",
    )

    assert found == [(BORN, LOADS[1], "gone", 0), (LOADS[2], None, None, 1)]


def test_a_lead_owes_nothing_once_it_is_merged(area: QualityArea) -> None:
    lead: Values = {"source": None, "created_at": str(BORN)}
    merged: Values = {**lead, "merged_into_id": "l2"}

    found = violations(
        area,
        Rule("source", "leads", "lead_source"),
        [record("leads", "l1", lead, merged, merged)],
        "first_seen_at, resolved_at, resolution",
    )

    assert found == [(BORN, LOADS[1], "gone")]


def test_an_activity_of_another_type_is_not_bound(area: QualityArea) -> None:
    call: Values = {"type": "call", "minutes": None, "booked_at": str(BORN)}
    meeting: Values = {**call, "type": "meeting"}

    found = violations(
        area,
        Rule("minutes", "activities", "minutes", record_types="demo|meeting"),
        [
            record("activities", "became-one", call, meeting, meeting),
            record("activities", "ceased", meeting, call, call),
            record("activities", "never", call, call, call),
        ],
        "record_id, first_seen_at, resolved_at, resolution",
    )

    assert found == [("became-one", LOADS[1], None, None), ("ceased", BORN, LOADS[1], "not_due")]


def test_a_record_without_a_birthday_counts_from_its_first_delivery(area: QualityArea) -> None:
    undated: Values = {"industry": None, "created_at": None}

    found = violations(
        area,
        Rule("industry", "accounts", "industry", grace_days=1),
        [record("accounts", "a1", undated, undated, undated)],
        "first_seen_at",
    )

    assert found == [(datetime(2025, 2, 11, 20),)]  # noqa: DTZ001


def test_a_record_of_after_the_day_is_not_there_yet(area: QualityArea) -> None:
    unborn: Values = {"industry": None, "created_at": "2025-05-01 00:00:00"}

    found = violations(
        area,
        Rule("industry", "accounts", "industry"),
        [record("accounts", "a1", unborn, unborn, unborn)],
        "record_id",
    )

    assert found == []

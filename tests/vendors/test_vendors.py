"""HubSpot, Salesforce and Koban: what their APIs tell lands whole, their traps included."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from companies import ROOT
from crm_apis import CONTACTS, DEALS, KOBAN, STAGES, HubSpot, Salesforce
from loopback import Answer, Api, Asked

from ingest.contract import read_source
from ingest.cursors import Reach, Wanted
from ingest.errors import DeliveryError
from ingest.fetching import fetch
from ingest.loads import load_table
from ingest.tables import Source
from ingest.vendors.salesforce import soql

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


class Lake:
    """Deliveries and lake of one test."""

    def __init__(self, home: Path) -> None:
        self.home, self.at = home, NOON

    def source(self, name: str) -> Source:
        path = ROOT / f"dbt_project/models/staging/{name}/_{name}__sources.yml"
        return read_source(path)

    def fetched(self, name: str) -> dict[str, tuple[int, int]]:
        """Fetch and land: table -> rows delivered, rows loaded. Nothing may be refused."""
        self.at += timedelta(days=1)
        source, places = self.source(name), (self.home / "deliveries", self.home / "lake")
        fetch(source, *places, lambda: self.at)
        counted = {}
        for table in source.tables:
            (load,) = load_table(source, table, *places)
            assert (load.quarantined_rows, load.notes) == (0, ())
            counted[table.name] = (load.delivered_rows, load.loaded_rows)
        return counted

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        files = self.home / "lake" / "raw" / table / "*.parquet"
        with duckdb.connect() as con:
            return con.execute(
                f"select {columns} from read_parquet('{files}', union_by_name=true) order by all"
            ).fetchall()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


@pytest.fixture
def hubspot(apis: dict[str, Api]) -> HubSpot:
    script = apis["hubspot"].script
    assert isinstance(script, HubSpot)
    return script


@pytest.fixture
def salesforce(apis: dict[str, Api]) -> Salesforce:
    script = apis["salesforce"].script
    assert isinstance(script, Salesforce)
    return script


def test_hubspot_lands_whole_page_by_page_and_through_a_limit(lake: Lake) -> None:
    first = lake.fetched("hubspot")
    assert {name: rows for name, (rows, _) in first.items()} == {
        "owners": 2, "deal_stages": 3, "companies": 2, "contacts": 5, "deals": 4,
        "deal_changes": 4, "engagements": 1,
    }  # fmt: skip
    assert {loaded for name, (_, loaded) in lake.fetched("hubspot").items()} == {0}


def test_a_deal_belongs_to_its_primary_company(lake: Lake) -> None:
    lake.fetched("hubspot")
    assert lake.rows("hubspot/deals", "id, company_id, is_archived") == [
        ("101", "32", False),
        ("102", None, False),
        ("103", None, False),
        ("104", None, True),
    ]


def test_history_is_put_in_order_and_names_owners(lake: Lake) -> None:
    """HubSpot tells it newest first, by user; a merge is told by the survivor."""
    lake.fetched("hubspot")
    columns = "deal_id, property, position, value_before, value, user_id, owner_id"
    assert lake.rows("hubspot/deal_changes", columns) == [
        ("101", "closedate", 1, None, "2025-03-31T22:30:00Z", "901", "8"),
        ("101", "dealstage", 1, None, "S1", "901", "8"),
        ("101", "dealstage", 2, "S1", "S2", "900", "7"),
        ("99", "merged_into_id", 1, None, "101", "900", "7"),
    ]


def test_a_deleted_stage_keeps_its_name_in_the_lake(lake: Lake, hubspot: HubSpot) -> None:
    lake.fetched("hubspot")
    hubspot.stages = STAGES[1:]
    lake.fetched("hubspot")
    assert lake.rows("hubspot/deal_stages", "id, label, _op")[:2] == [
        ("S1", "First talk", "delete"),
        ("S1", "First talk", "upsert"),
    ]


def test_a_search_of_more_than_it_may_tell_goes_on_where_it_ended(
    lake: Lake, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.fetched("hubspot")
    monkeypatch.setattr("ingest.vendors.hubspot.MOST_FOUND", 4)
    hubspot.search_limit = 4
    hubspot.objects["contacts"] = [
        one | {"id": str(700 + n), "properties": {
            **one["properties"], "lastmodifieddate": f"2025-02-01T09:0{n // 2}:00Z"}}
        for n, one in enumerate(CONTACTS * 2)
    ]  # fmt: skip
    assert lake.fetched("hubspot")["contacts"] == (10, 10)
    hubspot.objects["contacts"] = [
        one | {"id": str(800 + n), "properties": {
            **one["properties"], "lastmodifieddate": "2025-02-09T09:00:00Z"}}
        for n, one in enumerate(CONTACTS)
    ]  # fmt: skip
    with pytest.raises(DeliveryError, match="more than 4 contacts changed at 2025-02-09T09:00:00Z"):
        lake.fetched("hubspot")


def test_a_change_while_a_search_is_read_skips_nobody_in_silence(
    lake: Lake, hubspot: HubSpot
) -> None:
    """A contact that was read changes before the second page: it moves to the end, the third one
    moves up to the first page."""
    lake.fetched("hubspot")
    changed = [
        CONTACTS[0] | {"id": str(700 + n), "properties": {
            **CONTACTS[0]["properties"], "lastmodifieddate": f"2025-02-02T0{n}:00:00Z"}}
        for n in range(6)
    ]  # fmt: skip
    hubspot.objects["contacts"] = changed

    def change_the_first() -> None:
        moved = {**changed[0]["properties"], "lastmodifieddate": "2025-02-02T09:00:00Z"}
        hubspot.objects["contacts"] = [changed[0] | {"properties": moved}, *changed[1:]]

    hubspot.between_search_pages = change_the_first
    with pytest.raises(DeliveryError, match="so that 700 came twice and another may have been"):
        lake.fetched("hubspot")
    assert lake.fetched("hubspot")["contacts"] == (6, 6)


def test_a_contact_that_is_added_while_a_search_is_read_is_found_too(
    lake: Lake, hubspot: HubSpot
) -> None:
    lake.fetched("hubspot")

    def added(number: int) -> dict[str, Any]:
        changed = f"2025-02-02T0{number}:00:00Z"
        properties = {**CONTACTS[0]["properties"], "lastmodifieddate": changed}
        return CONTACTS[0] | {"id": str(700 + number), "properties": properties}

    hubspot.objects["contacts"] = [added(0), added(1), added(2)]
    hubspot.between_search_pages = lambda: hubspot.objects["contacts"].append(added(3))
    assert lake.fetched("hubspot")["contacts"] == (4, 4)


def test_increments_do_not_empty_what_a_search_does_not_tell(lake: Lake) -> None:
    source = lake.source("hubspot")
    deals = source.table("deals")
    increments = replace(deals.terms, mode="incremental", cursor="changed_at")
    source = replace(source, tables=(replace(deals, terms=increments),))
    with pytest.raises(DeliveryError, match="a search of HubSpot does not tell company_id"):
        fetch(source, lake.home / "deliveries", lake.home / "lake", lambda: NOON)


def test_increments_by_days_are_refused_before_there_is_one(lake: Lake) -> None:
    source = lake.source("hubspot")
    contacts = source.table("contacts")
    days = tuple(
        replace(column, data_type="date") if column.name == contacts.terms.cursor else column
        for column in contacts.columns
    )
    source = replace(source, tables=(replace(contacts, columns=days),))
    with pytest.raises(
        DeliveryError, match=r"begins at an instant, but the cursor \w+ is declared as date"
    ):
        fetch(source, lake.home / "deliveries", lake.home / "lake", lambda: NOON)


def test_a_property_that_the_portal_does_not_have_is_no_empty_column(
    lake: Lake, hubspot: HubSpot
) -> None:
    """HubSpot leaves out in silence what it does not know."""
    hubspot.objects["deals"] = [
        one | {"properties": {k: v for k, v in one["properties"].items() if k != "amount"}}
        for one in DEALS
    ]
    with pytest.raises(DeliveryError, match="none of 4 items has 'amount'"):
        lake.fetched("hubspot")


def test_a_lost_scope_is_told(lake: Lake, apis: dict[str, Api], hubspot: HubSpot) -> None:
    def script(asked: Asked) -> Answer:
        told = {"status": "error", "category": "MISSING_SCOPES", "message": "no scope"}
        return Answer(told, 403) if "contacts" in asked.path else hubspot(asked)

    apis["hubspot"].script = script
    with pytest.raises(DeliveryError, match=r"HTTP 403 of http://127.*/contacts") as refusal:
        lake.fetched("hubspot")
    assert "MISSING_SCOPES" in refusal.value.for_terminal()


def test_salesforce_lands_whole_the_bin_included(lake: Lake, salesforce: Salesforce) -> None:
    counted = lake.fetched("salesforce")
    assert {name: rows for name, (rows, _) in counted.items()} == {
        "users": 2, "accounts": 2, "contacts": 1, "opportunities": 2,
        "opportunity_field_history": 2, "opportunity_history": 3, "tasks": 1, "events": 1,
    }  # fmt: skip
    columns = "id, amount::varchar, probability::varchar, close_date::varchar, is_deleted"
    assert lake.rows("salesforce/opportunities", columns) == [
        ("006A", "24120.10", "100.00", "2025-03-31", False),
        ("006B", None, "10.00", "2025-12-31", True),
    ]
    salesforce.queries.clear()
    assert {loaded for _, loaded in lake.fetched("salesforce").values()} == {0}
    (query,) = [one for one in salesforce.queries if "from Account" in one]
    assert query.endswith("where SystemModstamp >= 2025-02-01T09:55:00Z")


def test_a_formula_is_not_read_by_increments(lake: Lake, salesforce: Salesforce) -> None:
    salesforce.formulas = ("Rating",)
    with pytest.raises(DeliveryError, match="rating is a formula"):
        lake.fetched("salesforce")


def test_a_field_that_salesforce_does_not_show_is_named(lake: Lake, salesforce: Salesforce) -> None:
    for row in (rows := [dict(row) for row in salesforce.records["Contact"]]):
        del row["Phone"]
    salesforce.records["Contact"] = rows
    with pytest.raises(DeliveryError, match=r"HTTP 400 of http://127.*/query") as refusal:
        lake.fetched("salesforce")
    assert "No such column 'Phone' on entity 'Contact'" in refusal.value.for_terminal()


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (date(2025, 1, 31), "2025-01-31"),
        (datetime(2025, 1, 31, 12, tzinfo=UTC), "2025-01-31T12:00:00Z"),
        (4711, "4711"),
    ],
)
def test_a_query_begins_at_a_day_an_instant_or_a_number(
    lake: Lake, value: date | datetime | int, literal: str
) -> None:
    table = next(t for t in lake.source("salesforce").tables if t.terms.mode == "incremental")
    cursor = table.column(table.terms.cursor).path
    assert soql(Wanted(table, Reach(value))).endswith(f" where {cursor} >= {literal}")


def test_a_query_that_ends_early_is_noticed(lake: Lake, apis: dict[str, Api]) -> None:
    whole = apis["salesforce"].script

    def script(asked: Asked) -> Answer:
        answer = whole(asked)
        if isinstance(answer.document, dict):
            answer.document.pop("nextRecordsUrl", None)
        return answer

    apis["salesforce"].script = script
    with pytest.raises(DeliveryError, match="has 2 items, but gave 1"):
        lake.fetched("salesforce")


def test_koban_lands_whole_and_then_what_changed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lake.fetched("koban") == {"users": (1, 1), "thirds": (1, 1), "deals": (3, 3)}
    changed = {**KOBAN["ncDeal"][0], "Ratio": 60, "UpdatedDate": "2025-01-09T08:00:00Z"}
    monkeypatch.setitem(KOBAN, "ncDeal", [changed, *KOBAN["ncDeal"][1:]])
    assert lake.fetched("koban")["deals"] == (2, 1)

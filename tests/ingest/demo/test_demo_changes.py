"""The CRM's audit log is complete: it chains, and it ends in the exported state."""

from demo_company import Company, Row

TRACKED = (
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


def changes(company: Company) -> list[Row]:
    rows = list(company.latest("crm", "opportunity_changes").values())
    return sorted(rows, key=lambda row: int(row["sequence"]))


def test_each_change_starts_from_the_value_before_it(company: Company) -> None:
    value: dict[tuple[str, str], str] = {}
    for row in changes(company):
        cell = (row["opportunity_id"], row["field"])
        assert row["old_value"] == value.get(cell, "")
        assert row["new_value"] != row["old_value"]
        value[cell] = row["new_value"]
    assert {field for _, field in value} == set(TRACKED)


def test_sequence_follows_typing_and_the_deals_own_time(company: Company) -> None:
    rows = changes(company)
    assert [int(row["sequence"]) for row in rows] == list(range(1, len(rows) + 1))
    typed = [row["entered_at"] for row in rows]
    assert typed == sorted(typed)
    last: dict[str, str] = {}
    for row in rows:
        assert row["changed_at"] <= row["entered_at"]
        assert row["changed_at"] >= last.get(row["opportunity_id"], "")
        last[row["opportunity_id"]] = row["changed_at"]


def test_values_at_creation_have_a_change_at_the_instant_of_creation(company: Company) -> None:
    created = {
        (row["opportunity_id"], row["field"])
        for row in changes(company)
        if row["old_value"] == "" and row["changed_at"] == row["entered_at"]
    }
    opportunities = company.latest("crm", "opportunities")
    always = ("stage", "amount", "currency", "probability", "close_date", "owner_id", "is_deleted")
    assert all((one, field) in created for (one,) in opportunities for field in always)


def test_the_log_ends_in_the_exported_state_at_every_extraction(company: Company) -> None:
    exported: dict[str, Row] = {}
    logged: dict[str, Row] = {}
    log = {one.extracted_at: one.rows for one in company.deliveries("crm", "opportunity_changes")}
    checked = 0
    for delivered in company.deliveries("crm", "opportunities"):
        exported |= {row["id"]: row for row in delivered.rows}
        touched = set()
        for row in log.pop(delivered.extracted_at):
            logged.setdefault(row["opportunity_id"], {})[row["field"]] = row["new_value"]
            touched.add(row["opportunity_id"])
        assert touched == {row["id"] for row in delivered.rows}
        for one, row in exported.items():
            assert {field: logged[one].get(field, "") for field in TRACKED} == {
                field: row[field] for field in TRACKED
            }
            checked += 1
    assert log == {}
    assert checked > 10_000


def test_closed_at_is_the_last_close_and_close_date_its_day(company: Company) -> None:
    closed: dict[str, str] = {}
    for row in changes(company):
        if row["field"] == "stage":
            is_closed = row["new_value"].startswith("closed_")
            closed[row["opportunity_id"]] = row["changed_at"] if is_closed else ""
    for row in company.latest("crm", "opportunities").values():
        assert row["closed_at"] == closed[row["id"]]
        if row["closed_at"]:
            assert row["close_date"] == row["closed_at"][:10]


def test_the_life_of_deals_has_what_real_ones_have(company: Company) -> None:
    order = ["qualification", "discovery", "proposal", "negotiation", "closed_won", "closed_lost"]
    rows = changes(company)
    moves = [
        (order.index(row["old_value"]), order.index(row["new_value"]))
        for row in rows
        if row["field"] == "stage" and row["old_value"]
    ]
    later = [row for row in rows if row["old_value"]]
    seen = {
        "skipped": sum(new < 4 and new - old > 1 for old, new in moves),
        "backward": sum(old < 4 and new < old for old, new in moves),
        "reopened": sum(old == 5 and new == 3 for old, new in moves),
        "transferred": sum(row["field"] == "owner_id" for row in later),
        "by the system": sum(row["changed_by"] == "system" for row in later),
        "emptied": sum(row["new_value"] == "" for row in later),
        "late": sum(row["changed_at"] != row["entered_at"] for row in rows),
        "deleted": sum(row["field"] == "is_deleted" and row["new_value"] == "true" for row in rows),
        "merged": sum(row["field"] == "merged_into_id" for row in rows),
        "placeholders": sum(row["new_value"] in ("n/a", "-", "test", "?") for row in rows),
    }
    assert [name for name, count in seen.items() if not count] == []


def test_a_merged_deal_is_in_the_bin_and_its_survivor_is_not(company: Company) -> None:
    opportunities = {row["id"]: row for row in company.latest("crm", "opportunities").values()}
    merged = [row for row in opportunities.values() if row["merged_into_id"]]
    assert len(merged) >= 3
    for row in merged:
        survivor = opportunities[row["merged_into_id"]]
        assert row["is_deleted"] == "true"
        assert survivor["is_deleted"] == "false"
        assert survivor["account_id"] == row["account_id"]

"""One company on HubSpot, Salesforce and Koban at once: its deals in the conformed entities."""

from pathlib import Path

import pytest
from companies import Company, found_company

ENTITIES = ("opportunities", "opportunity_changes", "accounts", "contacts", "reps", "activities")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """The company after fetch, ingest and the conformed entities."""
    made = found_company(tmp_path, "threecrm", "hubspot", "salesforce", "koban")
    models = [f"+int_{entity}_conformed" for entity in ENTITIES]
    told = made.call("fetch") + made.call("ingest")
    told += made.call("dbt", "--", "run", "-s", *models, "stg_hubspot__stage_names")
    assert "t0ken" not in told
    return made


def test_three_crms_feed_the_conformed_entities(company: Company) -> None:
    rows = company.rows
    opportunities = (
        "source_name, opportunity_id, account_id, rep_id, stage_id, amount_doc::varchar,"
        " win_probability::varchar, expected_close_date::varchar, is_deleted, closed_at::varchar"
    )
    assert rows("opportunities", opportunities) == [
        # 22:30 in UTC is the day after in Paris.
        ("hubspot", "101", "32", "7", "s2", "1200.50", "0.400000", "2025-04-01", False, None),
        ("hubspot", "102", None, "8", "won", "90.00", "1.000000", "2025-02-10", False,
         "2025-02-10 09:00:00"),
        ("hubspot", "103", None, "8", "s1", None, "0.100000", None, False, None),
        ("hubspot", "104", None, "7", "s1", "5.00", "0.100000", None, True, None),
        ("koban", "k1", "t1", "u1", "offer", "10.25", "0.400000", "2025-06-30", False, None),
        ("koban", "k2", "t1", "u1", "offer", "10.25", "0.400000", "2025-06-30", False, None),
        ("koban", "k3", "t1", "u1", "offer", "10.25", "0.400000", "2025-06-30", False, None),
        ("salesforce", "006A", "001A", "005000000000002AAA", "closed won", "24120.10",
         "1.000000", "2025-03-31", False, "2025-02-01 10:00:00"),
        ("salesforce", "006B", "001A", "005000000000001AAA", "qualify", None, "0.100000",
         "2025-12-31", True, None),
    ]  # fmt: skip
    changes = "opportunity_id, field, old_value, new_value, changed_by"
    user, other = "005000000000001AAA", "005000000000002AAA"
    assert rows("opportunity_changes", changes) == [
        ("006A", "amount_doc", None, "24120.10", user),
        ("006A", "expected_close_date", None, "2025-03-31", user),
        ("006A", "forecast_category", "best_case", "closed", user),
        ("006A", "forecast_category", "pipeline", "best_case", user),
        ("006A", "forecast_category", None, "pipeline", user),
        ("006A", "rep_id", user, other, user),
        ("006A", "salesforce.Owner", "Cleo", "Dan", user),
        ("006A", "stage_id", "qualify", "closed won", user),
        ("006A", "stage_id", None, "qualify", user),
        ("006A", "win_probability", "0.100000", "1.000000", user),
        ("006A", "win_probability", None, "0.100000", user),
        ("101", "expected_close_date", None, "2025-04-01", "8"),
        ("101", "stage_id", "s1", "s2", "7"),
        ("101", "stage_id", None, "s1", "8"),
        ("99", "merged_into_id", None, "101", "7"),
    ]
    # The account that was merged away lies in the bin.
    assert rows("accounts", "source_name, account_id") == [
        ("hubspot", "31"), ("hubspot", "32"), ("koban", "t1"), ("salesforce", "001A"),
    ]  # fmt: skip
    assert rows("reps", "source_name, rep_name, team") == [
        ("hubspot", "Ada L", "North"),
        ("hubspot", "Bob M", None),
        ("koban", "Eve", "West"),
        ("salesforce", "Cleo", "South"),
        ("salesforce", "Dan", "South"),
    ]
    activities = "source_name, opportunity_id, activity_type, activity_status, minutes"
    assert rows("activities", activities) == [
        ("hubspot", "101", "meeting", "no_show", 45),
        ("salesforce", "006A", "call", "held", 10),
        ("salesforce", None, "meeting", None, 30),
    ]
    assert len(rows("contacts", "contact_id")) == 6

"""The deliveries are what the declarations say, consistent at every extraction."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from demo_company import Company, key

STAGING = Path(__file__).parents[3] / "dbt_project/models/staging"
TOOLS = ("crm", "invoicing", "marketing")
FORWARD_LOOKING = {"planned_at", "due_on", "close_date", "month", "hired_on"}
"""Columns that may speak of days after the extraction."""
TYPES = {
    "bigint": r"-?\d+",
    "boolean": r"true|false|True|False",
    "date": r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}",
    "timestamp": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\+00:00)?",
    "varchar": r"(?s).+",
}


def declared(tool: str) -> dict[str, dict]:
    text = (STAGING / tool / f"_{tool}__sources.yml").read_text(encoding="utf-8")
    return {table["name"]: table for table in yaml.safe_load(text)["sources"][0]["tables"]}


def pattern(data_type: str) -> re.Pattern[str]:
    scale = re.fullmatch(r"decimal\(\d+,(\d+)\)", data_type)
    return re.compile(rf"-?\d+[.,]\d{{{scale[1]}}}" if scale else TYPES[data_type])


@pytest.mark.parametrize("tool", TOOLS)
def test_every_declared_table_is_delivered_and_no_other(company: Company, tool: str) -> None:
    assert company.tables(tool) == set(declared(tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_columns_and_values_are_as_declared(company: Company, tool: str) -> None:
    for table, declaration in declared(tool).items():
        types = {column["name"]: column["data_type"] for column in declaration["columns"]}
        patterns = {name: pattern(data_type) for name, data_type in types.items()}
        for delivered in company.deliveries(tool, table):
            assert list(delivered.rows[0]) == list(types), delivered.path
            for row in delivered.rows:
                odd = {n: v for n, v in row.items() if v and not patterns[n].fullmatch(v)}
                assert odd == {}, delivered.path


@pytest.mark.parametrize("tool", TOOLS)
def test_keys_are_unique_within_each_delivery(company: Company, tool: str) -> None:
    for table in company.tables(tool):
        for delivered in company.deliveries(tool, table):
            keys = {key(table, row) for row in delivered.rows}
            assert len(keys) == len(delivered.rows), delivered.path


def test_a_few_accounts_change_their_segment_in_the_daily_deliveries(company: Company) -> None:
    segments: dict[str, set[str]] = {}
    for delivered in company.deliveries("crm", "accounts"):
        for row in delivered.rows:
            segments.setdefault(row["id"], set()).add(row["segment"])
    moved = [account for account, found in segments.items() if len(found) > 1]
    assert 3 <= len(moved) <= len(segments) / 20


def test_full_tables_come_every_day_and_the_others_after_a_full_export(company: Company) -> None:
    for tool in TOOLS:
        for table, declaration in declared(tool).items():
            delivered = company.deliveries(tool, table)
            assert delivered[0].extracted_at.startswith("2025-12-17")
            if declaration["config"]["meta"]["delivery"]["mode"] == "full":
                assert len(delivered) == 15, table
    assert company.deliveries("crm", "opportunities")[-1].extracted_at == "2025-12-31 21:30:00"


@pytest.mark.parametrize("tool", TOOLS)
def test_daily_deliveries_hold_only_what_changed(company: Company, tool: str) -> None:
    for table, declaration in declared(tool).items():
        if declaration["config"]["meta"]["delivery"]["mode"] == "full":
            continue
        known: dict[tuple[str, ...], dict[str, str]] = {}
        for delivered in company.deliveries(tool, table):
            for row in delivered.rows:
                assert known.get(key(table, row)) != row, (delivered.path, row)
                known[key(table, row)] = row


def test_rows_say_that_they_were_updated_since_the_delivery_before(company: Company) -> None:
    for table in ("contacts", "leads", "opportunities", "quotes", "activities"):
        delivered = company.deliveries("crm", table)
        days = [f"2025-12-{day} 21:30:00" for day in range(17, 32)]
        assert {one.extracted_at for one in delivered} <= set(days)
        for one in delivered[1:]:
            before = days[days.index(one.extracted_at) - 1]
            assert all(before <= row["updated_at"] < one.extracted_at for row in one.rows)


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_is_delivered_before_it_happened(company: Company, tool: str) -> None:
    for table, declaration in declared(tool).items():
        past = [
            column["name"]
            for column in declaration["columns"]
            if column["data_type"] in ("date", "timestamp")
            and column["name"] not in FORWARD_LOOKING
        ]
        for delivered in company.deliveries(tool, table):
            for row in delivered.rows:
                for name in past:
                    value = re.sub(r"(\d\d)/(\d\d)/(\d{4})", r"\3-\2-\1", row[name])
                    assert value[:19] < delivered.extracted_at, (delivered.path, name)


REFERENCES = {
    ("crm", "reps"): {"manager_id": "reps"},
    ("crm", "accounts"): {"owner_id": "reps"},
    ("crm", "contacts"): {"account_id": "accounts"},
    ("crm", "leads"): {
        "owner_id": "reps",
        "account_id": "accounts",
        "opportunity_id": "opportunities",
        "merged_into_id": "leads",
        "campaign_id": "campaigns",
    },
    ("crm", "opportunities"): {
        "account_id": "accounts",
        "contact_id": "contacts",
        "owner_id": "reps",
        "lead_id": "leads",
        "merged_into_id": "opportunities",
        "campaign_id": "campaigns",
    },
    ("crm", "opportunity_changes"): {"opportunity_id": "opportunities"},
    ("crm", "quotes"): {"opportunity_id": "opportunities"},
    ("crm", "activities"): {
        "owner_id": "reps",
        "account_id": "accounts",
        "opportunity_id": "opportunities",
        "contact_id": "contacts",
        "moved_to_id": "activities",
    },
    ("crm", "qualification_answers"): {"opportunity_id": "opportunities", "answered_by": "reps"},
    ("crm", "objectives"): {"rep_id": "reps"},
    ("crm", "forecast_submissions"): {"rep_id": "reps"},
    ("invoicing", "orders"): {
        "opportunity_id": "opportunities",
        "account_id": "accounts",
        "rep_id": "reps",
    },
    ("invoicing", "invoices"): {"order_id": "orders", "account_id": "accounts", "rep_id": "reps"},
    ("invoicing", "invoice_lines"): {"invoice_id": "invoices", "product_id": "products"},
    ("invoicing", "credit_notes"): {
        "invoice_id": "invoices",
        "product_id": "products",
        "account_id": "accounts",
    },
    ("invoicing", "payments"): {"invoice_id": "invoices"},
    ("marketing", "campaign_days"): {"campaign_id": "campaigns"},
    ("marketing", "page_visits"): {"lead_id": "leads", "campaign_id": "campaigns"},
    ("marketing", "email_events"): {"campaign_id": "campaigns", "contact_id": "contacts"},
    ("marketing", "quote_views"): {"quote_id": "quotes"},
}


def test_every_reference_is_known_by_the_end_of_its_day(company: Company) -> None:
    first_seen: dict[str, dict[str, str]] = {}
    for tool in TOOLS:
        for table in company.tables(tool):
            seen = first_seen.setdefault(table, {})
            for delivered in company.deliveries(tool, table):
                for row in delivered.rows:
                    seen.setdefault(row.get("id", ""), delivered.extracted_at[:10])
    for (tool, table), references in REFERENCES.items():
        for delivered in company.deliveries(tool, table):
            for name, target in references.items():
                named = {row[name] for row in delivered.rows if row[name]}
                day = delivered.extracted_at[:10]
                late = {one for one in named if first_seen[target].get(one, "never") > day}
                assert late == set(), (delivered.path, name)


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_lines_add_up_to_invoices_and_invoices_to_orders(company: Company) -> None:
    invoices = company.latest("invoicing", "invoices")
    orders = company.latest("invoicing", "orders")
    lines = company.latest("invoicing", "invoice_lines").values()
    by_invoice = dict.fromkeys((invoice for (invoice,) in invoices), Decimal(0))
    for line in lines:
        amount = number(line["amount_net"])
        assert number(line["quantity"]) * number(line["unit_price"]) == amount
        by_invoice[line["invoice_id"]] += amount
    by_order: dict[str, Decimal] = {}
    final = set()
    for invoice in invoices.values():
        assert by_invoice[invoice["id"]] == number(invoice["amount_net"])
        order = invoice["order_id"]
        by_order[order] = by_order.get(order, Decimal(0)) + number(invoice["amount_net"])
        final |= {order} if invoice["kind"] == "invoice" else set()
    assert len(final) > 1000
    assert all(by_order[order] == number(orders[(order,)]["amount_net"]) for order in final)


def test_deposits_are_deducted_on_the_final_invoice(company: Company) -> None:
    invoices = company.latest("invoicing", "invoices")
    final = {one["order_id"]: one["id"] for one in invoices.values() if one["kind"] == "invoice"}
    deducted = {
        (line["invoice_id"], number(line["amount_net"]))
        for line in company.latest("invoicing", "invoice_lines").values()
        if number(line["quantity"]) < 0
    }
    deposits = [one for one in invoices.values() if one["kind"] == "deposit"]
    settled = [one for one in deposits if one["order_id"] in final]
    assert len(settled) > 20
    for deposit in settled:
        assert (final[deposit["order_id"]], -number(deposit["amount_net"])) in deducted


def test_no_invoice_is_paid_twice(company: Company) -> None:
    owed = {
        invoice["id"]: number(invoice["amount_net"]) + number(invoice["amount_tax"])
        for invoice in company.latest("invoicing", "invoices").values()
    }
    for payment in company.latest("invoicing", "payments").values():
        owed[payment["invoice_id"]] -= number(payment["amount"])
    assert min(owed.values()) >= 0


def test_mails_bounce_only_where_the_person_has_left(company: Company) -> None:
    left = {row["id"]: row["left_company_on"] for row in company.latest("crm", "contacts").values()}
    events = company.latest("marketing", "email_events").values()
    bounced = [row for row in events if row["type"] == "hard_bounce"]
    told = [row for row in bounced if left[row["contact_id"]]]
    assert all(left[row["contact_id"]] <= row["occurred_at"][:10] for row in told)
    # The CRM hears of a departure some weeks later than the mail server.
    assert len(told) > 0.8 * len(bounced) > 0
    assert sum(row["type"] == "delivered" for row in events) > 5 * len(bounced)

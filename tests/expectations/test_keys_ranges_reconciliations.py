"""Keys, ranges and reconciliations: each fault by itself, with its exact count and its ids."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hand_made import Company, findings

OPPORTUNITIES = "intermediate.int_opportunities_conformed"
TARGETS = "intermediate.int_targets_conformed"
LINES = "intermediate.int_invoice_lines_conformed"
CREDITS = "intermediate.int_credit_notes_conformed"
BEFORE = datetime.fromisoformat("2025-12-31 22:59:59")
EARLIER = datetime.fromisoformat("2025-12-31 22:59:58")
AFTER = datetime.fromisoformat("2025-12-31 23:00:00")


def test_an_empty_warehouse_passes_with_nothing_evaluated(company: Company) -> None:
    verdicts = company.judge()
    assert {verdict.status for verdict in verdicts.values()} == {"passed"}
    assert {verdict.evaluated_count for verdict in verdicts.values()} == {0}


def test_a_key_that_is_missing_or_doubled_blocks(company: Company) -> None:
    ids = ["o1", "o2", "o2", "o3", "o3", "o3", None]
    company.add(OPPORTUNITIES, [{"opportunity_id": each, "source_name": "crm"} for each in ids])
    verdict = company.judge_one("keys__opportunities")
    assert (verdict.status, verdict.stops_publication) == ("failed", True)
    found = findings(verdict)
    # A record without a key has no name to be listed under but the empty one.
    assert found["opportunity_id/not_null"] == (7, 1, ("",))
    assert found["opportunity_id/unique"] == (6, 5, ("o2", "o3"))


def test_a_compound_key_is_judged_as_a_whole(company: Company) -> None:
    january, february = date(2025, 1, 1), date(2025, 2, 1)
    keys = [
        ("r1", "revenue", january),
        ("r1", "revenue", february),
        ("r1", "meetings", january),
        ("r2", "revenue", january),
        ("r2", "revenue", january),
        (None, "revenue", january),
        (None, "revenue", january),
    ]
    names = ("rep_id", "criterion", "month_start_date")
    company.add(TARGETS, [dict(zip(names, key, strict=True)) for key in keys])
    assert findings(company.judge_one("keys__targets")) == {
        "rep_id/not_null": (7, 2, ("|revenue|2025-01-01",)),
        "criterion/not_null": (7, 0, ()),
        "month_start_date/not_null": (7, 0, ()),
        "rep_id|criterion|month_start_date/unique": (5, 2, ("r2|revenue|2025-01-01",)),
    }


def test_values_that_cannot_be_right_warn(company: Company) -> None:
    company.add(
        OPPORTUNITIES,
        [
            {"opportunity_id": "o1", "win_probability": 0, "amount_doc": 0},
            {"opportunity_id": "o2", "win_probability": 1, "amount_doc": 1_000_000_000},
            {"opportunity_id": "o3", "win_probability": Decimal("1.000001")},
            {"opportunity_id": "o4", "win_probability": Decimal("-0.000001")},
            {"opportunity_id": "o5", "amount_doc": Decimal("1000000000.01")},
            {"opportunity_id": "o6", "amount_doc": Decimal("-0.01")},
            {"opportunity_id": "o7", "created_at": BEFORE, "closed_at": EARLIER},
            {"opportunity_id": "o8", "created_at": BEFORE, "closed_at": BEFORE},
            {"opportunity_id": "o9", "closed_at": BEFORE},
            {"opportunity_id": "o10", "win_probability": 40, "is_deleted": True},
        ],
    )
    verdict = company.judge_one("ranges__opportunities")
    assert (verdict.status, verdict.stops_publication) == ("warned", False)
    assert findings(verdict) == {
        "win_probability/within": (4, 2, ("o3", "o4")),
        "amount_doc/within": (4, 2, ("o5", "o6")),
        "closed_at/ordered": (2, 1, ("o7",)),
    }


def test_a_load_that_loses_a_row_blocks(company: Company) -> None:
    names = ("load_id", "delivered_rows", "loaded_rows", "unchanged_rows", "quarantined_rows")
    loads = [
        ("l1", 10, 5, 4, 1),
        ("l2", 10, 5, 4, 0),
        ("l3", 10, 5, 4, 2),
        ("l4", 0, 0, 0, 0),
        ("l5", 0, None, 0, 0),
    ]
    company.add("raw.loads", [dict(zip(names, load, strict=True)) for load in loads])
    verdict = company.judge_one("reconciliation__loads")
    assert (verdict.status, verdict.stops_publication) == ("failed", True)
    assert findings(verdict) == {"rows/balanced": (5, 3, ("l2", "l3", "l5"))}


def test_an_opportunity_lost_added_or_doubled_on_the_way_blocks(company: Company) -> None:
    company.add(
        OPPORTUNITIES,
        [
            {"opportunity_id": "o1", "created_at": BEFORE},
            {"opportunity_id": "o2", "created_at": BEFORE},
            {"opportunity_id": "o3", "created_at": AFTER},
            {"opportunity_id": "o4", "created_at": None},
            {"opportunity_id": "o5", "created_at": BEFORE, "is_deleted": True},
        ],
    )
    facts = ["o1", "o2", "o2", "o9"]
    company.add("marts.fct_opportunities", [{"opportunity_id": each} for each in facts])
    verdict = company.judge_one("reconciliation__opportunities")
    assert verdict.stops_publication
    # o1 balances; o3 was created at the as-of instant, so it is not one yet.
    assert findings(verdict) == {"rows/balanced": (5, 4, ("o2", "o4", "o5", "o9"))}


def test_money_is_reconciled_per_document_to_the_last_digit(company: Company) -> None:
    delivered = [
        ("l1", "d1", "10.0000"),
        ("l2", "d1", "0.0001"),
        ("l3", "d2", "5.0000"),
        ("l4", "d3", "0.0000"),
        ("l5", "d4", "7.0000"),
        ("l6", "d4", "-7.0000"),
    ]
    booked = [
        ("l1", "d1", "10.0000"),
        ("l2", "d1", "0.0000"),
        ("l3", "d2", "5.0000"),
        ("l5", "d4", "7.0000"),
        ("l6", "d4", "-7.0000"),
        ("c1-credit", "c1", "-3.5000"),
        ("c2-credit", "c2", "3.5000"),
    ]
    names = ("line_id", "document_id", "amount_doc")
    company.add(LINES, [dict(zip(names, line, strict=True)) for line in delivered])
    company.add("marts.fct_invoice_lines", [dict(zip(names, line, strict=True)) for line in booked])
    company.add(CREDITS, [{"document_id": each, "amount_doc": "3.50"} for each in ("c1", "c2")])
    assert findings(company.judge_one("reconciliation__invoice_lines")) == {
        # d3 adds up to nothing, but its line is gone.
        "lines/balanced": (6, 1, ("d3",)),
        # d1 is off by a hundredth of a cent, c2 has the wrong sign.
        "amount_doc/balanced": (6, 2, ("c2", "d1")),
    }


def test_an_activity_lasts_no_longer_than_a_day(company: Company) -> None:
    minutes = [-1, 0, 1440, 1441, None]
    company.add(
        "intermediate.int_activities_conformed",
        [{"activity_id": f"a{n}", "minutes": each} for n, each in enumerate(minutes)],
    )
    verdict = company.judge_one("ranges__activities")
    assert findings(verdict)["minutes/within"] == (4, 2, ("a0", "a3"))
    assert (verdict.status, verdict.stops_publication) == ("warned", False)


def test_a_blocking_check_without_its_table_stops_the_publication(company: Company) -> None:
    tables = {
        "reconciliation__invoice_lines": "marts.fct_invoice_lines",
        "reconciliation__opportunities": "marts.fct_opportunities",
        "reconciliation__loads": "raw.loads",
    }
    for table in tables.values():
        company.run(f"drop table {table}")
    verdicts = company.judge()
    for check, table in tables.items():
        assert (verdicts[check].status, verdicts[check].stops_publication) == (
            "not_evaluated",
            True,
        )
        assert verdicts[check].reason == f"There is no table {table}."


def test_an_instant_with_a_zone_is_the_same_instant(company: Company) -> None:
    company.add(OPPORTUNITIES, [{"opportunity_id": "o1", "created_at": BEFORE}])
    company.add(OPPORTUNITIES, [{"opportunity_id": "o2", "created_at": AFTER}])
    company.add("marts.fct_opportunities", [{"opportunity_id": "o1"}])
    naive = company.judge_one("reconciliation__opportunities")
    company.as_of_at = company.as_of_at.replace(tzinfo=UTC)
    assert company.judge_one("reconciliation__opportunities") == naive
    assert naive.status == "passed"

"""Deliveries held against the desk's thresholds: their size and their age."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hand_made import ENTITIES, Company

from expectations.planning import planned_checks
from expectations.verdicts import Verdict

NEWEST = datetime.fromisoformat("2025-12-31 13:00:00")


def judge(company: Company, *thresholds: Mapping[str, str]) -> Verdict:
    usual = {"entity": "crm.leads", "scope": "company", "severity": "warn", "owner": "data_team"}
    company.write(
        "thresholds.csv",
        *({"threshold_id": f"t{n}"} | usual | dict(t) for n, t in enumerate(thresholds)),
    )
    return company.judge_one("deliveries__crm__leads")


@pytest.fixture
def loads(company: Company) -> Company:
    """Deliveries of 100, 200 and 300 rows within a week, then one of 100; other tables beside, and
    one row that was refused at first, and a delivery that was refused whole."""
    company.run(
        "alter table raw.loads add column source_name varchar;"
        "alter table raw.loads add column table_name varchar;"
        "alter table raw.loads add column mode varchar;"
        "alter table raw.loads add column extracted_at timestamp"
    )
    past = [(100, 0), (300, 1), (200, 2), (100, 7), (9999, 8)]
    rows = [("leads", count, NEWEST - timedelta(days=days)) for count, days in past]
    rows += [("accounts", 7, NEWEST), ("leads", 1, company.as_of_at), ("leads", 1, NEWEST)]
    rows.append(("leads", 5000, NEWEST + timedelta(minutes=1)))
    company.add(
        "raw.loads",
        [
            {
                "load_id": f"l{n}",
                "source_name": "crm",
                "table_name": table,
                "delivered_rows": count,
                "loaded_rows": count,
                "unchanged_rows": 0,
                "quarantined_rows": 0,
                "mode": "replay" if n == len(rows) - 2 else "full",
                "status": "refused" if n == len(rows) - 1 else "landed",
                "extracted_at": at,
            }
            for n, (table, count, at) in enumerate(rows)
        ],
    )
    return company


# 100 rows against 200, the median of 300, 200 and 100 within seven days: a ratio of 0.5.
@pytest.mark.parametrize(
    ("limits", "failed"),
    [
        ({"minimum": "0.5", "maximum": "2"}, 0),
        ({"minimum": "0.51"}, 1),
        ({"maximum": "0.49"}, 1),
        ({"minimum": "0.51", "min_records": "200"}, 1),
    ],
)
def test_the_newest_delivery_is_held_against_the_median_of_its_window(
    loads: Company, limits: Mapping[str, str], failed: int
) -> None:
    verdict = judge(loads, {"metric": "volume", "window_days": "7"} | dict(limits))
    assert (verdict.evaluated_count, verdict.failed_count) == (1, failed)
    assert verdict.record_ids == (("crm.leads",) if failed else ())


def test_a_first_export_of_everything_is_not_what_is_usual(loads: Company) -> None:
    loads.run("update raw.loads set delivered_rows = 20000 where delivered_rows = 300")
    verdict = judge(loads, {"metric": "volume", "window_days": "7", "minimum": "0.5"})
    assert (verdict.evaluated_count, verdict.failed_count) == (1, 0)


def test_two_deliveries_do_not_say_what_is_usual(loads: Company) -> None:
    verdict = judge(loads, {"metric": "volume", "window_days": "6", "minimum": "9"})
    assert (verdict.status, verdict.evaluated_count) == ("passed", 0)


def test_too_few_records_are_no_measure(loads: Company) -> None:
    verdict = judge(
        loads, {"metric": "volume", "window_days": "7", "minimum": "9", "min_records": "201"}
    )
    assert (verdict.status, verdict.evaluated_count) == ("passed", 0)


# Ten hours since the newest delivery that was extracted before the as-of instant.
@pytest.mark.parametrize(("maximum", "failed"), [("10", 0), ("9.9", 1)])
def test_a_delivery_must_be_fresh(loads: Company, maximum: str, failed: int) -> None:
    verdict = judge(loads, {"metric": "freshness", "maximum": maximum})
    assert (verdict.evaluated_count, verdict.failed_count) == (1, failed)


def test_a_check_is_as_grave_as_what_broke(loads: Company) -> None:
    stale = {"metric": "freshness", "maximum": "1"}
    assert judge(loads, stale).status == "warned"
    fresh = {"metric": "freshness", "maximum": "99", "severity": "error"}
    assert judge(loads, stale, fresh).status == "warned"
    verdict = judge(loads, stale | {"severity": "error"}, fresh)
    assert (verdict.status, verdict.stops_publication) == ("failed", False)


@pytest.mark.parametrize(
    ("sources", "verdict"), [((), ("passed", 0, 0)), (("erp",), ("warned", 1, 1))]
)
def test_a_table_that_never_came_is_not_fresh_where_its_source_is_enabled(
    loads: Company, sources: tuple[str, ...], verdict: tuple[str, int, int]
) -> None:
    thresholds = [
        {"metric": "freshness", "maximum": "1", "entity": "erp.orders"},
        {"metric": "volume", "minimum": "1", "window_days": "7", "entity": "erp.orders"},
    ]
    usual = {"scope": "company", "severity": "warn", "owner": "x"}
    loads.write(
        "thresholds.csv", *(usual | {"threshold_id": f"t{n}"} | t for n, t in enumerate(thresholds))
    )
    found = loads.judge_one("deliveries__erp__orders", sources)
    assert (found.status, found.evaluated_count, found.failed_count) == verdict


def test_nothing_is_awaited_before_the_first_delivery(loads: Company) -> None:
    loads.run("delete from raw.loads")
    loads.write(
        "thresholds.csv",
        {"threshold_id": "t", "metric": "freshness", "maximum": "1", "entity": "crm.leads",
         "scope": "company", "severity": "warn", "owner": "x"},
    )  # fmt: skip
    assert loads.judge_one("deliveries__crm__leads", ["crm"]).evaluated_count == 0


def test_there_is_one_check_per_delivered_table(loads: Company) -> None:
    judge(loads, {"metric": "freshness", "maximum": "1"}, {"metric": "freshness", "maximum": "2"})
    planned = [each for each in planned_checks(loads.desk, ENTITIES) if each.family == "deliveries"]
    assert [(each.name, each.relation, each.blocking) for each in planned] == [
        ("deliveries__crm__leads", "raw.loads", False)
    ]

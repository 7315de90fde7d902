"""The keys that sources declare, held against what has landed in the lake."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hand_made import Company, findings

from expectations.verdicts import DeliveredTable, Verdict

Row = tuple[str, str | None, str | None, str]


@pytest.fixture
def lines(company: Company, tmp_path: Path) -> DeliveredTable:
    """A table of lines known by document and number; loads l1 to l3 are in the books, l4 comes
    at the as-of instant."""
    company.run("alter table raw.loads add column extracted_at timestamp")
    before = company.as_of_at - timedelta(microseconds=1)
    loads = {"l1": before, "l2": before, "l3": before, "l4": company.as_of_at}
    company.add("raw.loads", [{"load_id": load, "extracted_at": at} for load, at in loads.items()])
    return DeliveredTable("erp", "lines", ("document_id", "line"), tmp_path / "a lake: of ours")


def land(table: DeliveredTable, name: str, *rows: Row) -> None:
    """Write one file of the lake: load, document, line, operation."""
    table.lake_folder.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        con.execute(
            "create table rows (_load_id varchar, document_id varchar, line varchar, _op varchar)"
        )
        con.executemany("insert into rows values (?, ?, ?, ?)", rows)
        con.execute(f"copy rows to '{table.lake_folder / name}' (format parquet)")


def judged(company: Company, *tables: DeliveredTable) -> Verdict:
    return company.judge_one("delivered_keys__erp", delivered=tables)


def test_a_key_may_come_again_with_another_load_but_not_within_one(
    company: Company, lines: DeliveredTable
) -> None:
    land(lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", "2", "upsert"))
    land(lines, "2.parquet", ("l2", "d1", "1", "upsert"), ("l2", "d2", "1", "upsert"))
    assert judged(company, lines).status == "passed"

    land(lines, "3.parquet", ("l3", "d1", "1", "upsert"), ("l3", "d1", "1", "upsert"))
    verdict = judged(company, lines)
    assert (verdict.status, verdict.stops_publication) == ("failed", True)
    assert findings(verdict) == {"key/not_null": (3, 0, ()), "key/unique": (3, 1, ("l3",))}


def test_half_a_key_is_none_and_a_deletion_needs_none(
    company: Company, lines: DeliveredTable
) -> None:
    land(lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", None, "upsert"))
    land(lines, "2.parquet", ("l2", "d1", "1", "upsert"), ("l2", None, None, "delete"))
    assert findings(judged(company, lines)) == {
        "key/not_null": (2, 1, ("l1",)),
        "key/unique": (2, 0, ()),
    }


def test_what_came_after_the_instant_is_not_judged(company: Company, lines: DeliveredTable) -> None:
    land(lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l4", None, None, "upsert"))
    assert judged(company, lines).evaluated_count == 2
    assert judged(company, lines).status == "passed"


def test_a_table_that_has_not_landed_yet_is_not_judged(
    company: Company, lines: DeliveredTable
) -> None:
    verdict = judged(company, lines)
    assert (verdict.status, verdict.evaluated_count) == ("passed", 0)


def test_each_table_is_judged_by_its_own_key(company: Company, lines: DeliveredTable) -> None:
    whole = DeliveredTable("erp", "documents", ("document_id",), lines.lake_folder)
    land(lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", "2", "upsert"))
    assert findings(judged(company, lines, whole))["key/unique"] == (2, 1, ("l1",))

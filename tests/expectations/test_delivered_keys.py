"""The keys that sources declare, held against what has landed in the lake."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hand_made import Company, findings

from expectations.results import write_check_results
from expectations.verdicts import DeliveredTable, Verdict

Row = tuple[str, str | None, str | None, str]

# Load -> the file that it came of and how many seconds before the as-of instant.
LOADS = {"l1": ("1.csv", 3), "l2": ("2.csv", 2), "l3": ("3.csv", 1), "l4": ("4.csv", 0)}


@pytest.fixture
def lines(company: Company, tmp_path: Path) -> DeliveredTable:
    """A table of lines known by document and number; loads l1 to l3 are in the books, l4 comes
    at the as-of instant."""
    for column in ("source_name", "table_name", "source_file", "mode"):
        company.run(f"alter table raw.loads add column {column} varchar")
    company.run("alter table raw.loads add column extracted_at timestamp")
    company.run("alter table raw.loads add column repeated_rows bigint")
    for load in LOADS:
        book(company, load)
    return DeliveredTable("erp", "lines", ("document_id", "line"), tmp_path / "a lake: of ours")


def book(company: Company, load: str, mode: str = "incremental", file: str = "") -> None:
    """Enter a load into the books."""
    of_load, seconds = LOADS[load]
    at = company.as_of_at - timedelta(seconds=seconds)
    row = {"load_id": load, "source_name": "erp", "table_name": "lines", "extracted_at": at}
    company.run(f"delete from raw.loads where load_id = '{load}'")
    company.add("raw.loads", [row | {"mode": mode, "source_file": file or of_load}])


def land(
    company: Company, table: DeliveredTable, name: str, *rows: Row, file: str = "", at: str = ""
) -> None:
    """Write one file of the lake: load, document, line, operation; at: said again of that load."""
    table.lake_folder.mkdir(exist_ok=True)
    landed = []
    for row in rows:
        of_load, seconds = LOADS[at or row[0]]
        extracted_at = company.as_of_at - timedelta(seconds=seconds)
        landed.append((*row, file or of_load, extracted_at))
    with duckdb.connect() as con:
        con.execute(
            "create table rows (_load_id varchar, document_id varchar, line varchar, _op varchar,"
            " _source_file varchar, _extracted_at timestamp)"
        )
        con.executemany("insert into rows values (?, ?, ?, ?, ?, ?)", landed)
        con.execute(f"copy rows to '{table.lake_folder / name}' (format parquet)")


def read(company: Company, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(company.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def judged(company: Company, *tables: DeliveredTable) -> Verdict:
    return company.judge_one("delivered_keys__erp", delivered=tables)


def test_a_key_may_come_again_with_another_load_but_not_within_one(
    company: Company, lines: DeliveredTable
) -> None:
    land(company, lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", "2", "upsert"))
    land(company, lines, "2.parquet", ("l2", "d1", "1", "upsert"), ("l2", "d2", "1", "upsert"))
    assert judged(company, lines).status == "passed"

    land(company, lines, "3.parquet", ("l3", "d1", "1", "upsert"), ("l3", "d1", "1", "upsert"))
    verdict = judged(company, lines)
    # People's data never block; the last row counts.
    assert (verdict.status, verdict.stops_publication) == ("warned", False)
    told = "erp.lines 3.csv (load l3 repeats 1)"
    assert findings(verdict) == {"key/not_null": (3, 0, ()), "key/unique": (3, 1, (told,))}
    assert read(company, verdict.findings[1].rows_query) == [(told, 1)]


def test_what_was_counted_at_landing_is_told_though_the_lake_holds_one_of_the_rows(
    company: Company, lines: DeliveredTable
) -> None:
    """The first of the two says what is known already: it is unchanged, and not written."""
    land(company, lines, "1.parquet", ("l1", "d1", "1", "upsert"))
    land(company, lines, "2.parquet", ("l2", "d1", "1", "upsert"))
    assert judged(company, lines).status == "passed"
    company.run("update raw.loads set repeated_rows = 1 where load_id = 'l2'")
    verdict = judged(company, lines)
    assert verdict.status == "warned"
    assert findings(verdict)["key/unique"] == (2, 1, ("erp.lines 2.csv (load l2 repeats 1)",))


def test_rows_said_again_of_a_later_delivery_are_not_told_twice(
    company: Company, lines: DeliveredTable
) -> None:
    """They lie with the load that made it necessary, under their own file and instant."""
    twice = ("l1", "d1", "1", "upsert")
    land(company, lines, "1.parquet", twice, twice)
    land(company, lines, "3.parquet", ("l1", "d1", "1", "upsert"), at="l3")
    company.run("update raw.loads set repeated_rows = 1 where load_id = 'l1'")
    told = ("erp.lines 1.csv (load l1 repeats 1)",)
    assert findings(judged(company, lines))["key/unique"] == (2, 1, told)


def test_half_a_key_is_none_and_a_deletion_needs_none(
    company: Company, lines: DeliveredTable
) -> None:
    land(company, lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", None, "upsert"))
    land(company, lines, "2.parquet", ("l2", "d1", "1", "upsert"), ("l2", None, None, "delete"))
    assert findings(judged(company, lines)) == {
        "key/not_null": (2, 1, ("erp.lines 1.csv (load l1)",)),
        "key/unique": (2, 0, ()),
    }


def test_what_came_after_the_instant_is_not_judged(company: Company, lines: DeliveredTable) -> None:
    land(company, lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l4", None, None, "upsert"))
    assert judged(company, lines).evaluated_count == 2
    assert judged(company, lines).status == "passed"


def test_a_table_that_has_not_landed_yet_is_not_judged(
    company: Company, lines: DeliveredTable
) -> None:
    verdict = judged(company, lines)
    assert (verdict.status, verdict.evaluated_count) == ("passed", 0)


def test_each_table_is_judged_by_its_own_key(company: Company, lines: DeliveredTable) -> None:
    whole = DeliveredTable("erp", "documents", ("document_id",), lines.lake_folder)
    land(company, lines, "1.parquet", ("l1", "d1", "1", "upsert"), ("l1", "d1", "2", "upsert"))
    assert findings(judged(company, lines, whole))["key/unique"] == (
        2, 1, ("erp.documents 1.csv (load l1 repeats 1)",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "file", "is_told"),
    [("incremental", "2.csv", True), ("incremental", "1.csv", False), ("full", "2.csv", False)],
)
def test_a_corrected_file_or_a_newer_full_export_settles_it(
    company: Company, lines: DeliveredTable, mode: str, file: str, is_told: bool
) -> None:
    twice = ("l1", "d1", "1", "upsert")
    land(company, lines, "1.parquet", twice, twice)
    land(company, lines, "2.parquet", ("l2", "d2", "1", "upsert"), file=file)
    for load in ("l3", "l4"):
        company.run(f"delete from raw.loads where load_id = '{load}'")
    book(company, "l2", mode, file)
    verdict = judged(company, lines)
    assert verdict.status == ("warned" if is_told else "passed")
    assert findings(verdict)["key/not_null"] == (2, 0, ())


def test_a_row_without_its_key_stops_publication_also_beside_a_key_that_comes_twice(
    company: Company, lines: DeliveredTable
) -> None:
    land(company, lines, "1.parquet", ("l1", "d1", None, "upsert"))
    land(company, lines, "2.parquet", ("l2", "d1", "1", "upsert"), ("l2", "d1", "1", "upsert"))
    verdict = judged(company, lines)
    assert (verdict.status, verdict.stops_publication) == ("failed", True)
    write_check_results(company.warehouse, [verdict], company.as_of_at)
    assert read(
        company,
        "select rule, severity, status, is_blocking from marts.fct_check_results order by rule",
    ) == [("not_null", "error", "failed", True), ("unique", "warn", "warned", False)]

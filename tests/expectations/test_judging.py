"""Judging leaves nothing behind: no open connection, no file, no word."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hand_made import ENTITIES, Company

from expectations.errors import ExpectationsError
from expectations.judging import judge
from expectations.planning import planned_checks
from expectations.validation import Count, Validator


def test_what_is_judged_is_what_was_planned(company: Company) -> None:
    planned = planned_checks(company.desk, ENTITIES)
    assert [check.name for check in planned] == [
        "keys__accounts",
        "keys__activities",
        "keys__contacts",
        "keys__credit_notes",
        "keys__invoice_lines",
        "keys__opportunities",
        "keys__opportunity_changes",
        "keys__reps",
        "keys__targets",
        "mandatory_fields__contacts",
        "mandatory_fields__opportunities",
        "ranges__activities",
        "ranges__opportunities",
        "reconciliation__field_violations",
        "reconciliation__invoice_lines",
        "reconciliation__loads",
        "reconciliation__opportunities",
    ]
    assert [verdict.check for verdict in company.judge().values()] == planned


def test_only_own_keys_and_reconciliations_block(company: Company) -> None:
    for check in planned_checks(company.desk, ENTITIES):
        ours = check.family in {"keys", "reconciliation"}
        assert (check.severity, check.blocking) == (("error", True) if ours else ("warn", False))


def test_only_the_checks_asked_for_are_judged(company: Company) -> None:
    checks = [check for check in planned_checks(company.desk, ENTITIES) if check.family == "ranges"]
    verdicts = judge(company.warehouse, company.desk, company.as_of_at, checks=checks)
    assert [verdict.check for verdict in verdicts] == checks


def test_planning_does_not_load_great_expectations(company: Company) -> None:
    program = (
        "import sys; from pathlib import Path; from expectations.planning import planned_checks;"
        "import expectations.judging, expectations.results;"
        "planned_checks(Path(sys.argv[1]), ['opportunities', 'contacts']);"
        "print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(company.desk)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["False", "False"]


def test_the_warehouse_opens_with_any_settings_afterwards(company: Company) -> None:
    company.judge()
    path = str(company.warehouse)
    with duckdb.connect(path, read_only=True) as con:
        tables = con.sql("show all tables").fetchall()
    assert len(tables) == 16
    with duckdb.connect(path, config={"threads": "1", "memory_limit": "1GiB"}) as con:
        con.execute("create table marts.written as select 1 as one")
    with duckdb.connect(path, config={"preserve_insertion_order": "false"}) as con:
        assert con.sql("from marts.written").fetchall() == [(1,)]


def test_the_warehouse_opens_after_a_desk_was_refused(company: Company) -> None:
    (company.desk / "stages.csv").unlink()
    with pytest.raises(ExpectationsError, match=r"stages\.csv"):
        company.judge()
    with duckdb.connect(str(company.warehouse)) as con:
        con.execute("create table marts.written as select 1 as one")


def test_judging_is_silent_and_writes_no_file(
    company: Company,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    before = company.warehouse.read_bytes()
    company.judge()
    assert capfd.readouterr() == ("", "")
    assert list(home.rglob("*")) == []
    assert company.warehouse.read_bytes() == before
    assert [path.name for path in company.warehouse.parent.glob("work*")] == ["work.duckdb"]


def test_a_path_may_hold_what_paths_hold(tmp_path: Path) -> None:
    company = Company(tmp_path / "a b%20c $HOME's é #1")
    assert {verdict.status for verdict in company.judge().values()} == {"passed"}


def test_neither_time_zone_nor_threads_change_a_verdict(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.run(
        "insert into intermediate.int_opportunities_conformed (opportunity_id, created_at)"
        " select 'o' || i, timestamp '2025-12-31 18:00:00' + to_hours(i::int) from range(10) r(i)"
    )
    verdicts = company.judge()
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert company.judge() == verdicts


def test_counts_that_disagree_are_a_fault_of_ours(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.run("insert into raw.loads values ('l1', 2, 1, 0, 0, 0, 'landed')")
    real = Validator.count

    def one_more(validator: Validator, suite: object) -> list[Count]:
        counts = real(validator, suite)
        return [Count(c.evaluated, c.failed + (c.failed > 0)) for c in counts]

    monkeypatch.setattr(Validator, "count", one_more)
    with pytest.raises(ExpectationsError, match="counts 2 rows that break a rule, plain SQL"):
        company.judge()


def test_a_table_that_lacks_a_column_is_not_evaluated(company: Company) -> None:
    company.run("alter table intermediate.int_invoice_lines_conformed drop amount_doc")
    company.run("alter table intermediate.int_opportunities_conformed drop win_probability")
    verdicts = company.judge()
    money = verdicts["reconciliation__invoice_lines"]
    assert (money.status, money.stops_publication) == ("not_evaluated", True)
    assert "amount_doc" in money.reason
    ranges = verdicts["ranges__opportunities"]
    assert (ranges.status, ranges.stops_publication) == ("not_evaluated", False)
    assert "win_probability" in ranges.reason
    assert verdicts["keys__opportunities"].status == "passed"

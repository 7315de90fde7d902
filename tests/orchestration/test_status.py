"""`pilotage status`: at any time, of whatever is there, and nobody's data in it."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from tiny_company import EXPORT, land

from orchestration.company import find_company
from orchestration.journal import journaled
from orchestration.lock import sole_writer
from serving.publication import publish

ANNA = "anna@example.com"
PILOTAGE = Path(sys.executable).with_name("pilotage")


@pytest.fixture
def status(call_pilotage, bare_tiny):
    """Ask for it; returns exit code and the document."""

    def asked() -> tuple[int, dict]:
        told = call_pilotage(bare_tiny.home, "status", "--company", str(bare_tiny.folder), "--json")
        assert told.stderr == ""
        return told.returncode, json.loads(told.stdout)

    return asked


def publish_one_mart(tiny) -> None:
    with duckdb.connect(str(tiny.data / "work.duckdb")) as connection:
        connection.execute(
            """
            create schema if not exists marts;
            create or replace table marts.fct_deals as select 'd1' as deal_id;
            create or replace table marts.fct_check_results as
            select 'keys' as check_name, 'passed' as status, true as is_blocking
            """
        )
    publish(
        tiny.data / "work.duckdb",
        tiny.data / "published",
        company="tiny",
        as_of_at=datetime(2025, 1, 11),  # noqa: DTZ001 - UTC without zone
        marts=("fct_check_results", "fct_deals"),
        run_id="run-1",
    )


def test_before_the_first_run_there_is_nothing_and_nothing_is_made(
    status, bare_tiny, call_pilotage
):
    code, told = status()
    assert (code, told["runs"], told["running"], told["wrong"]) == (0, [], None, [])
    assert [told[name] for name in ("published", "alerts", "lake")] == [None, None, None]
    assert not bare_tiny.home.exists()
    text = call_pilotage(bare_tiny.home, "status", "--company", str(bare_tiny.folder)).stdout
    for line in ("runs        none yet", "published   nothing yet", "nothing has landed yet"):
        assert line in text


def test_beside_a_run_that_has_lock_and_warehouse(status, bare_tiny, monkeypatch, call_pilotage):
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    bare_tiny.deliver("2025-01-10", EXPORT)
    call_pilotage(bare_tiny.home, "ingest", "--company", str(bare_tiny.folder))
    publish_one_mart(bare_tiny)
    company = find_company(str(bare_tiny.folder))
    with (
        sole_writer(company),
        journaled(company, "2025-01-10", "run-1"),
        duckdb.connect(str(company.warehouse)),
    ):
        code, told = status()
    assert (code, told["wrong"]) == (0, [])
    assert (told["running"]["outcome"], told["running"]["as_of"]) == ("running", "2025-01-10")
    assert (told["published"]["run_id"], told["published"]["tables"]) == ("run-1", 2)
    assert told["published"]["as_of_at"] == "2025-01-11T00:00:00Z"
    lake = told["lake"]
    assert (lake["tables"], lake["loads"], lake["quarantined_rows"]) == (len(EXPORT), 6, 0)
    (age,) = told["freshness"]
    assert (age["source"], age["extracted_at"][:10]) == ("invoicing", "2025-01-10")
    code, told = status()
    assert (code, told["running"]) == (0, None)
    assert [run["outcome"] for run in told["runs"]] == ["published"]


def test_a_delivery_of_a_day_to_come_is_told(status, bare_tiny, monkeypatch):
    """By default a run stands at the day of the newest delivery."""
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    year = datetime.now(UTC).year + 1
    bare_tiny.deliver(f"{year}-01-10", EXPORT)
    land(bare_tiny)
    code, told = status()
    assert code == 1
    assert told["wrong"] == [
        "A delivery of invoicing is of a day to come: `pilotage doctor` says what to do."
    ]


def test_a_run_that_was_killed_is_told(status, bare_tiny):
    bare_tiny.deliver("2025-01-10", EXPORT)
    run = subprocess.Popen(
        [PILOTAGE, "run", "--company", str(bare_tiny.folder)],
        env={**os.environ, "PILOTAGE_HOME": str(bare_tiny.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout
    next(line for line in run.stdout if "raw_invoicing/" in line)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    code, told = status()
    assert (code, told["running"], told["runs"][0]["outcome"]) == (1, None, "killed")
    assert "The last run was killed" in told["wrong"][0]


def test_a_run_that_failed_is_told_by_the_name_of_its_error_and_by_nobodys_data(
    status, bare_tiny, call_pilotage
):
    """An address in a file's name, a cell, a column and an alert."""
    payments = ["id;invoice_id;currency;amount;paid_on", f"y1;i1;EUR;{ANNA};05/01/2025"]
    odd = [f"id;name;{ANNA}"]
    bare_tiny.deliver("2025-01-10", {**EXPORT, "payments": payments, "products": odd})
    (bare_tiny.deliveries / f"{ANNA}.csv").write_text(ANNA)
    folder = str(bare_tiny.folder)
    assert call_pilotage(bare_tiny.home, "run", "--company", folder).returncode == 2
    code, told = status()
    assert (code, told["runs"][0]["outcome"]) == (1, "failed")
    assert told["runs"][0]["error"] == "DeliveryError"
    assert told["wrong"] == [
        "The last run failed, with DeliveryError: `pilotage alerts list` says why."
    ]
    assert (told["alerts"]["open"], told["lake"]["refused_deliveries"]) == (1, 1)
    text = call_pilotage(bare_tiny.home, "status", "--company", folder).stdout
    assert ANNA not in json.dumps(told) + text
    assert "DeliveryError" in text


def test_what_cannot_be_read_is_told_beside_the_rest(status, bare_tiny):
    bare_tiny.data.mkdir(parents=True)
    publish_one_mart(bare_tiny)
    (bare_tiny.data / "alerts.sqlite").write_bytes(b"no book" * 100)
    current = (bare_tiny.data / "published/marts.duckdb").resolve()
    current.chmod(0o600)
    current.write_bytes(b"no database")
    (bare_tiny.data / "runs.jsonl").write_text('{"run": "a", "as_of"')
    code, told = status()
    assert code == 1
    assert [complaint[:27] for complaint in told["wrong"]] == [
        "The book of alerts is damag",
        "The published file cannot b",
    ]
    current.unlink()
    assert "What is published leads nowhere" in status()[1]["wrong"][1]


def test_a_number_that_another_process_has_got_does_not_make_a_run_go_on(status, bare_tiny):
    """In a container each run is process 1, and so is the next."""
    bare_tiny.data.mkdir(parents=True)
    begun = {"run": "r1", "as_of": "", "process": os.getpid(), "at": "2025-01-10T00:00:00+00:00"}
    (bare_tiny.data / "runs.jsonl").write_text(json.dumps(begun) + "\n")
    code, told = status()
    assert (code, told["running"], told["runs"][0]["outcome"]) == (1, None, "killed")


def test_an_unknown_company_is_misuse(call_pilotage, tmp_path):
    told = call_pilotage(tmp_path, "status", "--company", "dmo")
    assert (told.returncode, "Unknown company 'dmo'" in told.stderr) == (2, True)

"""Bad input on the command line: one message, exit code 2, no stack trace, nothing half-written."""

import fcntl
import json
import re
import shutil

import pytest
from tiny_company import EXPORT


def told(run) -> str:
    """The message; there must be one, and no stack trace."""
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert "what to do" in run.stderr
    return run.stderr


def files_in(folder) -> list[str]:
    """What a run left; its lock, which holds no data, aside."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".lock")


def test_an_unknown_company(call_pilotage, tmp_path):
    message = told(call_pilotage(tmp_path, "run", "--company", "dmo"))

    assert "Unknown company 'dmo' (did you mean 'demo'?)" in message
    assert files_in(tmp_path) == []


def test_debug_adds_the_stack_trace_and_keeps_message_and_exit_code(call_pilotage, tmp_path):
    run = call_pilotage(tmp_path, "run", "--company", "dmo", DEBUG="1")

    assert run.returncode == 2
    assert "Traceback" in run.stderr
    assert "Unknown company 'dmo'" in run.stderr.splitlines()[-3:][0]


def test_vars_beside_those_of_the_company(call_pilotage, tmp_path):
    asked = ("dbt", "--company", "demo", "--", "ls", "--vars", "{as_of_date: 2025-12-01}")
    message = told(call_pilotage(tmp_path, *asked))

    assert "--vars would be left out in silence" in message
    assert "the day is --as-of" in message
    assert files_in(tmp_path) == []


def test_a_query_that_asks_nothing(call_pilotage, tmp_path):
    empty = tmp_path / "empty.sql"
    empty.write_text(" \n")
    for text in ("", str(empty)):
        message = told(call_pilotage(tmp_path, "query", text))
        assert "the query is empty" in message
        assert "what to do: give a select" in message


@pytest.mark.parametrize(
    "address", ["c4nary", "mysql://u:c4nary@h/db", "postgresql://u:c4nary/x@h/db", "host=h c4nary"]
)
def test_an_address_of_the_mirror_that_is_none_is_told_before_the_run(
    call_pilotage, tmp_path, address
):
    run = call_pilotage(tmp_path, "run", PILOTAGE_POSTGRES=address)

    message = told(run)
    assert "PILOTAGE_POSTGRES is no address of a PostgreSQL database" in message
    assert "write postgresql://user:password@host:5432/database" in message
    assert "c4nary" not in run.stdout + run.stderr
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    "address", ["postgresql://u:p@h:5432/db", "postgres:///db?host=/run", "host=h dbname=db"]
)
def test_an_address_of_the_mirror_may_be_of_any_form_of_libpq(call_pilotage, tmp_path, address):
    run = call_pilotage(tmp_path, "run", "--as-of", "someday", PILOTAGE_POSTGRES=address)

    assert "no address" not in told(run)
    assert "someday" in run.stderr


def test_a_wrong_key_in_company_yml(call_pilotage, bare_tiny):
    settings = bare_tiny.folder / "company.yml"
    settings.write_text(settings.read_text().replace("business_tz", "busines_tz"))
    message = told(call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder)))

    assert "'busines_tz' is unknown (did you mean 'business_tz'?)" in message
    assert files_in(bare_tiny.home) == []


def test_a_desk_line_with_an_unknown_stage(call_pilotage, bare_tiny):
    fields = bare_tiny.folder / "desk/mandatory_fields.csv"
    fields.write_text(fields.read_text().replace(",discovery,", ",discovry,", 1))
    message = told(call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder)))

    assert "'discovry'" in message
    assert "no stage of stages.csv (did you mean 'discovery'?)" in message
    assert "column required_from" in message
    assert files_in(bare_tiny.home) == []


def test_no_delivery(call_pilotage, bare_tiny):
    message = told(call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder)))

    assert "no delivery" in message
    assert str(bare_tiny.deliveries) in message
    assert files_in(bare_tiny.home) == []


@pytest.mark.parametrize(
    ("as_of", "complaint"),
    [("31/12/2025", "is no day"), ("2025-01-09", "before the first load")],
)
def test_a_wrong_as_of(call_pilotage, bare_tiny, as_of, complaint):
    bare_tiny.deliver("2025-01-10", EXPORT)
    run = call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder), "--as-of", as_of)

    assert complaint in told(run)
    assert files_in(bare_tiny.home) == []


@pytest.mark.parametrize(
    ("as_of", "complaint"),
    [
        ("31/12/2025", "is no day"),
        ("2025-12-16", "Give 2025-12-17 (the day of the first delivery)"),
        ("2027-01-02", "Give 2025-12-31 (the day of the newest delivery)"),
    ],
)
def test_a_wrong_as_of_of_the_demo_writes_no_deliveries(call_pilotage, tmp_path, as_of, complaint):
    run = call_pilotage(tmp_path, "run", "--company", "demo", SCALE="0.05", AS_OF=as_of)

    assert complaint in told(run)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("command", ["run", "demo-deliveries"])
@pytest.mark.parametrize("scale", ["0", "big", "nan", "inf", "-1", "1,5"])
def test_a_wrong_scale(call_pilotage, tmp_path, command, scale):
    message = told(call_pilotage(tmp_path, command, SCALE=scale))

    assert f"SCALE is '{scale}'" in message
    assert "where: SCALE (--scale)" in message
    assert files_in(tmp_path) == []


def test_a_scale_other_than_that_of_the_demo_there_is_no_failed_run(call_pilotage, demo_run):
    before = call_pilotage(demo_run.home, "status", "--json").stdout
    assert "not SCALE=5" in told(call_pilotage(demo_run.home, "run", SCALE="5"))
    after = call_pilotage(demo_run.home, "status", "--json").stdout
    assert json.loads(after)["runs"] == json.loads(before)["runs"]


def test_a_warehouse_that_is_damaged_is_told_as_such(call_pilotage, bare_tiny):
    bare_tiny.deliver("2025-01-10", EXPORT)
    bare_tiny.data.mkdir(parents=True)
    (bare_tiny.data / "work.duckdb").write_bytes(b"no database" * 2000)
    message = told(call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder)))
    assert "The warehouse is damaged." in message
    assert "Delete it, and the .wal file beside it" in message


def test_a_scale_for_a_company_that_is_not_made_up(call_pilotage, bare_tiny):
    run = call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder), "--scale", "2")

    assert "has a size of its own" in told(run)
    assert files_in(bare_tiny.data) == []


def test_a_delivery_without_a_declared_column(call_pilotage, bare_tiny):
    header = EXPORT["invoices"][0].replace("is_disputed;", "")
    bare_tiny.deliver("2025-01-10", {**EXPORT, "invoices": [header]})
    run = call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder))
    message = told(run)

    assert "is_disputed" in message
    # The summary accounts for all the tables: what was not come to is not what never came.
    (landed,) = re.findall(r"loads +\d new, of (\d) tables", run.stdout)
    (unlanded,) = re.findall(r"not landed +(\d) more tables", run.stdout)
    assert int(landed) + int(unlanded) == len(EXPORT)
    assert "never came" not in run.stdout
    assert "invoices.csv" in message
    raw = bare_tiny.data / "lake/raw/invoicing/invoices"
    assert [p for p in files_in(raw) if not p.startswith("_")] == []
    assert not (bare_tiny.data / "published/marts.duckdb").exists()


@pytest.mark.parametrize("command", [["run"], ["docs"], ["dbt", "ls"]])
def test_a_second_writer_at_the_same_time(call_pilotage, bare_tiny, command):
    bare_tiny.deliver("2025-01-10", EXPORT)
    bare_tiny.data.mkdir(parents=True)
    with (bare_tiny.data / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run = call_pilotage(bare_tiny.home, *command, "--company", str(bare_tiny.folder))

    assert "going on already" in told(run)
    assert files_in(bare_tiny.data) == []


def test_a_copy_that_keeps_its_companys_name(call_pilotage, bare_tiny, tmp_path):
    call_pilotage(bare_tiny.home, "ingest", "--company", str(bare_tiny.folder))
    copy = tmp_path / "copy"
    shutil.copytree(bare_tiny.folder, copy)

    message = told(call_pilotage(bare_tiny.home, "run", "--company", str(copy)))

    assert "belongs to another company folder" in message
    assert str(copy / "company.yml") in message

"""The definitions that Dagster's web interface loads: what they tell; a run takes the lock.

One small demo company serves all tests: dbt reads the project only once.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from tiny_company import EXPORT

from expectations.alerts.book import open_book
from expectations.alerts.entries import all_alerts
from ingest.books import LOADS
from ingest.drift import DRIFT
from orchestration.company import Company, find_company
from orchestration.definitions import (
    JOB,
    LANDING,
    build_definitions,
    defs,
    landing_definitions,
)
from orchestration.defs.followers import MIRROR
from orchestration.defs.raw import LOADS as BOOKS
from orchestration.defs.raw import raw_assets
from orchestration.landing import company_sources, write_demo_deliveries
from orchestration.lock import BusyError, sole_writer
from orchestration.places import DAGSTER_SETTINGS, ROOT
from orchestration.resources import CompanyRun

REPS = dg.AssetKey(["raw_crm", "reps"])
HOLD = """
import sys
from orchestration.company import find_company
from orchestration.lock import sole_writer
with sole_writer(find_company("demo")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def demo(home, monkeypatch) -> Company:
    monkeypatch.setenv("PILOTAGE_HOME", str(home))
    company = find_company("demo")
    write_demo_deliveries(company, 0.01)
    return company


@pytest.fixture
def loaded(demo) -> dg.Definitions:
    return defs()


def spec(definitions: dg.Definitions, *key: str) -> dg.AssetSpec:
    (found,) = (s for s in definitions.resolve_all_asset_specs() if s.key == dg.AssetKey([*key]))
    return found


def pool(definitions: dg.Definitions, *key: str) -> str | None:
    return definitions.resolve_assets_def(dg.AssetKey([*key])).op.pool


def columns(told: dg.AssetSpec) -> list[tuple[str, str, str | None]]:
    schema = told.metadata["dagster/column_schema"]
    return [(column.name, column.type, column.description) for column in schema.columns]


def test_a_raw_asset_tells_owner_kind_pool_and_the_columns_that_were_declared(demo, loaded):
    tables = [table for source in company_sources(demo) for table in source.tables]
    assert len(tables) == 22
    for table in tables:
        key = (f"raw_{table.source_name}", table.name)
        told = spec(loaded, *key)
        assert told.owners == ["team:data-engineering"]
        assert told.kinds == {"python", "parquet"}
        assert told.group_name == f"raw_{table.source_name}"
        assert told.description == table.description
        assert told.metadata["mode"] == table.terms.mode
        assert columns(told) == [(c.name, c.data_type, c.description) for c in table.columns]
        assert all(c.description for c in table.columns)
        assert pool(loaded, *key) == "lake"


@pytest.mark.parametrize(("book", "written"), [("loads", LOADS), ("drift", DRIFT)])
def test_the_books_tell_the_columns_that_ingest_writes(loaded, book, written):
    told = spec(loaded, "raw", book)
    assert told.owners == ["team:data-engineering"]
    assert told.kinds == {"python", "duckdb"}
    assert {name: type_ for name, type_, _ in columns(told)} == written
    assert all(description for *_, description in columns(told))


def test_the_publication_tells_the_columns_of_its_catalogue(loaded):
    told = spec(loaded, "published", "marts")
    assert told.owners == ["team:data-engineering"]
    assert told.kinds == {"duckdb"}
    first = ["version", "company", "run_id", "table_name"]
    assert [name for name, *_ in columns(told)][:4] == first
    assert all(description for *_, description in columns(told))


def test_whatever_is_built_has_an_owner(loaded):
    built = [told for told in loaded.resolve_all_asset_specs() if told.kinds]
    assert [told.key.to_user_string() for told in built if not told.owners] == []


def test_whatever_writes_the_warehouse_is_in_one_pool(loaded):
    writers = [
        ("raw", "loads"),
        ("raw", "drift"),
        ("marts", "fct_opportunities"),
        ("marts", "fct_check_results"),
        ("published", "marts"),
    ]
    assert {pool(loaded, *key) for key in writers} == {"duckdb"}


def test_the_two_jobs_of_the_command_line_are_the_one_job(demo, loaded):
    """No source of the demo is fetched; the command line has fetched before its jobs."""

    def parts(definitions: dg.Definitions, name: str) -> tuple[set[object], set[object]]:
        layer = definitions.resolve_job_def(name).asset_layer
        return set(layer.selected_asset_keys), set(layer.asset_graph.asset_check_keys)

    @dg.logger
    def silent(_: dg.InitLoggerContext) -> logging.Logger:
        return logging.getLogger("silent")

    whole = parts(loaded, JOB)
    landed = parts(landing_definitions(demo, "", silent), LANDING)
    built = parts(build_definitions(demo), JOB)
    assert REPS in landed[0]
    assert landed[0] & built[0] == set()
    assert landed[0] | built[0] == whole[0]
    assert landed[1] | built[1] == whole[1]


def test_every_test_of_dbt_is_a_check_of_what_it_reads(demo, loaded):
    nodes = json.loads((demo.target / "manifest.json").read_text())["nodes"].values()
    # Those of sources that the company does not enable are disabled with their models.
    told = [node for node in nodes if node["resource_type"] == "test"]
    tests = {node["name"] for node in told if node["config"]["enabled"]}
    models = loaded.resolve_assets_def(dg.AssetKey(["marts", "fct_opportunities"]))
    assert tests - {check.name for check in models.check_specs} == set()


def test_a_run_of_the_web_interface_fails_while_another_process_writes(demo, loaded):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with dg.DagsterInstance.ephemeral() as instance:
            job = loaded.resolve_job_def(JOB)
            with pytest.raises(dg.DagsterResourceFunctionError) as caught:
                job.execute_in_process(instance=instance, asset_selection=[REPS])
    finally:
        holder.communicate()
    assert isinstance(caught.value.__cause__, BusyError)
    assert not (demo.lake / "raw").exists()


def test_a_run_of_the_web_interface_holds_the_lock_until_its_end(demo, loaded):
    resource = loaded.resources["company_run"]
    assert isinstance(resource, CompanyRun)
    with (
        dg.build_resources({"company_run": resource}),
        pytest.raises(BusyError, match="going on already"),
        sole_writer(demo),
    ):
        pass
    with sole_writer(demo):
        pass


def test_a_run_of_the_web_interface_lands_and_lets_the_lock_go(demo, loaded):
    with dg.DagsterInstance.ephemeral() as instance:
        job = loaded.resolve_job_def(JOB)
        assert job.execute_in_process(instance=instance, asset_selection=[REPS]).success
    assert list((demo.lake / "raw/crm/reps").glob("*.parquet"))
    with sole_writer(demo):
        pass


def fail(
    loaded: dg.Definitions, instance: dg.DagsterInstance, key: dg.AssetKey = REPS
) -> dg.RunFailureSensorContext:
    """Let a run of one asset fail; what Dagster's daemon then hands to the sensor."""
    job = loaded.resolve_job_def(JOB)
    run = job.execute_in_process(instance=instance, asset_selection=[key], raise_on_error=False)
    assert not run.success
    return dg.build_run_status_sensor_context(
        "failed_runs_told",
        dagster_event=run.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=run.dagster_run,
    ).for_run_failure()


def told(company: Company) -> list[tuple[str, str]]:
    with open_book(company.alert_book) as book:
        return [(alert.life.state, alert.seen.title) for alert in all_alerts(book).values()]


def test_a_failed_run_of_the_web_interface_opens_the_alert_of_a_failed_run(demo, loaded):
    unreadable = demo.deliveries / "crm/20260101T200000Z/reps.csv"
    unreadable.parent.mkdir()
    unreadable.write_text("no,such,header\n")
    try:
        with dg.DagsterInstance.ephemeral() as instance:
            loaded.get_sensor_def("failed_runs_told")(fail(loaded, instance))
    finally:
        shutil.rmtree(unreadable.parent)
    ((state, title),) = told(demo)
    assert state == "open"
    assert title.startswith("A run did not publish: ")
    assert "crm/20260101T200000Z/reps.csv" in title


def test_a_run_that_finds_another_one_at_work_is_no_alert(demo, loaded):
    before = told(demo)
    with dg.DagsterInstance.ephemeral() as instance, sole_writer(demo):
        loaded.get_sensor_def("failed_runs_told")(fail(loaded, instance))
    assert told(demo) == before


def test_a_mirror_that_fails_in_the_web_interface_is_told_as_what_it_is(demo, loaded, monkeypatch):
    """Not as a run that did not publish: that is what the asset before it is for."""
    assert MIRROR.key not in loaded.resolve_asset_graph().get_all_asset_keys()
    monkeypatch.setenv("PILOTAGE_POSTGRES", "postgresql://u:c4nary@127.0.0.1:1/sales")
    mirroring = defs()
    before = told(demo)
    with dg.DagsterInstance.ephemeral() as instance:
        mirroring.get_sensor_def("failed_runs_told")(fail(mirroring, instance, MIRROR.key))
    (new,) = set(told(demo)) - set(before)
    state, title = new
    assert state == "open"
    assert title.startswith(
        "The run published, but not in PostgreSQL: The published file could not be read"
    )


@pytest.mark.parametrize(
    ("given", "limit"), [({}, "1.8 GiB"), ({"PILOTAGE_MEMORY_LIMIT": "700MB"}, "667.5 MiB")]
)
def test_dbt_takes_two_gigabytes_or_what_it_is_given(home, call_pilotage, given, limit):
    query = "select current_setting('memory_limit') as memory"
    run = call_pilotage(home, "dbt", "--", "show", "--quiet", "--inline", query, **given)
    assert run.returncode == 0, run.stdout + run.stderr
    assert limit in run.stdout


def test_the_months_that_are_over_are_packed_before_the_books_are_written(
    tiny, call_pilotage, monkeypatch
):
    for day in ("2025-01-10", "2025-01-20", "2025-02-10", "2025-02-20"):
        tiny.deliver(day, EXPORT)
    run = call_pilotage(tiny.home, "ingest", "--company", str(tiny.folder))
    assert run.returncode == 0, run.stderr
    products = tiny.data / "lake/raw/invoicing/products"
    assert len(list(products.glob("*.parquet"))) == 1 + 4
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    company = find_company(str(tiny.folder))
    (books,) = (a for a in raw_assets(company_sources(company)) if a.key == BOOKS)
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"company_run": CompanyRun(company=str(tiny.folder), takes_lock=True)}
        run = dg.materialize([books], instance=instance, resources=resources)
    (told,) = run.get_asset_materialization_events()
    metadata = told.materialization.metadata
    tables = len(EXPORT)
    assert metadata["lake_files_packed"].value == tables
    assert metadata["lake_files"].value == 3 * tables
    with duckdb.connect(str(tiny.data / "work.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from raw.loads").fetchone() == (4 * tables,)


def test_dg_knows_the_project_and_is_silent(tmp_path):
    home, instance = tmp_path / "home", tmp_path / "instance"
    for folder in (home, instance):
        folder.mkdir()
    shutil.copyfile(DAGSTER_SETTINGS, instance / "dagster.yaml")
    asked = subprocess.run(
        [Path(sys.executable).with_name("dg"), "list", "defs", "--json"],
        cwd=ROOT,
        env={
            **os.environ,
            "HOME": str(home),
            "DAGSTER_HOME": str(instance),
            "PILOTAGE_HOME": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert {"chain", "flash"} <= {job["name"] for job in told["jobs"]}
    assert "marts/fct_stage_visits" in {asset["asset_key"] for asset in told["assets"]}
    assert not (home / ".dagster").exists()

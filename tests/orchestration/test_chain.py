"""The whole chain on the demo company: what it says, what it publishes, and that it repeats."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from serving.fingerprints import table_hashes

ROOT = Path(__file__).parents[2]


def test_the_summary_tells_what_happened(demo_run):
    assert re.match(r"Demo company, as of the end of 2025-12-31\n", demo_run.summary)
    for line in (
        r"loads +[\d,]+ new, of 22 tables: [\d,]+ rows loaded, .* quarantined, .* deleted",
        r"models +\d+ built",
        r"checks +\d+ passed, \d+ warned, 0 failed",
        r"warned +mandatory_fields__opportunities on .*: [\d,]+ of [\d,]+ \(.*next_step",
        rf"published +{re.escape(str(demo_run.published))}",
        r"time +[\d.]+ s",
    ):
        assert re.search(line, demo_run.summary), demo_run.summary


def test_every_measured_kpi_is_on_the_demos_desk(demo_run):
    # A warning for a company that has taken a KPI off its desk; here it would be a forgotten line.
    assert "every_measured_kpi_is_on_the_desk" not in demo_run.output


def test_the_deliveries_of_the_demo_are_all_read(demo_run):
    assert "not read" not in demo_run.summary
    assert "missing" not in demo_run.summary


def test_progress_shows_each_step_with_its_rows(demo_run):
    rows = r"marts/fct_opportunities +([\d,]+) +[\d.]+ s"
    shown = re.search(rows, demo_run.output)
    assert shown, demo_run.output
    with duckdb.connect(str(demo_run.published), read_only=True) as reader:
        counted = reader.execute("select count(*) from marts.fct_opportunities").fetchone()[0]
    assert int(shown[1].replace(",", "")) == counted
    assert "raw_crm/opportunities" in demo_run.output
    assert "Traceback" not in demo_run.output


def test_every_mart_is_published_as_the_warehouse_holds_it(demo_run):
    published = table_hashes(demo_run.published)

    assert published == table_hashes(demo_run.warehouse)
    assert "fct_stage_visits" in published
    assert "fct_check_results" in published


def test_every_published_table_and_column_is_described(demo_run):
    with duckdb.connect(str(demo_run.published), read_only=True) as reader:
        tables = "select table_name from duckdb_tables() where comment is null"
        assert reader.execute(tables).fetchall() == []
        columns = """
            select table_name || '.' || column_name from duckdb_columns()
            where comment is null and schema_name = 'marts'
        """
        assert reader.execute(columns).fetchall() == []


def test_the_published_file_names_no_place_of_this_machine(demo_run):
    assert str(demo_run.home).encode() not in demo_run.published.read_bytes()


def test_the_definitions_load_without_any_environment(tmp_path):
    """In a checkout of its own: without PILOTAGE_HOME they write into the checkout's var/."""
    checkout = tmp_path / "checkout"
    for room in ("ingest", "expectations", "serving", "orchestration", "dbt_project"):
        shutil.copytree(ROOT / room, checkout / room)
    code = (
        "from orchestration.definitions import defs\n"
        "loaded = defs()\n"
        "job = loaded.resolve_job_def('chain')\n"
        "graph = loaded.resolve_asset_graph()\n"
        "keys = {key.to_user_string() for key in graph.get_all_asset_keys()}\n"
        "assert {'raw_crm/opportunities', 'raw/loads', 'marts/fct_stage_visits',\n"
        "        'marts/fct_check_results', 'published/marts'} <= keys, keys\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=checkout,
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert (checkout / "var/demo/target/manifest.json").is_file()


def test_dbts_unit_tests_pass(demo_run, call_pilotage):
    run = call_pilotage(
        demo_run.home, "dbt", "--company", "demo", "--", "test", "-s", "test_type:unit"
    )
    assert run.returncode == 0, run.stdout
    assert re.search(r"PASS=[1-9]", run.stdout), run.stdout


def test_another_day_does_not_make_dbt_read_the_project_anew(demo_run, call_pilotage):
    parse = ("dbt", "--company", "demo", "--", "parse")
    for day in ("2025-12-30", "2025-12-31"):
        run = call_pilotage(demo_run.home, *parse, AS_OF=day)
        assert run.returncode == 0, run.stdout
        told = json.loads((demo_run.company_home / "target/perf_info.json").read_text())
        assert (told["path_count"] > 500, told["parsed_path_count"]) == (True, 0), day


@pytest.mark.long
def test_a_rerun_lands_nothing_and_publishes_the_same_while_people_read(demo_run, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_run.home, home, symlinks=True)
    published = home / "demo/published/marts.duckdb"
    before = table_hashes(published)
    (home / "demo/work.duckdb").unlink()

    settings = {**os.environ, "PILOTAGE_HOME": str(home), "SCALE": "0.2"}
    with (tmp_path / "log").open("w+") as log:
        run = subprocess.Popen(
            [Path(sys.executable).with_name("pilotage"), "run"], env=settings, stdout=log
        )
        passes = 0
        while run.poll() is None:
            with duckdb.connect(str(published), read_only=True) as reader:
                rows = reader.execute("from marts.fct_stage_visits limit 5").fetchall()
            assert len(rows) == 5
            passes += 1
        log.seek(0)
        told = log.read()

    assert run.returncode == 0, told
    assert passes
    assert "loads       0 new" in told
    assert "unchanged since version" in told
    assert table_hashes(published) == before
    assert table_hashes(home / "demo/work.duckdb") == before

"""What begins by itself: schedules, sensors, days as partitions; without an instance of Dagster's
own, and all of it off until somebody switches it on."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb
import psycopg
import pytest
import yaml
from tiny_company import EXPORT

from expectations.alerts.book import open_book
from expectations.alerts.entries import Alert, all_alerts
from ingest.contract import Source, read_source
from ingest.errors import ContractError
from orchestration.alerting import tell_due_erasures, tell_run
from orchestration.company import Company, find_company
from orchestration.definitions import defs
from orchestration.defs.freshness import freshness_policies
from orchestration.defs.raw import fetched_assets
from orchestration.defs.sensors import source_changed
from orchestration.landing import company_sources
from orchestration.lock import is_going_on, sole_writer
from orchestration.resources import CompanyRun
from orchestration.status import take_status
from serving.versions import ROLLED_BACK

HOLD = """
import sys
from orchestration.company import find_company
from orchestration.lock import sole_writer
with sole_writer(find_company(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def company(tiny, monkeypatch) -> Company:
    """The tiny company, with an inbox whose files settle at once."""
    inbox = tiny.folder / "inbox"
    inbox.mkdir()
    with (tiny.folder / "company.yml").open("a") as settings:
        settings.write("inbox: inbox\nsettle_seconds: 0\n")
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    monkeypatch.setenv("COMPANY", str(tiny.folder))
    return find_company(str(tiny.folder))


@pytest.fixture
def loaded(company) -> dg.Definitions:
    return defs()


@pytest.fixture
def busy(company):
    """Another process that writes for the company."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(company.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    yield
    holder.communicate()


def look(sensor: dg.SensorDefinition, cursor: str | None = None) -> tuple[int, str | None]:
    """How many runs a sensor asks for, and the cursor that it leaves."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        told = sensor.evaluate_tick(context)
    return len(told.run_requests), told.cursor


def keys(loaded: dg.Definitions, job: str) -> set[str]:
    layer = loaded.resolve_job_def(job).asset_layer
    return {key.to_user_string() for key in layer.selected_asset_keys}


def test_everything_but_the_news_of_failed_runs_is_off_until_switched_on(loaded):
    repository = loaded.get_repository_def()
    statuses = {one.name: one.default_status.value for one in repository.sensor_defs}
    statuses |= {one.name: one.default_status.value for one in repository.schedule_defs}
    assert statuses == {
        "failed_runs_told": "RUNNING",
        "inbox_delivery": "STOPPED",
        "alert_book": "STOPPED",
        "stale_publication": "STOPPED",
        "hourly_flash": "STOPPED",
        "nightly_full": "STOPPED",
        "weekly_review_pack": "STOPPED",
    }


def test_schedules_go_by_the_clock_of_the_business(loaded, company):
    told = {s.name: (s.cron_schedule, s.job_name) for s in loaded.schedules}
    assert told == {
        "hourly_flash": ("0 * * * *", "flash"),
        "nightly_full": ("30 2 * * *", "chain"),
        "weekly_review_pack": ("0 6 * * 1", "weekly_review"),
    }
    assert {s.execution_timezone for s in loaded.schedules} == {company.business_tz}


def test_the_flash_publishes_and_makes_nothing_after_it(loaded):
    flash, chain = keys(loaded, "flash"), keys(loaded, "chain")
    assert {"published/marts", "alerts/notices", "raw/loads", "marts/fct_check_results"} <= flash
    assert chain - flash == {"published/parquet", "published/report"}
    assert keys(loaded, "weekly_review") == {"reports/weekly"}


def test_runs_carry_the_company_in_their_tags(loaded, company):
    for job in ("chain", "flash", "weekly_review", "backfill"):
        assert loaded.resolve_job_def(job).tags["pilotage/company"] == company.name


def test_a_schedule_is_left_out_while_a_run_goes_on(loaded, busy):
    for schedule in loaded.schedules:
        context = dg.build_schedule_context(scheduled_execution_time=datetime.now(UTC))
        told = schedule.evaluate_tick(context)
        assert told.run_requests == []
        assert "goes on" in told.skip_message


def test_who_looks_whether_a_run_goes_on_does_not_keep_one_from_beginning(company):
    assert not is_going_on(company)
    with sole_writer(company):
        assert is_going_on(company)
    looks = [sys.executable, "-c", LOOK, str(company.folder)]
    looking = subprocess.Popen(looks, stdout=subprocess.PIPE, text=True)
    try:
        assert looking.stdout.readline() == "looking\n"
        for _ in range(200):
            with sole_writer(company):
                pass
    finally:
        looking.kill()
        looking.communicate()


LOOK = """
import sys
import time
from orchestration.company import find_company
from orchestration.lock import is_going_on
company = find_company(sys.argv[1])
print("looking", flush=True)
while True:
    is_going_on(company)
    time.sleep(0.001)
"""


def test_a_file_in_the_inbox_starts_the_chain_once(loaded, company):
    sensor = loaded.get_sensor_def("inbox_delivery")
    assert look(sensor) == (0, None)
    drop(company, "2025-01-10")
    runs, seen = look(sensor)
    assert runs == 1
    assert look(sensor, seen) == (0, seen)
    drop(company, "2025-01-11")
    assert look(sensor, seen)[0] == 1


def test_a_file_in_the_inbox_waits_for_the_end_of_a_run(loaded, company, busy):
    drop(company, "2025-01-10")
    assert look(loaded.get_sensor_def("inbox_delivery")) == (0, None)


def drop(company: Company, day: str) -> None:
    folder = company.inbox / "invoicing" / day
    folder.mkdir(parents=True)
    for table, lines in EXPORT.items():
        (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")
    time.sleep(0.05)  # settle_seconds is 0, and a file has to be older than that


def test_other_rows_in_a_database_start_the_chain(company, new_database, monkeypatch, tmp_path):
    address = new_database("changing")
    declared = tmp_path / "shop" / "_shop__sources.yml"
    declared.parent.mkdir()
    declared.write_text(SHOP)
    monkeypatch.setenv("PILOTAGE_SOURCE_SHOP", address)
    sensor = source_changed(company, read_source(declared), "chain")
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("create table deals (id int primary key, touched_at timestamptz)")
        server.execute("insert into deals values (1, '2025-01-01 10:00+00')")
        first = look(sensor)[1]
        assert look(sensor, first) == (0, first)
        server.execute("update deals set touched_at = '2025-01-02 10:00+00'")
        runs, second = look(sensor, first)
        assert runs == 1
        server.execute("delete from deals")
        assert look(sensor, second)[0] == 1


SHOP = """
sources:
  - name: raw_shop
    config: {meta: {delivery: {connector: postgres}}}
    tables:
      - name: deals
        config: {meta: {keys: [id], delivery: {mode: incremental, cursor: touched_at}}}
        columns:
          - {name: id, data_type: bigint}
          - {name: touched_at, data_type: timestamp}
"""


def test_the_sensor_of_the_book_sends_and_starts_nothing(loaded, company):
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance)
        told = loaded.get_sensor_def("alert_book").evaluate_tick(context)
    assert told.skip_message == "0 notices sent, 0 failed"
    assert company.alert_book.is_file()


def test_the_sensor_of_the_book_opens_an_alert_for_a_killed_run_once(loaded, company):
    """A run that is killed each night after its evaluation would never look like a missed one."""
    begun = {"run": "r1", "as_of": "", "process": os.getpid(), "at": "2025-01-10T00:00:00+00:00"}
    company.home.mkdir(parents=True, exist_ok=True)
    (company.home / "runs.jsonl").write_text(json.dumps(begun) + "\n")

    def alert() -> Alert:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance)
            loaded.get_sensor_def("alert_book").evaluate_tick(context)
        with open_book(company.alert_book) as book:
            return next(iter(all_alerts(book).values()), None)

    with sole_writer(company):
        assert alert() is None
    opened = alert()
    assert "The run that began at 2025-01-10 00:00 UTC was killed" in opened.seen.title
    assert (opened.life.state, "pilotage run --company" in opened.seen.remedy) == ("open", True)
    tell_run(company)  # by a run of the web interface, which the journal does not know
    assert alert().life.state == "resolved"


def test_an_erasure_that_is_due_is_an_alert_until_it_is_done(company):
    """A run publishes the person meanwhile; nothing else of it would say so."""
    company.home.mkdir(parents=True, exist_ok=True)
    (company.home / "erasures.begun").write_text("0123456789abcdef\n")
    states = []
    for _ in range(2):
        tell_due_erasures(company)
        with open_book(company.alert_book) as book:
            (alert,) = all_alerts(book).values()
        states.append((alert.seen.rule, alert.life.state))
        assert not any("failed run" in told for told in take_status(company).wrong)
        (company.home / "erasures.begun").unlink(missing_ok=True)
    assert states == [("erasures", "open"), ("erasures", "resolved")]


def test_a_publication_that_is_too_old_starts_the_chain_once(loaded, company):
    sensor = loaded.get_sensor_def("stale_publication")
    runs, seen = look(sensor)
    assert (runs, seen) == (1, "nothing published")
    publish(company, datetime.now(UTC) - timedelta(hours=30))
    runs, seen = look(sensor, seen)
    assert runs == 1
    assert look(sensor, seen) == (0, seen)
    publish(company, datetime.now(UTC) - timedelta(hours=2))
    assert look(sensor, seen)[0] == 0


def test_who_went_back_to_an_earlier_version_keeps_it(loaded, company):
    """A run that nobody asked for would undo the rollback."""
    publish(company, datetime.now(UTC) - timedelta(hours=30))
    sensor = loaded.get_sensor_def("stale_publication")
    assert look(sensor)[0] == 1
    (company.published / ROLLED_BACK).touch()
    assert look(sensor)[0] == 0


def publish(company: Company, when: datetime) -> None:
    """A version of that instant, as far as its name goes."""
    company.published.mkdir(parents=True, exist_ok=True)
    file = company.published / f"marts-{when:%Y%m%dT%H%M%S%fZ}-{'a' * 12}.duckdb"
    file.touch()
    link = company.published / "marts.duckdb"
    link.unlink(missing_ok=True)
    link.symlink_to(file.name)


def test_a_source_is_late_by_the_words_that_dbt_reads_too(tmp_path):
    path = tmp_path / "erp" / "_erp__sources.yml"
    path.parent.mkdir()
    three_hours = {"count": 3, "period": "hour"}
    path.write_text(
        yaml.safe_dump(
            {
                "sources": [
                    {
                        "name": "raw_erp",
                        "config": {
                            "freshness": {
                                "warn_after": {"count": 26, "period": "hour"},
                                "error_after": {"count": 2, "period": "day"},
                            },
                            "meta": {"delivery": {"connector": "files", "format": "csv"}},
                        },
                        "tables": [
                            table("orders"),
                            table("rates", freshness=None),
                            table("stock", freshness={"error_after": three_hours}),
                        ],
                    }
                ]
            }
        )
    )
    told = freshness_policies(read_source(path))
    late = {name: policy.fail_window.to_timedelta() for name, policy in told.items()}
    assert late == {"orders": timedelta(days=2), "stock": timedelta(hours=3)}
    assert told["orders"].warn_window.to_timedelta() == timedelta(hours=26)
    assert told["stock"].warn_window is None


@pytest.mark.parametrize(
    "slip",
    [
        {"count": 26},
        {"count": 26, "period": "hours"},
        {"count": "26", "period": "hour"},
        {"period": "day"},
        26,
    ],
    ids=str,
)
def test_a_slip_in_freshness_is_told_with_its_table(tmp_path, slip):
    path = tmp_path / "erp" / "_erp__sources.yml"
    path.parent.mkdir()
    declared = {"name": "raw_erp", "tables": [table("orders", freshness={"error_after": slip})]}
    path.write_text(yaml.safe_dump({"sources": [declared]}))
    with pytest.raises(ContractError, match="Its freshness cannot be followed") as caught:
        freshness_policies(read_source(path))
    assert caught.value.where == f"{path}, table orders"


def test_who_warns_no_sooner_than_it_is_late_is_late(tmp_path):
    path = tmp_path / "erp" / "_erp__sources.yml"
    path.parent.mkdir()
    day = {"count": 1, "period": "day"}
    both = table("orders", freshness={"warn_after": day, "error_after": day})
    path.write_text(yaml.safe_dump({"sources": [{"name": "raw_erp", "tables": [both]}]}))
    (policy,) = freshness_policies(read_source(path)).values()
    assert policy.fail_window.to_timedelta() == timedelta(days=1)
    assert policy.warn_window is None


def table(name: str, **config: object) -> dict[str, object]:
    delivery = {"mode": "full", "path": f"erp/{{extracted_at:%Y-%m-%d}}/{name}.csv"}
    return {
        "name": name,
        "config": {**config, "meta": {"keys": ["id"], "delivery": delivery}},
        "columns": [{"name": "id", "data_type": "bigint"}],
    }


def test_every_source_of_ours_says_when_it_is_late(monkeypatch, tmp_path):
    monkeypatch.setenv("PILOTAGE_HOME", str(tmp_path))
    for source in company_sources(find_company("demo")):
        assert set(freshness_policies(source)) == {table.name for table in source.tables}


def test_a_range_of_days_is_one_run_and_as_many_files(demo_run, call_pilotage, tmp_path):
    home = tmp_path / "home"
    (home / "demo").mkdir(parents=True)
    for name in ("published", "lake", "deliveries", ".lock"):
        (home / "demo" / name).symlink_to(demo_run.company_home / name)
    run = call_pilotage(home, "backfill", "--from", "2025-11-28", "--to", "2025-12-02")
    assert run.returncode == 0, run.stdout + run.stderr
    folder = demo_run.company_home / "published/days"
    files = sorted(path.parent.name for path in folder.glob("*/pipeline.parquet"))
    assert files == [f"snapshot_date={day}" for day in DAYS_ASKED]
    assert {p.stat().st_mode & 0o777 for p in (folder, *folder.iterdir())} == {0o755}
    with duckdb.connect(str(demo_run.published), read_only=True) as reader:
        for day in DAYS_ASKED:
            file = folder / f"snapshot_date={day}" / "pipeline.parquet"
            told = f"select * from read_parquet('{file}', hive_partitioning = false)"
            known = f"select * from pipeline_as_of(date '{day}')"
            for one, other in ((told, known), (known, told)):
                assert reader.execute(f"from ({one} except all {other})").fetchall() == []
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        (kept,) = instance.get_runs()
        assert kept.is_success
        days = instance.get_materialized_partitions(dg.AssetKey(["published", "days"]))
    assert days == set(DAYS_ASKED)


DAYS_ASKED = ["2025-11-28", "2025-11-29", "2025-11-30", "2025-12-01", "2025-12-02"]


def test_no_days_are_written_beside_a_run(demo_run, call_pilotage, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(demo_run.home))
    with sole_writer(find_company("demo")):
        asked = ("--from", "2025-11-28", "--to", "2025-11-29")
        run = call_pilotage(demo_run.home, "backfill", *asked)
    assert run.returncode == 2
    assert "is going on already" in run.stderr


@pytest.mark.parametrize(
    ("first", "last", "code", "told"),
    [
        ("2025-12-05", "2025-12-01", 2, "2025-12-05 comes after 2025-12-01"),
        ("2025-12-05", "2027-12-01", 2, "The marts know the days from 20"),
        ("1.12.2025", "2025-12-02", 2, "FROM is '1.12.2025', which is no day"),
        ("2025-12-01", "", 2, "TO is '', which is no day"),
    ],
)
def test_days_that_nobody_knows_are_refused_in_one_message(
    demo_run, call_pilotage, first, last, code, told
):
    run = call_pilotage(demo_run.home, "backfill", "--from", first, "--to", last)
    assert run.returncode == code
    assert told in run.stderr
    assert "what to do" in run.stderr
    assert "Traceback" not in run.stderr + run.stdout
    assert len(run.stderr.strip().splitlines()) <= 3


def test_the_report_of_the_week_is_kept_under_its_name(demo_run, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(demo_run.home))
    monkeypatch.delenv("COMPANY", raising=False)
    job = defs().resolve_job_def("weekly_review")
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
    (kept,) = (demo_run.company_home / "reports/weekly").iterdir()
    assert kept.name == "2026-W01.html"
    assert "<html" in kept.read_text()[:200]
    assert kept.stat().st_mode & 0o044
    assert kept.parent.stat().st_mode & 0o777 == 0o755


@pytest.fixture
def shop(company, tmp_path, monkeypatch) -> Source:
    """A database at an address where nobody answers."""
    declared = tmp_path / "shop" / "_shop__sources.yml"
    declared.parent.mkdir()
    declared.write_text(SHOP)
    monkeypatch.setenv("PILOTAGE_SOURCE_SHOP", "postgresql://reader@127.0.0.1:1/sales")
    monkeypatch.setattr("orchestration.defs.raw.FIRST_WAIT_SECONDS", 0.1)
    return read_source(declared)


def test_a_source_that_does_not_answer_is_asked_again_and_then_the_run_fails(company, shop):
    resources = {"company_run": CompanyRun(company=str(company.folder), takes_lock=True)}
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize(
            fetched_assets([shop]), instance=instance, resources=resources, raise_on_error=False
        )
        events = [event.event_type_value for event in run.all_events]
        (failed,) = run.get_step_failure_events()
    assert not run.success
    assert events.count("STEP_UP_FOR_RETRY") == 2
    assert "nobody answers there" in str(failed.event_specific_data.error.cause.message)


def test_a_source_that_lacks_a_table_is_not_asked_again(company, shop, new_database, monkeypatch):
    monkeypatch.setenv("PILOTAGE_SOURCE_SHOP", new_database("without_tables"))
    resources = {"company_run": CompanyRun(company=str(company.folder), takes_lock=True)}
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize(
            fetched_assets([shop]), instance=instance, resources=resources, raise_on_error=False
        )
        events = [event.event_type_value for event in run.all_events]
    assert not run.success
    assert "STEP_UP_FOR_RETRY" not in events


def test_a_run_says_its_day_its_failing_checks_and_what_it_published(demo_run, monkeypatch):
    """The tags and the metadata that the web interface shows, of a run that publishes."""
    monkeypatch.setenv("PILOTAGE_HOME", str(demo_run.home))
    monkeypatch.delenv("COMPANY", raising=False)
    loaded = defs()
    keys = [dg.AssetKey(["published", "marts"]), dg.AssetKey(["alerts", "notices"])]
    with dg.DagsterInstance.ephemeral() as instance:
        run = loaded.resolve_job_def("flash").execute_in_process(
            instance=instance, asset_selection=keys
        )
        tags = instance.get_run_by_id(run.run_id).tags
    assert tags["pilotage/company"] == "demo"
    assert tags["pilotage/as_of"] == "2025-12-31"
    published = run.asset_materializations_for_node("published__marts")[0].metadata
    shown = published["glance"].value
    assert "Open pipeline at the end of 2025-12-31, in EUR" in shown
    assert "| start |" in shown
    assert "data:image/png;base64," in shown


def test_a_glance_that_cannot_be_taken_keeps_no_notice_back(demo_run, monkeypatch):
    def broken(*_: object) -> str:
        raise ValueError("no picture")

    monkeypatch.setattr("serving.glance.glance", broken)
    monkeypatch.setenv("PILOTAGE_HOME", str(demo_run.home))
    monkeypatch.delenv("COMPANY", raising=False)
    keys = [dg.AssetKey(["published", "marts"]), dg.AssetKey(["alerts", "notices"])]
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs().resolve_job_def("flash")
        run = job.execute_in_process(instance=instance, asset_selection=keys)
    (published,) = run.asset_materializations_for_node("published__marts")
    assert "glance" not in published.metadata
    assert run.asset_materializations_for_node("alerts__notices")

"""The commands that look after the lake, as a person calls them."""

import csv
import json

import dagster as dg
import duckdb
import pytest
from tiny_company import EXPORT

from orchestration.alerting import Failure, tell_run
from orchestration.company import find_company
from orchestration.defs.raw import raw_assets
from orchestration.landing import company_sources
from orchestration.progress import Record, progress_logger
from orchestration.resources import CompanyRun

ANNA = "anna@example.com"


def deliver(tiny, **changes: list[str]) -> None:
    tiny.deliver("2025-01-10", EXPORT | changes)


def ok(run) -> str:
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def call(call_pilotage, tiny, *arguments: str, **environment: str):
    return call_pilotage(
        tiny.home, arguments[0], "--company", str(tiny.folder), *arguments[1:], **environment
    )


def test_a_refused_row_is_written_mended_and_replayed(call_pilotage, tiny, tmp_path):
    deliver(tiny, payments=[*EXPORT["payments"], "y2;i1;EUR;12O,00;05/01/2025"])
    ok(call(call_pilotage, tiny, "ingest"))
    path = tmp_path / "refused.csv"
    told = ok(call(call_pilotage, tiny, "quarantine", "--to", str(path)))
    assert "invoicing.payments, column amount: no decimal(18,2)" in told
    assert f"pilotage replay --company {tiny.folder} --mended {path}" in told
    assert "Nothing in quarantine fits" in ok(call(call_pilotage, tiny, "replay"))
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row | {"raw_text": row["raw_text"].replace("O", "0")})
    assert "1 rows fit by now" in ok(call(call_pilotage, tiny, "replay", "--mended", str(path)))
    with duckdb.connect(str(tiny.data / "work.duckdb"), read_only=True) as con:
        loads = con.execute(
            "select mode, delivered_rows, loaded_rows, quarantined_rows from raw.loads"
            " where table_name = 'payments' order by mode"
        ).fetchall()
        assert con.execute("select count(*) from raw.quarantine").fetchone() == (0,)
    assert loads == [("incremental", 2, 1, 1), ("replay", 1, 1, 0)]
    again = tmp_path / "again.csv"
    told = ok(call(call_pilotage, tiny, "quarantine", "--to", str(again)))
    assert "Nothing is in quarantine" in told
    assert f"{again} was not written: nothing to mend." in told
    assert not again.exists()


def test_a_delivery_that_is_refused_whole_is_shown_until_it_is_mended(call_pilotage, tiny):
    deliver(tiny, payments=["id;invoice_id", "y1;i1"])
    run = call(call_pilotage, tiny, "ingest")
    assert (run.returncode, "'currency', 'amount', 'paid_on'" in run.stderr) == (2, True)
    told = ok(call(call_pilotage, tiny, "quarantine"))
    assert "invoicing.payments: declared column 'currency', 'amount', 'paid_on'" in told
    assert "invoicing/2025-01-10/payments.csv, 20 bytes" in told
    assert "1 deliveries refused whole: mend or remove them" in told
    with duckdb.connect(str(tiny.data / "work.duckdb"), read_only=True) as con:
        loads = "select table_name, bytes from raw.loads where status = 'refused'"
        assert con.execute(loads).fetchall() == [("payments", 20)]
    payments = tiny.deliveries / "invoicing/2025-01-10/payments.csv"
    payments.write_text("\n".join(EXPORT["payments"]) + "\n")
    ok(call(call_pilotage, tiny, "ingest"))
    assert "Nothing is in quarantine" in ok(call(call_pilotage, tiny, "quarantine"))


def test_a_mended_file_that_waits_in_the_inbox_for_a_refused_one_is_told(call_pilotage, tiny):
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "inbox: drop\nsettle_seconds: 0\n")
    name = "invoicing/2025-01-10/payments.csv"
    mended = tiny.folder / "drop" / name
    mended.parent.mkdir(parents=True)
    deliver(tiny, payments=["id;invoice_id", "y1;i1"])
    assert "'currency'" in call(call_pilotage, tiny, "ingest").stderr
    mended.write_text("\n".join(EXPORT["payments"]) + "\n")
    assert "waits in the inbox: remove this one" in ok(call(call_pilotage, tiny, "quarantine"))
    run = call(call_pilotage, tiny, "ingest")
    assert f"was refused: remove {tiny.deliveries / name} to let" in run.stdout + run.stderr


def test_mended_rows_that_cannot_be_read_are_told(call_pilotage, tiny, tmp_path):
    run = call(call_pilotage, tiny, "replay", "--mended", str(tmp_path / "none.csv"))
    assert run.returncode == 2
    assert "the mended rows cannot be read" in run.stderr
    assert "Traceback" not in run.stderr


def test_mended_rows_that_are_not_taken_are_told_with_line_and_reason(
    call_pilotage, tiny, tmp_path
):
    deliver(tiny, payments=[*EXPORT["payments"], "y2;i1;EUR;12O,00;05/01/2025"])
    ok(call(call_pilotage, tiny, "ingest"))
    path = tmp_path / "refused.csv"
    ok(call(call_pilotage, tiny, "quarantine", "--to", str(path)))
    run = call(call_pilotage, tiny, "replay", "--mended", str(path))
    assert (run.returncode, "no row was mended" in run.stderr) == (2, True)
    assert f"1 rows of {path} are as they were refused" in run.stdout
    path.write_text(path.read_text().replace("12O,00", "12Q,00"))
    run = call(call_pilotage, tiny, "replay", "--mended", str(path))
    assert (run.returncode, "1 mended rows were not taken, 0 were" in run.stderr) == (2, True)
    assert f"{path}, line 2: still refused, column amount: no decimal(18,2)" in run.stdout
    path.write_text(path.read_text().replace("12Q,00", "12,00"))
    assert "1 rows fit by now" in ok(call(call_pilotage, tiny, "replay", "--mended", str(path)))
    run = call(call_pilotage, tiny, "replay", "--mended", str(path))
    assert (run.returncode, "line 2: no such row is in quarantine" in run.stdout) == (2, True)


def test_a_person_is_erased_and_it_is_recorded_without_the_address(call_pilotage, tiny):
    deliver(tiny, products=[EXPORT["products"][0], f"p1;Mill of {ANNA};machines;100,00;60,00"])
    ok(call(call_pilotage, tiny, "ingest"))
    run = call(call_pilotage, tiny, "erase", "--email", ANNA)
    assert run.returncode == 2
    assert "PILOTAGE_ERASURE_KEY" in run.stderr
    run = call(call_pilotage, tiny, "erase", "--email", ANNA, PILOTAGE_ERASURE_KEY="short")
    assert (run.returncode, "16 signs or more" in run.stderr) == (2, True)
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    told = ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    assert "Erased and recorded" in told
    assert not (tiny.data / "work.duckdb").exists()
    assert not list(tiny.deliveries.rglob("products.csv"))
    text = (tiny.data / "erasures.jsonl").read_text()
    record = json.loads(text)
    assert (record["lake_files"], record["deliveries"], len(record["subject"])) == (1, 1, 64)
    assert ANNA not in text
    (name,) = duckdb.sql(
        f"select name from read_parquet('{tiny.data}/lake/raw/invoicing/products/*.parquet')"
    ).fetchall()
    assert name == (f"Mill of erased-{record['subject'][:12]}",)
    ok(call(call_pilotage, tiny, "ingest"))


@pytest.mark.parametrize(
    "email",
    [
        "anna",
        "anna@",
        "@example.com",
        f"{ANNA},b@c.de",
        f"{ANNA} b@c.de",
        f"{ANNA}.",
        "' or 1=1 --@x.de",
        "x@y",
    ],
)
def test_what_is_no_address_of_one_person_erases_nothing(call_pilotage, tiny, email):
    deliver(tiny)
    ok(call(call_pilotage, tiny, "ingest"))
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    run = call(call_pilotage, tiny, "erase", "--email", email, **key)
    assert run.returncode == 2
    assert "is no e-mail address" in run.stderr or "is too short" in run.stderr
    assert (tiny.data / "work.duckdb").exists()
    assert not (tiny.data / "erasures.jsonl").exists()


def test_an_address_that_stands_nowhere_is_no_success_but_recorded(call_pilotage, tiny):
    deliver(tiny, products=[EXPORT["products"][0], f"p1;Mill of {ANNA};machines;100,00;60,00"])
    ok(call(call_pilotage, tiny, "ingest"))
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    run = call(call_pilotage, tiny, "erase", "--email", "nobody@example.com", **key)
    assert (run.returncode, "stands nowhere" in run.stderr) == (2, True)
    assert "Erased" not in run.stdout
    assert list(tiny.deliveries.rglob("products.csv"))
    assert (tiny.data / "work.duckdb").exists()
    # Once more of somebody who was erased is none of a mistyped address.
    ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    assert "Erased and recorded" in ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    assert len((tiny.data / "erasures.jsonl").read_text().splitlines()) == 3


def test_an_erasure_that_did_not_end_is_known_whoever_is_erased_meanwhile(call_pilotage, tiny):
    deliver(tiny, products=[EXPORT["products"][0], f"p1;Mill of {ANNA};machines;100,00;60,00"])
    ok(call(call_pilotage, tiny, "ingest"))
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    note = tiny.data / "note.txt"
    note.write_text(f"ask {ANNA} and mistyped@example.com")
    for email in (ANNA, "mistyped@example.com"):
        run = call(call_pilotage, tiny, "erase", "--email", email, **key)
        assert (run.returncode, "1 files still hold the address" in run.stderr) == (2, True)
    note.unlink()
    # Of her something was changed, of the other nothing: begun alone is no finding.
    run = call(call_pilotage, tiny, "erase", "--email", "mistyped@example.com", **key)
    assert (run.returncode, "stands nowhere in what is kept" in run.stderr) == (2, True)
    assert "Erased and recorded" in ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    assert not (tiny.data / "erasures.begun").exists()


def test_a_record_that_cannot_be_read_is_told_before_anything_is_erased(call_pilotage, tiny):
    deliver(tiny, products=[EXPORT["products"][0], f"p1;Mill of {ANNA};machines;100,00;60,00"])
    ok(call(call_pilotage, tiny, "ingest"))
    (tiny.data / "erasures.jsonl").write_text('{"subject": "a"}\n{"subj')
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    run = call(call_pilotage, tiny, "erase", "--email", ANNA, **key)
    assert (run.returncode, "erasures.jsonl, line 2" in run.stderr) == (2, True)
    assert list(tiny.deliveries.rglob("products.csv"))


def test_what_an_erasure_leaves_alone_is_told(call_pilotage, tiny):
    """What may be of somebody else, and what cannot be searched; by no address."""
    credit = f"c1;i1;a1;r1;p1;EUR;1,00;says d'{ANNA};05/01/2025"
    deliver(tiny, credit_notes=[*EXPORT["credit_notes"], credit])
    locked = tiny.deliveries / f"o'{ANNA}.7z"
    locked.write_bytes(b"7z\xbc\xaf\x27\x1c")
    ok(call(call_pilotage, tiny, "ingest"))
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    told = ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    assert "Erased and recorded, BUT the files named above may still hold" in told
    kept = tiny.deliveries / "invoicing/2025-01-10/credit_notes.csv"
    assert f"{kept}: 1\n" in told
    assert f"{tiny.deliveries}/***.7z: it is 7z, which cannot be looked into\n" in told
    assert ANNA not in told
    record = json.loads((tiny.data / "erasures.jsonl").read_text())
    assert (record["ambiguous_files"], record["unsearched_files"]) == (2, 1)
    locked.unlink()
    told = ok(call(call_pilotage, tiny, "erase", "--email", f"d'{ANNA}", **key))
    assert "Erased and recorded. `pilotage run`" in told
    assert not kept.exists()


def test_a_person_is_erased_from_the_alerts_and_sought_in_the_logs(
    call_pilotage, tiny, monkeypatch
):
    """As a version before this one wrote them: values of a refused delivery stood in both."""
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    deliver(tiny)
    tell_run(find_company(str(tiny.folder)), Failure(f"no header: {ANNA.upper()}", "mend it"))
    log = tiny.home / "dagster/history/runs/1.db"
    log.parent.mkdir(parents=True)
    log.write_text(f"SQLite {json.dumps({'message': ANNA})}")
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    run = call(call_pilotage, tiny, "erase", "--email", ANNA, **key)
    assert (run.returncode, "1 files still hold" in run.stderr) == (2, True)
    assert f"where: {log}\n" in run.stderr
    assert f"Stop `pilotage dev` and remove {tiny.home / 'dagster'}" in run.stderr
    log.unlink()
    assert "Erased and recorded" in ok(call(call_pilotage, tiny, "erase", "--email", ANNA, **key))
    listed = call_pilotage(
        tiny.home, "alerts", "list", "--company", str(tiny.folder), "--json"
    ).stdout
    (alert,) = json.loads(listed)["alerts"]
    token = json.loads((tiny.data / "erasures.jsonl").read_text())["subject"][:12]
    assert alert["title"] == f"A run did not publish: no header: erased-{token}"
    assert ANNA.encode() not in (tiny.data / "alerts.sqlite").read_bytes().lower()


def test_a_person_who_waits_in_the_inbox_stops_the_erasure(call_pilotage, tiny):
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "inbox: drop\n")
    deliver(tiny)
    name = "invoicing/2025-01-11/products.csv"
    waiting = tiny.folder / "drop" / name
    waiting.parent.mkdir(parents=True)
    waiting.write_text(f"{EXPORT['products'][0]}\np1;Mill of {ANNA};machines;100,00;60,00\n")
    key = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}
    run = call(call_pilotage, tiny, "erase", "--email", ANNA, **key)
    assert (run.returncode, "wait in the inbox" in run.stderr) == (2, True)
    assert f"where: {name}" in run.stderr
    waiting.unlink()
    run = call(call_pilotage, tiny, "erase", "--email", ANNA, **key)
    assert (run.returncode, "stands nowhere" in run.stderr) == (2, True)


def test_an_inbox_is_emptied_and_the_lake_compacted(call_pilotage, tiny):
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "inbox: drop\nsettle_seconds: 0\n")
    drop = tiny.folder / "drop"
    for day in ("2025-01-10", "2025-01-11", "2025-02-01"):
        tiny.deliver(day, EXPORT)
    tiny.deliveries.rename(drop)
    (drop / "unknown.txt").write_text("?")
    told = ok(call(call_pilotage, tiny, "ingest"))
    assert "left in the inbox" in told
    assert "unknown.txt: no declared path fits its name" in told
    assert [path.name for path in drop.rglob("*") if path.is_file()] == ["unknown.txt"]
    assert not [path for path in tiny.deliveries.rglob("*") if path.is_file()]
    assert len(list((tiny.data / "lake/deliveries").rglob("*.gz"))) == 3 * len(EXPORT)
    told = ok(call(call_pilotage, tiny, "compact"))
    assert f"{3 * len(EXPORT)} files of loads, now {2 * len(EXPORT)}" in told


def test_what_landed_before_a_refused_delivery_is_put_away_and_told(tiny, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "inbox: drop\n")
    tiny.deliver("2025-01-10", EXPORT)
    tiny.deliver("2025-01-11", {"products": ["id;name"]})
    record, key = Record("r1"), dg.AssetKey(["raw_invoicing", "products"])
    made = dg.Definitions(
        assets=raw_assets(company_sources(find_company(str(tiny.folder)))),
        resources={"company_run": CompanyRun(company=str(tiny.folder))},
        loggers={"progress": progress_logger(record)},
    )
    done = made.resolve_implicit_global_asset_job_def().execute_in_process(
        run_config={"loggers": {"progress": {}}}, asset_selection=[key], raise_on_error=False
    )
    assert not done.success
    told = [(one.key, one.facts["loads"], one.facts["dagster/row_count"]) for one in record.built]
    assert told == [("raw_invoicing/products", 1, 1)]
    left = sorted(path.parent.name for path in tiny.deliveries.rglob("products.csv"))
    assert left == ["2025-01-11"]


def test_a_refused_delivery_leaves_a_line_of_what_landed_before_it(call_pilotage, tiny):
    tiny.deliver("2025-01-10", EXPORT)
    tiny.deliver("2025-01-11", {"products": ["id;name"]})
    run = call(call_pilotage, tiny, "ingest")
    assert run.returncode == 2
    assert [line.split()[:2] for line in run.stdout.splitlines()] == [["invoicing.products", "1"]]


def test_what_a_run_of_dagster_leaves_in_the_inbox_is_a_warning(tiny, monkeypatch, capfd):
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text() + "inbox: drop\nsettle_seconds: 3600\n")
    tiny.deliver("2025-01-10", EXPORT)
    tiny.deliveries.rename(tiny.folder / "drop")
    resource = CompanyRun(company=str(tiny.folder), takes_lock=True)
    with resource.yield_for_execution(dg.build_init_resource_context()):
        told = capfd.readouterr().err
    left = "left in the inbox: invoicing/2025-01-10/payments.csv: it is still being written"
    assert [line for line in told.splitlines() if "WARNING" in line and left in line]

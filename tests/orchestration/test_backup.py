"""`pilotage backup` and `restore`: what cannot be rebuilt comes back whole, or is refused."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_company import EXPORT, Tiny, copy_parsed, land

from expectations.alerts.book import open_book
from orchestration.alerting import Failure, tell_run
from orchestration.backups.archive import copy_file
from orchestration.backups.backup import back_up
from orchestration.company import find_company
from orchestration.lock import sole_writer
from serving.fingerprints import table_hashes

PILOTAGE = Path(sys.executable).with_name("pilotage")
ANNA = "anna@example.com"
KEY = {"PILOTAGE_ERASURE_KEY": "a secret that is long"}


@pytest.fixture
def call(call_pilotage, bare_tiny):
    """The command line for the tiny company; returns exit code, output and errors."""

    def calling(*arguments: str, **settings: str) -> tuple[int, str, str]:
        folder = str(bare_tiny.folder)
        done = call_pilotage(bare_tiny.home, *arguments, "--company", folder, **settings)
        assert "Traceback" not in done.stderr
        assert "unexpected" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return calling


@pytest.fixture
def backed_up(bare_tiny, tmp_path, monkeypatch) -> Path:
    """A backup of the company once something of Anna has landed."""
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    products = [EXPORT["products"][0], f"p1;Mill of {ANNA};machines;100,00;60,00"]
    bare_tiny.deliver("2025-01-10", EXPORT | {"products": products})
    land(bare_tiny)
    company = find_company(str(bare_tiny.folder))
    with sole_writer(company), open_book(company.alert_book):
        return back_up(company, tmp_path / "backup").folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def entries(record: Path) -> list[dict]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def test_a_company_that_lost_its_home_publishes_the_same_after_a_restore(
    call, tiny, tmp_path, monkeypatch
):
    """The drill: run, back up, lose home and deliveries, restore, run again."""
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    tiny.deliver("2025-01-10", EXPORT | {"payments": [*EXPORT["payments"], "y2;i1;EUR;x;y"]})
    tiny.deliver("2025-02-11", {"payments": [EXPORT["payments"][0], "y3;i2;EUR;1,00;05/02/2025"]})
    assert call("run")[0] == 0
    published = table_hashes(tiny.data / "published/marts.duckdb")
    decisions = decided(tiny, call)
    assert call("backup", "--to", str(tmp_path / "backup"))[0] == 0

    copy_parsed(tiny.target, tmp_path / "parsed")
    shutil.rmtree(tiny.home)
    shutil.rmtree(tiny.deliveries)
    code, told, _ = call("restore", str(tmp_path / "backup"), "--json")
    restored = json.loads(told)
    assert (code, restored["set_aside"], restored["kept"]) == (0, None, [])
    copy_parsed(tmp_path / "parsed", tiny.target)
    code, told, errors = call("run")
    assert code == 0, told + errors

    assert table_hashes(tiny.data / "published/marts.duckdb") == published
    assert decisions_in(tiny) == decisions


def decided(tiny: Tiny, call) -> list[tuple]:
    """Have somebody acknowledge an alert; returns what the book holds of it."""
    tell_run(find_company(str(tiny.folder)), Failure("no disk", "mend it"))
    (alert,) = json.loads(call("alerts", "list", "--json")[1])["alerts"][-1:]
    assert call("alerts", "ack", alert["alert_id"], "--note", "we know")[0] == 0
    assert [note for *_, note in decisions_in(tiny)] == ["we know"]
    return decisions_in(tiny)


def decisions_in(tiny: Tiny) -> list[tuple]:
    with sqlite3.connect(tiny.data / "alerts.sqlite") as book:
        return book.execute("select fingerprint, decided_at, note from decisions").fetchall()


def test_a_backup_can_be_looked_into_and_verified_without_pilotage(call, backed_up, bare_tiny):
    check = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=backed_up, check=True)
    desk = contents(bare_tiny.folder / "desk")
    assert contents(backed_up / "company/desk") == desk
    assert contents(backed_up / "lake/raw") == contents(bare_tiny.data / "lake/raw")
    assert {path.stat().st_mode & 0o077 for path in (backed_up, backed_up / "backup.json")} == {0}
    code, told, _ = call("restore", str(backed_up), "--check")
    assert (code, told.splitlines()[0]) == (0, f"Whole: the backup of tiny: {backed_up}")


def test_none_is_made_beside_a_run_over_another_or_within_the_data(
    call, backed_up, bare_tiny, tmp_path
):
    with sole_writer(find_company(str(bare_tiny.folder))):
        code, _, told = call("backup", "--to", str(tmp_path / "other"))
    assert (code, "is going on already" in told) == (2, True)
    before = contents(backed_up)
    for place, complaint in (
        (backed_up, "none is overwritten"),
        (tmp_path / "none/backup", "is not there"),
        (bare_tiny.data / "backup", "within what it is a backup of"),
        (bare_tiny.folder / "backup", "within what it is a backup of"),
    ):
        code, _, told = call("backup", "--to", str(place))
        assert (code, complaint in told, "what to do" in told) == (2, True, True)
    assert contents(backed_up) == before
    assert not (tmp_path / "other").exists()


def test_where_no_lake_is_nothing_is_backed_up(call, bare_tiny, tmp_path):
    """A mistyped PILOTAGE_HOME, or a disk that is not mounted, found out before it is needed."""
    code, _, told = call("backup", "--to", str(tmp_path / "backup"))
    assert (code, "There is no lake to back up" in told) == (2, True)
    assert not (tmp_path / "backup").exists()
    assert not bare_tiny.home.exists()


def test_one_that_cannot_be_written_leaves_nothing(bare_tiny, backed_up, tmp_path):
    """As on a disk that is full: no file may become larger than a few bytes."""
    place = tmp_path / "disk/backup"
    place.parent.mkdir()
    done = subprocess.run(
        [PILOTAGE, "backup", "--to", place, "--company", bare_tiny.folder],
        env={**os.environ, "PILOTAGE_HOME": str(bare_tiny.home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert (done.returncode, "The backup could not be made" in done.stderr) == (2, True)
    assert [*place.parent.iterdir()] == []


def test_a_file_that_changes_while_it_is_copied_is_no_copy(tmp_path):
    pipe, target = tmp_path / "desk.csv", tmp_path / "copy.csv"
    pipe.write_text("a" * (3 << 20))
    writer = subprocess.Popen(
        [sys.executable, "-c", f"while True: open({str(pipe)!r}, 'a').write('b')"]
    )
    try:
        with pytest.raises(Exception, match="changed while it was copied"):
            while True:
                copy_file(pipe, target)
    finally:
        writer.kill()
        writer.wait()


def flip(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


DAMAGES = {
    "lake": lambda folder: flip(next(folder.glob("lake/raw/invoicing/invoices/[!_]*.parquet"))),
    "alerts.sqlite was changed": lambda folder: flip(folder / "alerts.sqlite"),
    "backup.json was changed": lambda folder: (folder / "backup.json").write_text(
        (folder / "backup.json").read_text().replace("20", "19", 1)
    ),
    "company/desk/stages.csv is missing": lambda folder: (
        folder / "company/desk/stages.csv"
    ).unlink(),
    "lake/more.txt does not belong": lambda folder: (folder / "lake/more.txt").write_text("?"),
    "SHA256SUMS, line 1": lambda folder: (folder / "SHA256SUMS").write_text("nothing\n"),
    "must be there and whole": lambda folder: (folder / "backup.json").unlink(),
    "alerts.sqlite is no file": lambda folder: (
        (folder / "alerts.sqlite").rename(folder.with_name("elsewhere")),
        (folder / "alerts.sqlite").symlink_to(folder.with_name("elsewhere")),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_with_the_file_before_anything_is_touched(
    call, backed_up, bare_tiny, damage
):
    shutil.rmtree(bare_tiny.home)
    DAMAGES[damage](backed_up)
    code, told, complaint = call("restore", str(backed_up))
    assert (code, told, damage in complaint) == (2, "", True), complaint
    assert "what to do" in complaint
    assert not bare_tiny.home.exists()


def test_nothing_is_restored_over_data_unless_told(call, backed_up, bare_tiny):
    before = contents(bare_tiny.data)
    code, _, told = call("restore", str(backed_up))
    assert (code, "nothing was restored over them" in told, "--replace" in told) == (2, True, True)
    assert contents(bare_tiny.data) == before


def test_what_is_replaced_is_set_aside_and_what_others_see_or_bring_stays(
    call, backed_up, bare_tiny
):
    published = bare_tiny.data / "published/marts-1.duckdb"
    published.write_text("what readers see")
    published.with_name("marts.duckdb").symlink_to(published.name)
    (bare_tiny.data / "deliveries").mkdir()
    (bare_tiny.data / "deliveries/new.csv").write_text("not landed yet")
    (bare_tiny.data / "lake_exports").mkdir()
    (bare_tiny.data / "lake_exports/new.csv").write_text("not landed yet either")
    (bare_tiny.data / "alerts.sqlite-journal").write_text("of the book that was there")
    lock = (bare_tiny.data / ".lock").stat().st_ino
    bare_tiny.deliver("2025-01-11", EXPORT)
    land(bare_tiny)
    held = contents(bare_tiny.data)
    code, told, _ = call("restore", str(backed_up), "--replace", "--json")
    assert (code, contents(Path(json.loads(told)["set_aside"]))) == (0, held)
    now = contents(bare_tiny.data)
    assert now["published/marts.duckdb"] == b"what readers see"
    assert now["deliveries/new.csv"] == b"not landed yet"
    assert now["lake_exports/new.csv"] == b"not landed yet either"
    assert {"work.duckdb", "alerts.sqlite-journal"} & {*now} == set()
    assert contents(bare_tiny.data / "lake/raw") == contents(backed_up / "lake/raw")
    assert (bare_tiny.data / ".lock").stat().st_ino == lock
    assert now["alerts.sqlite"] == (backed_up / "alerts.sqlite").read_bytes()
    # The delivery of the 11th is still there, and lands once more.
    land(bare_tiny)


def test_a_desk_that_is_there_stays_unless_told(call, backed_up, bare_tiny):
    stages = bare_tiny.folder / "desk/stages.csv"
    was = stages.read_text()
    stages.write_text(was + "\n")
    shutil.rmtree(bare_tiny.home)
    code, told, _ = call("restore", str(backed_up))
    assert (code, f"kept as it is, the backup has it otherwise: {stages}" in told) == (0, True)
    assert stages.read_text() == was + "\n"
    code, told, _ = call("restore", str(backed_up), "--replace", "--json")
    assert (code, stages.read_text()) == (0, was)
    aside = Path(json.loads(told)["set_aside"])
    assert (aside / "company/desk/stages.csv").read_text() == was + "\n"


def test_a_company_folder_that_is_gone_comes_back(call, backed_up, bare_tiny):
    before = contents(bare_tiny.folder / "desk")
    shutil.rmtree(bare_tiny.home)
    shutil.rmtree(bare_tiny.folder)
    assert call("restore", str(backed_up))[0] == 0
    assert contents(bare_tiny.folder / "desk") == before
    assert (bare_tiny.folder / "company.yml").is_file()
    assert call("status")[0] == 0


def test_a_backup_of_another_company_is_refused(call, backed_up, bare_tiny):
    shutil.rmtree(bare_tiny.home)
    settings = bare_tiny.folder / "company.yml"
    settings.write_text(settings.read_text().replace("name: tiny", "name: other"))
    code, _, told = call("restore", str(backed_up))
    assert (code, "is of the company 'tiny', not of 'other'" in told) == (2, True)
    assert not bare_tiny.home.exists()


def holds_anna(tiny: Tiny) -> bool:
    """Parquet files pack their values: DuckDB is asked."""
    import duckdb

    files = f"{tiny.data}/lake/raw/invoicing/products/*.parquet"
    names = duckdb.sql(f"select name from read_parquet('{files}')").fetchall()
    return any(ANNA in str(name) for name in names)


def test_whoever_was_erased_after_the_backup_is_to_be_erased_again(call, backed_up, bare_tiny):
    assert call("erase", "--email", ANNA, **KEY)[0] == 0
    assert not holds_anna(bare_tiny)
    subject = entries(bare_tiny.data / "erasures.jsonl")[-1]["subject"]
    code, told, _ = call("restore", str(backed_up), "--replace")
    assert (code, holds_anna(bare_tiny)) == (1, True)
    assert "1 erasures are not in this backup: these people are in the lake again" in told
    assert f"subject {subject}" in told
    assert ANNA not in told
    for command in ("status", "doctor"):
        assert call(command)[0] == 1
    assert f"subjects {subject[:12]}" in call("doctor")[1]
    # A second restore does not forget it either, whatever is set aside.
    assert call("restore", str(backed_up), "--replace")[0] == 1

    assert call("erase", "--email", ANNA, **KEY)[0] == 0
    assert not holds_anna(bare_tiny)
    assert "subjects" not in call("doctor")[1]
    assert len(entries(bare_tiny.data / "erasures.jsonl")) == 2


def test_a_record_that_was_kept_elsewhere_tells_of_erasures_once_the_home_is_lost(
    call, backed_up, bare_tiny, tmp_path
):
    assert call("erase", "--email", ANNA, **KEY)[0] == 0
    assert call("erase", "--email", "nobody@example.com", **KEY)[0] == 2
    kept = shutil.copy(bare_tiny.data / "erasures.jsonl", tmp_path / "kept.jsonl")
    shutil.rmtree(bare_tiny.home)
    code, _, told = call("restore", str(backed_up), "--erasures", str(tmp_path / "none"))
    assert (code, "There is no such record of erasures" in told) == (2, True)
    code, told, _ = call("restore", str(backed_up), "--erasures", str(kept), "--json")
    # Of the one who stood nowhere nothing was changed, so nothing is undone.
    subject = entries(kept)[0]["subject"]
    assert (code, json.loads(told)["due_erasures"]) == (1, [subject])
    assert entries(bare_tiny.data / "erasures.jsonl") == entries(kept)

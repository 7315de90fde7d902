"""Publication: what readers see is whole, audited, and stays when something goes wrong."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from watched import settings_seen

import serving.publication
from serving.fingerprints import table_hashes
from serving.publication import publish
from serving.versions import KEPT_SECONDS, PublicationError, current_version, version_file, versions

AS_OF_AT = datetime(2025, 12, 31, 23)  # noqa: DTZ001 - UTC without zone, as everywhere

MARTS = ("fct_deals", "fct_check_results")


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A warehouse with one mart of two deals, judged without fault."""
    path = tmp_path / "work.duckdb"
    change(
        path,
        """
        create schema staging;
        create table staging.stg_crm__reps as select 'not for readers' as secret;
        create schema marts;
        create table marts.fct_deals (
            deal_id varchar not null, amount decimal(18, 2), won_at timestamp
        );
        insert into marts.fct_deals
        values ('d1', 10.50, '2025-01-02 03:04:05'), ('d2', null, null);
        comment on column marts.fct_deals.amount is 'Value of the deal.';
        create table marts.fct_check_results (
            check_name varchar, status varchar, is_blocking boolean
        );
        insert into marts.fct_check_results
        values ('fields', 'failed', false), ('keys', 'passed', true)
        """,
    )
    return path


def change(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def read(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def publish_to(folder: Path, warehouse: Path, manifest: Path | None = None, marts=MARTS):
    return publish(
        warehouse,
        folder,
        company="demo",
        as_of_at=AS_OF_AT,
        marts=marts,
        manifest=manifest,
        run_id="run-1",
    )


def test_readers_get_the_marts_and_nothing_else(warehouse, tmp_path):
    done = publish_to(tmp_path / "published", warehouse)

    assert done.link == tmp_path / "published/marts.duckdb"
    assert read(done.link, "select * from marts.fct_deals order by deal_id") == [
        ("d1", pytest.approx(10.50), datetime(2025, 1, 2, 3, 4, 5)),  # noqa: DTZ001
        ("d2", None, None),
    ]
    assert read(done.link, "select distinct table_schema from information_schema.tables") == [
        ("marts",)
    ]
    assert sorted(p.name for p in done.link.parent.iterdir()) == [
        f"marts-{done.version}.duckdb",
        "marts.duckdb",
        "pilotage.duckdb",
    ]


def test_the_catalogue_says_what_was_published(warehouse, tmp_path):
    done = publish_to(tmp_path / "published", warehouse)

    rows = read(done.link, "select * from marts.published order by table_name")
    hashes = table_hashes(warehouse)
    run = (done.version, "demo", "run-1")
    assert rows == [
        (*run, "fct_check_results", hashes["fct_check_results"], 2, 1, 1, AS_OF_AT),
        (*run, "fct_deals", hashes["fct_deals"], 2, 1, 1, AS_OF_AT),
    ]
    assert table_hashes(done.link) == hashes


def test_descriptions_become_comments(warehouse, tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        """{"nodes": {"model.pilotage.fct_deals": {
            "resource_type": "model", "schema": "marts", "name": "fct_deals",
            "description": "One row per deal,\\n it's said.",
            "columns": {"deal_id": {"name": "deal_id", "description": "Key."},
                        "amount": {"name": "amount", "description": ""}}}}}"""
    )
    done = publish_to(tmp_path / "published", warehouse, manifest)

    comments = "select comment from duckdb_tables() where table_name = 'fct_deals'"
    assert read(done.link, comments) == [("One row per deal, it's said.",)]
    columns = "select column_name, comment from duckdb_columns() where table_name = 'fct_deals'"
    assert dict(read(done.link, columns)) == {
        "deal_id": "Key.",
        "amount": None,
        "won_at": None,
    }


def test_the_catalogue_describes_itself(warehouse, tmp_path):
    done = publish_to(tmp_path / "published", warehouse)

    undescribed = "select column_name from duckdb_columns() where comment is null"
    assert read(done.link, f"{undescribed} and table_name like 'published%'") == []


def test_what_the_project_no_longer_has_stays_behind(warehouse, tmp_path):
    before = publish_to(tmp_path / "published", warehouse)
    change(
        warehouse,
        """
        create table marts.fct_removed_last_year as select 1 as number;
        comment on table marts.fct_removed_last_year is 'One row per relic.';
        comment on column marts.fct_removed_last_year.number is 'A relic.'
        """,
    )
    after = publish_to(tmp_path / "published", warehouse)

    assert (after.version, after.is_new) == (before.version, False)
    change(warehouse, "insert into marts.fct_deals values ('d3', 1, null)")
    done = publish_to(tmp_path / "published", warehouse)
    assert set(table_hashes(done.link)) == set(MARTS)
    assert [mart.name for mart in done.marts] == sorted(MARTS)


def test_a_mart_that_was_not_built_is_told(warehouse, tmp_path):
    with pytest.raises(PublicationError, match="not been built: fct_visits"):
        publish_to(tmp_path / "published", warehouse, marts=(*MARTS, "fct_visits"))
    assert current_version(tmp_path / "published") is None


def test_what_a_killed_run_left_is_swept(warehouse, tmp_path):
    folder = tmp_path / "published"
    (folder / ".building-x.duckdb.tmp").mkdir(parents=True)
    (folder / ".building-x.duckdb.tmp" / "spilled").touch()
    (folder / ".building-x.duckdb").touch()

    publish_to(folder, warehouse)

    assert list(folder.glob(".building-*")) == []


def test_publication_draws_no_progress_bar_and_keeps_to_its_memory(warehouse, tmp_path):
    code = """
from datetime import datetime
from pathlib import Path
from serving.publication import publish
warehouse, folder, *marts = sys.argv[1:]
publish(Path(warehouse), Path(folder), company="demo", as_of_at=datetime(2026, 1, 1), marts=marts)
"""
    settings = settings_seen(code, str(warehouse), str(tmp_path / "published"), *MARTS)
    assert {bar for bar, _ in settings} == {False}
    assert {memory for _, memory in settings} == {"1.3 GiB"}


def test_the_same_content_is_published_once(warehouse, tmp_path):
    first = publish_to(tmp_path / "published", warehouse)
    second = publish_to(tmp_path / "published", warehouse)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.version == first.version
    assert versions(tmp_path / "published") == [first.version]


HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_file_that_another_program_has_open_for_writing_stays_published(warehouse, tmp_path):
    folder = tmp_path / "published"
    good = publish_to(folder, warehouse).link.resolve()
    good.chmod(0o644)
    change(warehouse, "insert into marts.fct_deals values ('d3', 1, null)")
    command = [sys.executable, "-c", HOLD, str(good)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with pytest.raises(PublicationError, match="open for writing in another program"):
            publish_to(folder, warehouse)
        assert (folder / "marts.duckdb").resolve() == good
        holder.stdin.close()
    assert publish_to(folder, warehouse).is_new


def test_the_same_content_is_published_anew_where_the_file_cannot_be_read(warehouse, tmp_path):
    folder = tmp_path / "published"
    torn = publish_to(folder, warehouse)
    os.truncate(torn.link.resolve(), 5000)
    mended = publish_to(folder, warehouse)
    assert mended.is_new
    assert table_hashes(mended.link) == {mart.name: mart.hash for mart in mended.marts}
    assert not publish_to(folder, warehouse).is_new


def test_another_content_is_another_version_and_open_readers_keep_theirs(warehouse, tmp_path):
    folder = tmp_path / "published"
    first = publish_to(folder, warehouse)
    with duckdb.connect(str(first.link), read_only=True) as reader:
        change(warehouse, "insert into marts.fct_deals values ('d3', 1, null)")
        second = publish_to(folder, warehouse)

        assert reader.execute("select count(*) from marts.fct_deals").fetchall() == [(2,)]
    assert second.version != first.version
    assert read(second.link, "select count(*) from marts.fct_deals") == [(3,)]


def test_readers_never_see_a_torn_or_missing_file(warehouse, tmp_path):
    """Each pass opens the link anew; rows and catalogue in one file always agree."""
    folder = tmp_path / "published"
    link = publish_to(folder, warehouse).link
    stop = threading.Event()
    passes: list[bool] = []
    published_rows = "select row_count from marts.published"

    def read_on() -> None:
        while not stop.is_set():
            copy = link.resolve()
            stated = read(copy, f"{published_rows} where table_name = 'fct_deals'")
            passes.append(stated == read(copy, "select count(*) from marts.fct_deals"))

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for number in range(10):
            change(warehouse, f"insert into marts.fct_deals values ('n{number}', 1, null)")
            publish_to(folder, warehouse)
    finally:
        stop.set()
        reader.join()
    assert passes
    assert all(passes)


def test_a_failed_blocking_check_publishes_nothing(warehouse, tmp_path):
    folder = tmp_path / "published"
    first = publish_to(folder, warehouse)
    change(warehouse, "insert into marts.fct_check_results values ('keys__deals', 'failed', true)")

    with pytest.raises(PublicationError, match="keys__deals"):
        publish_to(folder, warehouse)
    assert current_version(folder) == first.version
    assert versions(folder) == [first.version]


def test_marts_that_nobody_judged_are_not_published(warehouse, tmp_path):
    change(warehouse, "drop table marts.fct_check_results")

    with pytest.raises(PublicationError, match="fct_check_results"):
        publish_to(tmp_path / "published", warehouse)


def test_a_file_that_differs_from_the_warehouse_is_not_swapped_in(warehouse, tmp_path, monkeypatch):
    folder = tmp_path / "published"
    first = publish_to(folder, warehouse)
    change(warehouse, "insert into marts.fct_deals values ('d3', 1, null)")
    write = serving.publication._write

    def lose_a_row(connection, marts, descriptions):
        write(connection, marts, descriptions)
        connection.execute("delete from target.marts.fct_deals where deal_id = 'd3'")

    monkeypatch.setattr(serving.publication, "_write", lose_a_row)
    with pytest.raises(PublicationError, match="fct_deals"):
        publish_to(folder, warehouse)
    assert current_version(folder) == first.version

    monkeypatch.undo()
    publish_to(folder, warehouse)
    assert [p.name for p in folder.glob(".building-*")] == []


def test_a_full_disk_is_told_and_nothing_half_written_stays(warehouse, tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        first = publish_to(folder, warehouse)
        change(
            warehouse,
            "insert into marts.fct_deals select md5(i::varchar) || md5((-i)::varchar), i, null "
            "from range(200000) as rows (i)",
        )
        with pytest.raises(PublicationError, match="disk is full") as full:
            publish_to(folder, warehouse)
        assert "make room" in full.value.remedy
        assert current_version(folder) == first.version
        assert not [*folder.glob(".building-*")]
        assert read(first.link, "select count(*) from marts.fct_deals") == [(2,)]
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_three_versions_are_kept_and_all_young_ones(warehouse, tmp_path):
    folder = tmp_path / "published"
    for number in range(5):
        change(warehouse, f"update marts.fct_deals set amount = {number}")
        publish_to(folder, warehouse)
    assert len(versions(folder)) == 5

    for path in folder.glob("marts-*.duckdb"):
        old = path.stat().st_mtime - KEPT_SECONDS - 1
        os.utime(path, (old, old))
    change(warehouse, "update marts.fct_deals set amount = 99")
    before = current_version(folder)
    publish_to(folder, warehouse)
    assert len(versions(folder)) == 3
    assert current_version(folder) in versions(folder)
    assert before in versions(folder)


def test_a_version_is_kept_for_a_while_from_when_it_was_superseded(warehouse, tmp_path):
    """A night's run: what was read all day long is not deleted under its last readers."""
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    read_all_day = (folder / "marts.duckdb").resolve()
    os.utime(read_all_day, (0, 0))
    for number in range(4):
        change(warehouse, f"update marts.fct_deals set amount = {number}")
        publish_to(folder, warehouse)
    assert read_all_day.exists()
    assert version_file(folder, versions(folder)[0]) == read_all_day

    superseded = time.time() - KEPT_SECONDS - 1
    os.utime(read_all_day, (superseded, superseded))
    change(warehouse, "update marts.fct_deals set amount = 99")
    publish_to(folder, warehouse)
    assert not read_all_day.exists()


def test_a_name_with_a_quote_in_it_is_published_like_any_other(warehouse, tmp_path):
    change(warehouse, """alter table marts.fct_deals add column "7"" tubes" integer default 3""")

    done = publish_to(tmp_path / "published", warehouse)

    assert read(done.link, 'select max("7"" tubes") from marts.fct_deals') == [(3,)]


def test_the_published_file_names_no_place_of_this_machine(warehouse, tmp_path):
    done = publish_to(tmp_path / "published", warehouse)

    assert str(tmp_path).encode() not in done.link.read_bytes()


def test_a_fingerprint_ignores_order_and_nothing_else(tmp_path):
    def fingerprint(name: str, select: str) -> str:
        change(tmp_path / name, f"create schema marts; create table marts.t as {select}")
        return table_hashes(tmp_path / name)["t"]

    base = fingerprint("base", "select 'a' as x, 'b' as y union all select 'c', null")
    same = fingerprint("same", "select 'c' as x, null::varchar as y union all select 'a', 'b'")
    assert same == base
    others = [
        "select 'a' as x, 'b' as y union all select 'c', ''",
        "select 'a' as x, 'b' as y union all select 'c', '-'",
        "select 'ab' as x, '' as y union all select 'c', null",
        "select 'a' as x, 'b' as y",
        "select 'a' as x, 'b' as y union all select 'c', null union all select 'c', null",
        "select 'a' as x, 'b' as z union all select 'c', null",
    ]
    prints = [fingerprint(f"other{number}", select) for number, select in enumerate(others)]
    assert len({base, *prints}) == len(others) + 1


def test_a_fingerprint_is_the_same_whatever_the_time_zone_and_threads(tmp_path):
    path = tmp_path / "a.duckdb"
    rows = "select i, timestamp '2025-01-01' + interval (i) second as at from range(50000) r(i)"
    change(path, f"create schema marts; create table marts.t as {rows}")
    expected = table_hashes(path)
    assert len(expected["t"]) == len(hashlib.md5(b"").hexdigest())

    os.environ["TZ"], before = "Asia/Tokyo", os.environ.get("TZ")
    try:
        assert table_hashes(path) == expected
    finally:
        del os.environ["TZ"]
        if before:
            os.environ["TZ"] = before

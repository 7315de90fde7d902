"""The marts as Parquet: the same rows, one version at a time, and whole after a crash."""

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from serving.fingerprints import attach
from serving.parquet import copy_to_parquet, point_parquet_to
from serving.publication import publish
from serving.rollback import roll_back
from serving.versions import PublicationError, current_version, version_file

AS_OF_AT = datetime(2025, 12, 31, 23)  # noqa: DTZ001 - UTC without zone, as everywhere
MARTS = ("fct_check_results", "fct_deals", "fct_visits")


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Two marts of plain and of nested values, judged without fault."""
    path = tmp_path / "work.duckdb"
    change(
        path,
        """
        create schema marts;
        create table marts.fct_deals as
        select
            'd' || i as deal_id, (i / 7)::decimal(18, 2) as amount,
            ['a', null] as tags, timestamp '2025-01-01' + interval (i) second as won_at
        from range(3000) as rows (i);
        create table marts.fct_visits as select 'v1' as visit_id, date '2025-02-03' as entered_date;
        create table marts.fct_check_results as
        select 'keys' as check_name, 'passed' as status, true as is_blocking
        """,
    )
    return path


def change(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def publish_to(folder: Path, warehouse: Path) -> str:
    return publish(warehouse, folder, company="demo", as_of_at=AS_OF_AT, marts=MARTS).version


def differing(folder: Path, table: str) -> list[tuple]:
    """Rows of the published table that Parquet lacks, and the other way round."""
    with duckdb.connect() as connection:
        attach(connection, (folder / "marts.duckdb").resolve(), "published")
        mart = f"from published.marts.{table}"
        files = f"from '{folder}/parquet/{table}/*.parquet'"
        return connection.execute(
            f"({mart} except all {files}) union all ({files} except all {mart})"
        ).fetchall()


def test_every_table_is_there_row_for_row(warehouse, tmp_path):
    folder = tmp_path / "published"
    version = publish_to(folder, warehouse)
    done = copy_to_parquet(folder)

    assert (done.version, done.tables, done.unchanged, done.is_new) == (version, 5, 0, True)
    tables = sorted(p.name for p in (folder / "parquet").iterdir())
    assert tables == sorted([*MARTS, "published", "published_days"])
    assert [differing(folder, table) for table in tables] == [[]] * 5


def test_what_did_not_change_is_not_written_again(warehouse, tmp_path):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    copy_to_parquet(folder)
    visits = (folder / "parquet/fct_visits/fct_visits.parquet").stat().st_ino
    assert not copy_to_parquet(folder).is_new

    change(warehouse, "update marts.fct_deals set amount = 99 where deal_id = 'd7'")
    publish_to(folder, warehouse)
    done = copy_to_parquet(folder)

    assert (done.unchanged, done.is_new) == (2, True)
    assert (folder / "parquet/fct_visits/fct_visits.parquet").stat().st_ino == visits
    assert differing(folder, "fct_deals") == differing(folder, "published") == []


def test_a_copy_that_was_killed_is_made_good(warehouse, tmp_path):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    (folder / ".building-parquet-x" / "fct_deals").mkdir(parents=True)
    (folder / ".building-parquet-x" / "fct_deals" / "fct_deals.parquet").write_bytes(b"PAR1")

    copy_to_parquet(folder)

    assert not [*folder.glob(".building-*")]
    assert differing(folder, "fct_deals") == []


def test_an_earlier_version_has_its_parquet_files_back(warehouse, tmp_path):
    folder = tmp_path / "published"
    first = publish_to(folder, warehouse)
    copy_to_parquet(folder)
    change(warehouse, "update marts.fct_deals set amount = 1")
    publish_to(folder, warehouse)
    copy_to_parquet(folder)

    assert roll_back(folder) == first
    point_parquet_to(folder, first)

    assert current_version(folder) == first
    assert differing(folder, "fct_deals") == differing(folder, "published") == []


def test_files_of_versions_that_are_gone_are_deleted_once_their_readers_are_done(
    warehouse, tmp_path
):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    gone = folder / "parquet-20200101T000000Z-000000000000"
    gone.mkdir()
    copy_to_parquet(folder)
    assert gone.is_dir()

    os.utime(gone, (0, 0))
    copy_to_parquet(folder)
    assert [p.name for p in folder.glob("parquet-*")] == [f"parquet-{current_version(folder)}"]


def test_files_are_kept_for_a_while_from_when_they_were_superseded(warehouse, tmp_path):
    folder = tmp_path / "published"
    first = publish_to(folder, warehouse)
    copy_to_parquet(folder)
    os.utime(folder / f"parquet-{first}", (0, 0))
    change(warehouse, "update marts.fct_deals set amount = 1")
    publish_to(folder, warehouse)
    version_file(folder, first).unlink()

    copy_to_parquet(folder)

    assert (folder / f"parquet-{first}").is_dir()


def test_others_read_the_files_of_a_run_that_writes_for_its_owner_alone(warehouse, tmp_path):
    folder = tmp_path / "published"
    before = os.umask(0o077)
    try:
        publish_to(folder, warehouse)
        copy_to_parquet(folder)
        # Of before: linked files get the rights too.
        (folder / "parquet/fct_visits/fct_visits.parquet").chmod(0o600)
        change(warehouse, "update marts.fct_deals set amount = 1")
        publish_to(folder, warehouse)
        copy_to_parquet(folder)
    finally:
        os.umask(before)
    copied = (folder / "parquet").resolve()
    modes = {path.is_dir(): set() for path in (copied, copied / "fct_visits/fct_visits.parquet")}
    for path in (copied, *copied.rglob("*")):
        modes[path.is_dir()].add(path.stat().st_mode & 0o777)
    assert modes == {True: {0o755}, False: {0o444}}


def test_a_file_that_somebody_deleted_is_written_anew(warehouse, tmp_path):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    copy_to_parquet(folder)
    (folder / "parquet/fct_visits/fct_visits.parquet").unlink()
    shutil.rmtree(folder / "parquet/fct_deals")

    assert copy_to_parquet(folder).is_new

    assert differing(folder, "fct_visits") == differing(folder, "fct_deals") == []
    assert not copy_to_parquet(folder).is_new


@pytest.mark.parametrize("table", ["fct_visits", "published"])
def test_a_file_that_the_version_before_lacks_stops_no_run(warehouse, tmp_path, table):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    copy_to_parquet(folder)
    (folder / f"parquet/{table}/{table}.parquet").unlink()
    change(warehouse, "update marts.fct_deals set amount = 1")
    publish_to(folder, warehouse)

    copy_to_parquet(folder)

    tables = ("fct_visits", "fct_deals", "published")
    assert [differing(folder, table) for table in tables] == [[]] * 3


def test_where_nothing_is_published_that_is_told(tmp_path):
    with pytest.raises(PublicationError, match="Nothing is published"):
        copy_to_parquet(tmp_path / "published")

"""The marts as Parquet: the same rows, one version at a time, and whole after a crash."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from serving.fingerprints import attach
from serving.parquet import copy_to_parquet, point_parquet_to
from serving.publication import publish
from serving.versions import current_version, roll_back

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


def test_files_of_versions_that_are_gone_are_deleted(warehouse, tmp_path):
    folder = tmp_path / "published"
    publish_to(folder, warehouse)
    copy_to_parquet(folder)
    (folder / "parquet-20200101T000000Z-000000000000").mkdir()

    copy_to_parquet(folder)

    assert [p.name for p in folder.glob("parquet-*")] == [f"parquet-{current_version(folder)}"]

"""The history is watched: a past day that reads otherwise is told, unless late data explain it."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from serving.publication import Publication, publish

MARTS = ("fct_pipeline_snapshots", "fct_opportunity_versions", "fct_check_results")


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Three days of one rep's pipeline: 100 from 1 to 3 March."""
    path = tmp_path / "work.duckdb"
    change(
        path,
        """
        create schema marts;
        create table marts.fct_check_results as
            select 'keys' as check_name, 'passed' as status, true as is_blocking;
        create table marts.fct_opportunity_versions (
            opportunity_id varchar, valid_from_date date, valid_from timestamp, known_at timestamp
        );
        insert into marts.fct_opportunity_versions
        values ('o1', '2025-03-01', '2025-03-01 09:00', '2025-03-03 20:00');
        create table marts.fct_pipeline_snapshots (
            rep_id varchar, stage_id varchar, open_count integer, gross_amount decimal(18, 2),
            weighted_amount decimal(18, 2), snapshot_date date
        );
        insert into marts.fct_pipeline_snapshots
        select 'ann', 'discovery', 1, 100, 50, day
        from (values (date '2025-03-01'), (date '2025-03-02'), (date '2025-03-03')) as days (day)
        """,
    )
    return path


def change(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def published(warehouse: Path, day: int = 3, company: str = "demo") -> Publication:
    """Publish as of the end of a day in March 2025 (UTC)."""
    as_of_at = datetime(2025, 3, day + 1)  # noqa: DTZ001 - UTC without zone, as everywhere
    folder = warehouse.with_name("published")
    return publish(warehouse, folder, company=company, as_of_at=as_of_at, marts=MARTS)


def days(done: Publication) -> list[tuple]:
    with duckdb.connect(str(done.link), read_only=True) as connection:
        return connection.execute(
            "select day(snapshot_date), is_rewritten, is_explained from marts.published_days"
            " order by snapshot_date"
        ).fetchall()


def told(done: Publication) -> list[int]:
    return [day.day for day in done.rewritten]


CALM = [(1, False, False), (2, False, False), (3, False, False)]
A_DAY_MORE = (
    "insert into marts.fct_pipeline_snapshots select * replace (date '2025-03-04' as snapshot_date)"
    " from marts.fct_pipeline_snapshots limit 1"
)


def test_the_first_publication_keeps_its_days(warehouse):
    done = published(warehouse)
    assert days(done) == CALM
    assert done.rewritten == ()


def test_a_new_day_rewrites_nothing(warehouse):
    published(warehouse)
    change(warehouse, A_DAY_MORE)
    done = published(warehouse, day=4)
    assert days(done) == [*CALM, (4, False, False)]
    assert told(done) == []


@pytest.mark.parametrize(
    ("sql", "which"),
    [
        ("update {} set gross_amount = 101 where snapshot_date = '2025-03-02'", [2]),
        ("update {} set weighted_amount = null where snapshot_date = '2025-03-02'", [2]),
        ("update {} set rep_id = 'bob' where snapshot_date < '2025-03-03'", [1, 2]),
        ("delete from {} where snapshot_date = '2025-03-01'", [1]),
        ("insert into {} select * from {} where snapshot_date = '2025-03-03'", [3]),
    ],
)
def test_a_past_day_that_reads_otherwise_is_told(warehouse, sql, which):
    published(warehouse)
    change(warehouse, sql.replace("{}", "marts.fct_pipeline_snapshots"))
    done = published(warehouse, day=4)
    assert told(done) == which
    assert [day for day, is_rewritten, _ in days(done) if is_rewritten] == which


def test_late_data_explain_the_days_from_their_effect_on(warehouse):
    """A version that begins on 2 March is heard on the 4th: it explains the 2nd, not the 1st."""
    published(warehouse)
    change(
        warehouse,
        "update marts.fct_pipeline_snapshots set gross_amount = 7;"
        "insert into marts.fct_opportunity_versions "
        "values ('o1', '2025-03-02', '2025-03-02 09:00', '2025-03-04 20:00')",
    )
    done = published(warehouse, day=4)
    assert days(done) == [(1, True, False), (2, True, True), (3, True, True)]
    assert told(done) == [1]


def test_what_was_told_once_is_the_past_of_the_next(warehouse):
    published(warehouse)
    change(warehouse, "update marts.fct_pipeline_snapshots set gross_amount = 7")
    assert told(published(warehouse, day=4)) == [1, 2, 3]
    change(warehouse, A_DAY_MORE)
    assert told(published(warehouse, day=5)) == []


def test_an_earlier_as_of_and_another_company_are_compared_with_nothing(warehouse):
    published(warehouse)
    change(warehouse, "update marts.fct_pipeline_snapshots set gross_amount = 7")
    assert told(published(warehouse, day=2)) == []
    change(warehouse, "update marts.fct_pipeline_snapshots set gross_amount = 8")
    assert told(published(warehouse, company="other")) == []


def test_a_publication_without_a_history_is_compared_with_nothing(warehouse):
    done = published(warehouse)
    change(done.link.resolve(), "drop table marts.published_days")
    change(warehouse, "update marts.fct_pipeline_snapshots set gross_amount = 7")
    assert told(published(warehouse)) == []


def test_a_column_that_a_release_adds_rewrites_no_day(warehouse):
    published(warehouse)
    change(warehouse, "alter table marts.fct_pipeline_snapshots add column team varchar")
    assert told(published(warehouse)) == []

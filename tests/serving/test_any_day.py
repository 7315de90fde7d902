"""The any-day macros: worked by hand on five deals, then held to their identities on the demo."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from serving.any_day import READS, create_macros

DAY_STATES = """
    opportunity_id varchar, rep_id varchar, stage_id varchar, segment_id varchar, origin varchar,
    state varchar, currency varchar, amount_doc decimal(18,2), amount decimal(18,2),
    plan_rate decimal(18,6), expected_close_date date, from_date date, until_date date
"""
INTERVALS = """
    select opportunity_id, rep_id, stage_id, segment_id, origin, currency, 'commit' as forecast_category,
        amount_doc, amount, amount / 2 as weighted_amount, plan_rate, 0.5 as win_probability,
        false as is_reconstructed, month::date as month_start_date,
        greatest(from_date, month::date) as from_date,
        least(until_date, (month + interval 1 month)::date) as until_date, expected_close_date
    from target.marts.fct_opportunity_day_states,
        generate_series(timestamp '2025-01-01', timestamp '2025-12-01', interval 1 month) as s (month)
    where state = 'open' and from_date < (month + interval 1 month)::date and until_date > month::date
"""
# deal, rep, segment, state, currency, document amount, amount, rate, close, first day, day after
# fmt: off
LIVES = [
    # raised from 100 to 150, and moved from March to April
    ("raised", "ann", "Gold", "open", "EUR", 100, 100, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("raised", "ann", "Gold", "open", "EUR", 150, 150, 1, "2025-04-10", "2025-02-01", "2025-12-01"),
    # handed from Ann to Bob, and won by Bob for 90
    ("won", "ann", "Gold", "open", "EUR", 80, 80, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("won", "bob", "Gold", "open", "EUR", 80, 80, 1, "2025-03-10", "2025-02-01", "2025-02-15"),
    ("won", "bob", "Gold", "won", "EUR", 90, 90, 1, "2025-02-15", "2025-02-15", "2025-12-01"),
    # 10 dollars, worth 9 at the old rate and 8 at the new one; its account moved to Silver
    ("usd", "ann", "Gold", "open", "USD", 10, 9, 0.9, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("usd", "ann", "Silver", "open", "USD", 10, 8, 0.8, "2025-03-10", "2025-02-01", "2025-12-01"),
    # lost before the window, reopened within it
    ("reopened", "bob", "Gold", "lost", "EUR", 7, 7, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("reopened", "bob", "Gold", "open", "EUR", 7, 7, 1, "2025-03-10", "2025-02-01", "2025-12-01"),
    # came and went within the window: never seen at its ends
    ("brief", "bob", "Gold", "open", "EUR", 5, 5, 1, "2025-03-10", "2025-02-01", "2025-02-05"),
    ("brief", "bob", "Gold", "deleted", "EUR", 5, 5, 1, "2025-03-10", "2025-02-05", "2025-12-01"),
]
# fmt: on


@pytest.fixture
def published(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    # Not marts.duckdb: a file of that name that is no link makes `marts.` ambiguous to DuckDB.
    path = tmp_path / "version.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as target")
        connection.execute("create schema target.marts")
        connection.execute(f"create table target.marts.fct_opportunity_day_states ({DAY_STATES})")
        connection.executemany(
            "insert into target.marts.fct_opportunity_day_states "
            "select $1, $2, 'discovery', $3, 'web', $4, $5, $6, $7, $8, $9, $10, $11",
            LIVES,
        )
        connection.execute(f"create table target.marts.fct_pipeline_intervals as {INTERVALS}")
        connection.execute(
            "create table target.marts.dim_reps as "
            "select * from (values ('ann', 'North'), ('bob', 'North')) as reps (rep_id, team)"
        )
        connection.execute(
            "create table target.marts.dim_dates as "
            "select date '2025-11-30' as date_day, true as is_as_of_day"
        )
        create_macros(connection, "target", READS)
    return duckdb.connect(path, read_only=True)


def waterfall(connection: duckdb.DuckDBPyConnection, scope: str) -> set[tuple[str, str, int, int]]:
    rows = connection.execute(
        "select member, bucket, deal_count, amount "
        "from pipeline_waterfall(date '2025-01-31', date '2025-02-28') where scope = $1",
        [scope],
    ).fetchall()
    return {(member, bucket, deals, int(amount)) for member, bucket, deals, amount in rows}


def test_the_company_gains_loses_and_ends_where_it_ends(published) -> None:
    assert waterfall(published, "company") == {
        ("all", "start", 3, 189),
        ("all", "increased", 0, 60),
        ("all", "fx", 0, -1),
        ("all", "won", -1, -90),
        ("all", "reopened", 1, 7),
        ("all", "end", 3, 165),
    }


def test_a_deal_that_changed_hands_leaves_one_rep_before_it_is_won_by_another(published) -> None:
    assert waterfall(published, "rep") == {
        ("ann", "start", 3, 189),
        ("ann", "increased", 0, 60),
        ("ann", "fx", 0, -1),
        ("ann", "transferred_out", -1, -90),
        ("ann", "end", 2, 158),
        ("bob", "reopened", 1, 7),
        ("bob", "end", 1, 7),
    }


def test_within_a_team_nothing_is_transferred(published) -> None:
    assert ("North", "won", -1, -90) in waterfall(published, "team")


def test_a_deal_pushed_to_a_later_month_leaves_one_and_enters_the_other(published) -> None:
    moved = waterfall(published, "close_month")
    assert ("2025-03-01", "pushed_out", -1, -150) in moved
    assert ("2025-04-01", "pushed_in", 1, 150) in moved


def test_an_account_that_changes_segment_takes_its_deals_along(published) -> None:
    moved = waterfall(published, "segment")
    assert ("Gold", "resegmented_out", -1, -8) in moved
    assert ("Silver", "resegmented_in", 1, 8) in moved


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("pipeline_as_of(date '2025-12-01')", "lies after 2025-11-30"),
        ("pipeline_waterfall(date '2025-01-31', date '2025-12-01')", "lies after 2025-11-30"),
        ("pipeline_waterfall(date '2025-02-28', date '2025-01-31')", "lies after 2025-01-31"),
    ],
)
def test_a_day_that_is_not_known_is_refused(published, call: str, why: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=why):
        published.sql(f"from {call}").fetchall()


def test_three_hundred_windows_of_the_demo_balance_to_the_cent(demo_run) -> None:
    """start + moves = end for every member of every scope, in deals and in money."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    draw = random.Random(seed)
    first = dt.date(2022, 12, 15)
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        for _ in range(300):
            start = first + dt.timedelta(days=draw.randrange(1100))
            end = min(start + dt.timedelta(days=draw.randrange(400)), dt.date(2025, 12, 31))
            off = connection.execute(
                "select scope, member from pipeline_waterfall($1::date, $2::date) group by all "
                "having sum(case when bucket = 'end' then -amount else amount end) <> 0 "
                "or sum(case when bucket = 'end' then -deal_count else deal_count end) <> 0",
                [start, end],
            ).fetchall()
            assert off == [], (start, end, seed)


def test_daily_movements_and_end_points_tell_the_same_balance(demo_run) -> None:
    """Both forms of the waterfall move every rep by the same amount from one day to another."""
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        rows = connection.execute(
            """
            with daily as (
                select rep_id, sum(amount) as amount
                from marts.fct_pipeline_movements
                where movement_date > date '2024-11-30' and movement_date <= date '2025-06-30'
                group by rep_id
            ),
            ends as (
                select member as rep_id,
                    sum(case bucket when 'end' then amount when 'start' then -amount else 0 end)
                        as amount
                from pipeline_waterfall(date '2024-11-30', date '2025-06-30')
                where scope = 'rep'
                group by member
            )
            select coalesce(daily.amount, 0), coalesce(ends.amount, 0)
            from daily full join ends using (rep_id)
            """
        ).fetchall()
    assert rows
    assert [row for row in rows if row[0] != row[1]] == []


def test_the_pipeline_of_any_day_is_its_snapshot(demo_run) -> None:
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        for day in (dt.date(2023, 3, 26), dt.date(2024, 2, 29), dt.date(2025, 12, 31)):
            deals = connection.execute(
                "select count(*), sum(amount) from pipeline_as_of($1::date)", [day]
            ).fetchone()
            snapshot = connection.execute(
                "select sum(open_count), sum(gross_amount) from marts.fct_pipeline_snapshots "
                "where snapshot_date = $1",
                [day],
            ).fetchone()
            assert deals == snapshot
            assert deals[1] > Decimal(0)

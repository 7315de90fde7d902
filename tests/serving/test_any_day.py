"""The any-day macros: worked by hand on five deals, then held to their identities on the demo."""

import datetime as dt
import random
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from serving.any_day import READS, create_macros

STATES = """
    opportunity_id varchar, rep_id varchar, team varchar, segment_id varchar, state varchar,
    currency varchar, amount_doc decimal(18,2), plan_rate decimal(18,6), expected_close_date date,
    from_date date, until_date date
"""
DAY_STATES = """
    select *, 'discovery' as stage_id, 'web' as origin,
        (amount_doc * plan_rate)::decimal(18, 2) as amount,
        date_trunc('month', expected_close_date)::date as close_month_date,
        date_trunc('quarter', expected_close_date)::date as close_quarter_date
    from target.lives
"""
# Ann's deals came into the stage on New Year's Day; since when Bob's are in it no log tells.
INTERVALS = """
    select states.* exclude (state, from_date, until_date), 'commit' as forecast_category,
        amount / 2 as weighted_amount, 0.5 as win_probability, false as is_reconstructed,
        month::date as month_start_date, greatest(from_date, month::date) as from_date,
        least(until_date, (month + interval 1 month)::date) as until_date,
        case
            when opportunity_id in (select opportunity_id from target.lives where rep_id = 'ann')
                then timestamp '2025-01-01 11:00'
        end as stage_entered_at
    from target.marts.fct_opportunity_day_states as states, generate_series(
        timestamp '2025-01-01', timestamp '2025-12-01', interval 1 month
    ) as months (month)
    where state = 'open' and from_date < (month + interval 1 month)::date
        and until_date > month::date
"""
DATES = """
    select day::date as date_day, day = timestamp '2025-11-30' as is_as_of_day,
        date_trunc('month', day)::date as fiscal_month_start_date,
        date_trunc('quarter', day)::date as fiscal_quarter_start_date,
        day + interval 23 hour as ends_at
    from generate_series(timestamp '2025-01-01', timestamp '2025-12-31', interval 1 day)
        as days (day)
"""
FITS = """
    select * from (values
        ('stage_rate', 'discovery', null, null, null, 0.5, date '2025-02-01'),
        ('stage_rate', 'discovery', null, null, null, 0.9, date '2025-03-01'),
        ('overstay_factor', 'discovery', null, null, 20.0, 0.8, date '2025-02-01'),
        ('overstay_factor', 'discovery', null, null, 40.5, 0.6, date '2025-02-01'),
        ('rep_factor', null, 'ann', null, null, 1.5, date '2025-02-01'),
        ('rep_factor', null, 'ann', null, null, 9.0, date '2025-03-01'),
        ('timing_factor', 'discovery', null, 60, null, 0.5, date '2025-02-01'),
        ('timing_factor', 'discovery', null, 90, null, 0.2, date '2025-02-01')
    ) as fits (factor, stage_id, rep_id, horizon_days, age_days, factor_value, fitted_before_date)
"""
# deal, rep, team, segment, state, currency, document amount, rate, close, first day, day after
# fmt: off
LIVES = [
    # raised from 100 to 150, and moved from March to April
    ("raised", "ann", "N", "Gold", "open", "EUR", 100, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("raised", "ann", "N", "Gold", "open", "EUR", 150, 1, "2025-04-10", "2025-02-01", "2025-12-01"),
    # handed from Ann to Bob, and won by Bob for 90
    ("won", "ann", "N", "Gold", "open", "EUR", 80, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("won", "bob", "N", "Gold", "open", "EUR", 80, 1, "2025-03-10", "2025-02-01", "2025-02-15"),
    ("won", "bob", "N", "Gold", "won", "EUR", 90, 1, "2025-02-15", "2025-02-15", "2025-12-01"),
    # 10 dollars, worth 9 at the old rate and 8 at the new one; its account moved to Silver
    ("usd", "ann", "N", "Gold", "open", "USD", 10, 0.9, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("usd", "ann", "N", "Silver", "open", "USD", 10, 0.8, "2025-03-10", "2025-02-01", "2025-12-01"),
    # lost before the window, reopened within it
    ("back", "bob", "N", "Gold", "lost", "EUR", 7, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("back", "bob", "N", "Gold", "open", "EUR", 7, 1, "2025-03-10", "2025-02-01", "2025-12-01"),
    # came and went within the window: never seen at its ends
    ("brief", "bob", "N", "Gold", "open", "EUR", 5, 1, "2025-03-10", "2025-02-01", "2025-02-05"),
    ("brief", "bob", "N", "Gold", "deleted", "EUR", 5, 1, "2025-03-10", "2025-02-05", "2025-12-01"),
]
RATES = [
    # raised by 10 pounds while their rate of 1.2 went; francs whose rate came; euros become kronor
    ("gone", "cyd", "S", None, "open", "GBP", 100, 1.2, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("gone", "cyd", "S", None, "open", "GBP", 110, None, "2025-03-10", "2025-02-01", "2025-12-01"),
    ("came", "cyd", "S", "Gold", "open", "CHF", 30, None, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("came", "cyd", "S", "Gold", "open", "CHF", 40, 1.1, "2025-03-10", "2025-02-01", "2025-12-01"),
    ("swap", "cyd", "S", "Gold", "open", "EUR", 20, 1, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("swap", "cyd", "S", "Gold", "open", "SEK", 20, None, "2025-03-10", "2025-02-01", "2025-12-01"),
    # dollars become euros, both of a known rate: that is the deal's doing
    ("euro", "cyd", "S", "Gold", "open", "USD", 10, 0.9, "2025-03-10", "2025-01-01", "2025-02-01"),
    ("euro", "cyd", "S", "Gold", "open", "EUR", 10, 1, "2025-03-10", "2025-02-01", "2025-12-01"),
]
SLEEPERS = [
    # fell asleep, and woke up
    ("off", "dan", "E", None, "open", "EUR", 3, 1, None, "2025-01-01", "2025-02-01"),
    ("off", "dan", "E", None, "dormant", "EUR", 3, 1, None, "2025-02-01", "2025-12-01"),
    ("on", "dan", "E", None, "dormant", "EUR", 4, 1, None, "2025-01-01", "2025-02-01"),
    ("on", "dan", "E", None, "open", "EUR", 4, 1, None, "2025-02-01", "2025-12-01"),
    # restored into other hands; merged out of others'; handed over and pulled to an earlier month
    ("saved", "eve", "F", None, "deleted", "EUR", 6, 1, None, "2025-01-01", "2025-02-01"),
    ("saved", "dan", "E", None, "open", "EUR", 6, 1, None, "2025-02-01", "2025-12-01"),
    ("twin", "dan", "E", None, "open", "EUR", 2, 1, None, "2025-01-01", "2025-02-01"),
    ("twin", "eve", "F", None, "merged", "EUR", 2, 1, None, "2025-02-01", "2025-12-01"),
    ("both", "dan", "E", None, "open", "EUR", 8, 1, None, "2025-01-01", "2025-02-01"),
    ("both", "eve", "F", None, "open", "EUR", 8, 1, "2025-05-01", "2025-02-01", "2025-12-01"),
]
# fmt: on


def publish(path: Path, lives: list[tuple]) -> duckdb.DuckDBPyConnection:
    """A published file of these lives. As of 30 November 2025."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as target")
        connection.execute(f"create schema target.marts; create table target.lives ({STATES})")
        slots = ", ".join("?" for _ in lives[0])
        connection.executemany(f"insert into target.lives values ({slots})", lives)
        for name, sql in (
            ("fct_opportunity_day_states", DAY_STATES),
            ("fct_pipeline_intervals", INTERVALS),
            ("dim_dates", DATES),
            ("mart_probability_fits", FITS),
        ):
            connection.execute(f"create table target.marts.{name} as {sql}")
        create_macros(connection, "target", READS)
    return duckdb.connect(path, read_only=True)


@pytest.fixture
def published(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    # Not marts.duckdb: a file of that name that is no link makes `marts.` ambiguous to DuckDB.
    return publish(tmp_path / "version.duckdb", LIVES)


def test_what_readers_may_ask_is_found_by_the_question_of_the_readme(published):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (question,) = re.findall(r"`(select function_name, comment [^`]+)`", readme)
    told = dict(published.execute(question).fetchall())
    assert {*told} == {
        *("pipeline_as_of", "forecast_as_of"),
        *("pipeline_waterfall", "pipeline_daily_waterfall"),
    }
    assert told["pipeline_as_of"].startswith("The open pipeline at the local end of a day, one row")
    assert "What lies between the ends of two days" in told["pipeline_waterfall"]


def test_a_question_of_an_unknown_day_is_told_the_known_ones(call_pilotage, tmp_path: Path) -> None:
    folder = tmp_path / "demo/published"
    folder.mkdir(parents=True)
    publish(folder / "version.duckdb", LIVES).close()
    (folder / "marts.duckdb").symlink_to("version.duckdb")
    for day in ("1999-01-01", "2025-12-01"):
        asked = call_pilotage(tmp_path, "query", f"from pipeline_as_of(date '{day}')")
        assert asked.returncode == 2
        assert f"{day} lies " in asked.stderr
        assert "what to do: ask for days from 2025-01-01 to 2025-11-30" in asked.stderr
    asked = call_pilotage(tmp_path, "query", "from pipeline_as_of(null)")
    assert "The day is NULL: ask for a date" in asked.stderr
    assert "what to do: mend the select" in asked.stderr


def waterfall(
    connection: duckdb.DuckDBPyConnection, scope: str, form: str = "pipeline_waterfall"
) -> set[tuple[str, str, int, int]]:
    rows = connection.execute(
        "select member, bucket, deal_count, amount "
        f"from {form}(date '2025-01-31', date '2025-02-28') where scope = $1",
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
    assert ("N", "won", -1, -90) in waterfall(published, "team")


def test_a_deal_pushed_to_a_later_month_leaves_one_and_enters_the_other(published) -> None:
    moved = waterfall(published, "close_month")
    assert ("2025-03-01", "pushed_out", -1, -150) in moved
    assert ("2025-04-01", "pushed_in", 1, 150) in moved


def test_an_account_that_changes_segment_takes_its_deals_along(published) -> None:
    moved = waterfall(published, "segment")
    assert ("Gold", "resegmented_out", -1, -8) in moved
    assert ("Silver", "resegmented_in", 1, 8) in moved


def test_day_by_day_what_came_and_went_is_seen_too(published) -> None:
    assert waterfall(published, "company", "pipeline_daily_waterfall") == {
        ("all", "start", 3, 189),
        ("all", "increased", 0, 60),
        ("all", "fx", 0, -1),
        ("all", "new", 1, 5),
        ("all", "deleted", -1, -5),
        ("all", "won", -1, -90),
        ("all", "reopened", 1, 7),
        ("all", "end", 3, 165),
    }


def test_day_by_day_a_deal_goes_through_the_hands_of_who_wins_it(published) -> None:
    moves = waterfall(published, "rep", "pipeline_daily_waterfall")
    assert {row for row in moves if row[0] == "bob"} == {
        ("bob", "transferred_in", 1, 80),
        ("bob", "increased", 0, 10),
        ("bob", "won", -1, -90),
        ("bob", "new", 1, 5),
        ("bob", "deleted", -1, -5),
        ("bob", "reopened", 1, 7),
        ("bob", "end", 1, 7),
    }


def test_a_rep_is_seen_within_the_months_and_quarters_of_the_expected_close(published) -> None:
    moves = published.execute(
        "select scope, close_period_date, bucket, deal_count, amount::int "
        "from pipeline_waterfall(date '2025-01-31', date '2025-02-28') "
        "where member = 'ann' and scope in ('rep_month', 'rep_quarter') and bucket <> 'start'"
    ).fetchall()
    april = dt.date(2025, 4, 1)
    scopes = (("rep_month", dt.date(2025, 3, 1)), ("rep_quarter", dt.date(2025, 1, 1)))
    assert set(moves) == {
        move
        for scope, first in scopes
        for move in (
            (scope, first, "increased", 0, 60),
            (scope, first, "fx", 0, -1),
            (scope, first, "transferred_out", -1, -90),
            (scope, first, "pushed_out", -1, -150),
            (scope, first, "end", 1, 8),
            (scope, april, "pushed_in", 1, 150),
            (scope, april, "end", 1, 150),
        )
    }


def test_a_rate_that_comes_or_goes_is_no_change_of_the_deal(tmp_path) -> None:
    """The pounds rose by 12 at the old rate, the dollars by 1 as euros; the rest is fx."""
    connection = publish(tmp_path / "version.duckdb", RATES)
    for form in ("pipeline_waterfall", "pipeline_daily_waterfall"):
        assert waterfall(connection, "company", form) == {
            ("all", "start", 4, 149),
            ("all", "increased", 0, 13),
            ("all", "fx", 0, -132 + 44 - 20),
            ("all", "end", 4, 54),
        }


def test_the_first_reason_is_told_of_what_sleeps_is_saved_or_moves_in_two_ways(tmp_path) -> None:
    connection = publish(tmp_path / "version.duckdb", SLEEPERS)
    for form in ("pipeline_waterfall", "pipeline_daily_waterfall"):
        for scope, old, new in (("rep", "dan", "eve"), ("team", "E", "F")):
            assert waterfall(connection, scope, form) == {
                (old, "start", 3, 13),
                (old, "dormant", -1, -3),
                (old, "reactivated", 1, 4),
                (old, "restored", 1, 6),
                (old, "merged", -1, -2),
                (old, "transferred_out", -1, -8),
                (old, "end", 2, 10),
                (new, "transferred_in", 1, 8),
                (new, "end", 1, 8),
            }
        moves = waterfall(connection, "close_month", form)
        assert ("unknown", "pulled_out", -1, -8) in moves
        assert ("2025-05-01", "pulled_in", 1, 8) in moves
        assert ("unknown", "start", 3, 13) in waterfall(connection, "segment", form)


def chances(connection: duckdb.DuckDBPyConnection, day: str) -> dict[str, tuple]:
    rows = connection.execute(
        "select opportunity_id, calibrated_probability, calibrated_probability_by_period "
        "from pipeline_as_of($1::date)",
        [day],
    ).fetchall()
    return {deal: tuple(c if c is None else float(c) for c in told) for deal, *told in rows}


def test_the_chances_of_a_past_day_are_multiplied_from_what_its_month_knew(published) -> None:
    """Ann on 10 February, 40.5 days in the stage: 0.5 x 0.8 x 1.5. Bob 0.5, of her old deal x 0.8.

    49 days are left to the end of March (measured at 60: x 0.5), 79 to that of April (90: x 0.2).
    """
    assert chances(published, "2025-02-10") == {
        "raised": (0.6, 0.12),
        "usd": (0.6, 0.3),
        "won": (0.4, 0.2),
        "back": (0.5, 0.25),
    }


def test_a_day_later_an_age_is_passed(published) -> None:
    assert chances(published, "2025-02-11")["usd"] == (0.45, 0.225)


def test_a_chance_is_never_more_than_certain_and_unknown_where_nothing_is_known(published) -> None:
    assert chances(published, "2025-03-15")["usd"] == (1, None)
    assert set(chances(published, "2025-01-15").values()) == {(None, None)}


def forecast(connection: duckdb.DuckDBPyConnection, day: str, grain: str) -> set[tuple]:
    rows = connection.execute(
        "select level, member, period_start_date::varchar, open_count, won_count, open_amount, "
        "won_amount, weighted_amount, calibrated_amount, stated_forecast_amount, "
        "calibrated_forecast_amount from forecast_as_of($1::date) where period_grain = $2",
        [day, grain],
    ).fetchall()
    return {
        tuple(None if x is None else x if isinstance(x, str) else float(x) for x in row)
        for row in rows
    }


def test_a_month_is_forecast_by_what_is_won_and_what_is_open_times_its_chance(published) -> None:
    """On 20 February `won` stands won. Open: `usd` and `back` in March, `raised` in April.

    Weighted by a half. The calibrated chances are those of 11 February in the tests above: Ann's
    0.5 x 0.6 x 1.5 x 0.5 for March and x 0.2 for April, Bob's 0.5 x 0.5.
    """
    march, april = "2025-03-01", "2025-04-01"
    assert forecast(published, "2025-02-20", "month") == {
        ("rep", "bob", "2025-02-01", 0, 1, 0, 90, 0, 0, 90, 90),
        ("rep", "ann", march, 1, 0, 8, 0, 4, 1.8, 4, 1.8),
        ("rep", "bob", march, 1, 0, 7, 0, 3.5, 1.75, 3.5, 1.75),
        ("rep", "ann", april, 1, 0, 150, 0, 75, 13.5, 75, 13.5),
        *(
            (level, member, *told)
            for level, member in (("team", "N"), ("company", "all"))
            for told in (
                ("2025-02-01", 0, 1, 0, 90, 0, 0, 90, 90),
                (march, 2, 0, 15, 0, 7.5, 3.55, 7.5, 3.55),
                (april, 1, 0, 150, 0, 75, 13.5, 75, 13.5),
            )
        ),
    }


def test_a_quarter_is_forecast_by_the_stated_chances_alone(published) -> None:
    told = {row for row in forecast(published, "2025-02-20", "quarter") if row[0] == "company"}
    assert told == {
        ("company", "all", "2025-01-01", 2, 1, 15, 90, 7.5, None, 97.5, None),
        ("company", "all", "2025-04-01", 1, 0, 150, 0, 75, None, 75, None),
    }


def test_a_period_that_is_over_is_forecast_no_more(published) -> None:
    """What was to close in March is late in May: in no period. `raised` was April's."""
    assert forecast(published, "2025-05-20", "month") == set()


def test_a_forecast_is_what_fct_forecast_statements_says_of_that_day(demo_run) -> None:
    """Where nothing was told late; a statement knew less. It is silent of who was not in office."""
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        connection.execute(f"attach '{demo_run.warehouse}' as work (read_only)")
        days = connection.execute(
            "select distinct stated_date from marts.fct_forecast_statements "
            "anti join work.intermediate.int_late_days as late using (stated_date) "
            "order by hash(stated_date) limit 12"
        ).fetchall()
        assert days
        for (day,) in days:
            compared, odd = connection.execute(
                """
                with stated as (
                    select level, member, period_grain, period_start_date,
                        sum(deal_count) as open_count, sum(open_amount) as open_amount,
                        sum(won_before_amount) as won_amount, sum(stated_amount) as stated_amount
                    from marts.fct_forecast_statements
                    where stated_date = $1 and method = 'stated_probability'
                        and period_grain <> 'fiscal_year'
                    group by all
                )
                select count(*), count(*) filter (
                    coalesce(seen.open_count, 0) <> stated.open_count
                    or coalesce(seen.open_amount, 0) <> stated.open_amount
                    or coalesce(seen.won_amount, 0) <> stated.won_amount
                    or coalesce(seen.stated_forecast_amount, 0) <> stated.stated_amount
                )
                from stated
                left join forecast_as_of($1::date) as seen
                    using (level, member, period_grain, period_start_date)
                """,
                [day],
            ).fetchone()
            assert compared > 10
            assert odd == 0, day


def test_the_chances_of_a_day_are_those_that_statements_of_it_were_judged_by(demo_run) -> None:
    """Only where something was told late may the two differ: a statement knew less."""
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        connection.execute(f"attach '{demo_run.warehouse}' as work (read_only)")
        days = connection.execute(
            "select distinct stated_date from work.intermediate.int_deals_due "
            "where calibrated_probability is not null order by hash(stated_date) limit 12"
        ).fetchall()
        for (day,) in days:
            compared, odd = connection.execute(
                """
                select count(*), count(*) filter (
                    abs(seen.calibrated_probability - due.calibrated_probability) > 0.000001
                    or seen.calibrated_probability is null
                )
                from pipeline_as_of($1::date) as seen
                inner join work.intermediate.int_deals_due as due
                    on seen.opportunity_id = due.opportunity_id and due.stated_date = $1
                anti join work.intermediate.int_late_days as late
                    on seen.opportunity_id = late.opportunity_id and late.stated_date = $1
                """,
                [day],
            ).fetchone()
            assert compared > 0
            assert odd == 0, day


def test_today_the_chances_are_those_of_the_factors(demo_run) -> None:
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        odd = connection.execute(
            """
            select count(*), count(*) filter (
                seen.calibrated_probability is distinct from factors.calibrated_probability
                or seen.calibrated_probability_by_period
                    is distinct from factors.calibrated_probability_by_period
            ), count(seen.calibrated_probability_by_period)
            from pipeline_as_of(date '2025-12-31') as seen
            inner join marts.mart_probability_factors as factors using (opportunity_id)
            """
        ).fetchone()
    assert odd[0] > odd[2] > 0
    assert odd[1] == 0


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("pipeline_as_of(date '2025-12-01')", "2025-12-01 lies after 2025-11-30"),
        ("pipeline_as_of('2099-01-01')", "2099-01-01 lies after 2025-11-30"),
        ("pipeline_as_of(date '2024-12-30')", "2024-12-30 lies before 2024-12-31"),
        ("pipeline_as_of(null)", "The day is NULL"),
        ("pipeline_waterfall(date '2025-01-31', date '2025-12-01')", "lies after 2025-11-30"),
        ("pipeline_waterfall(date '2025-02-28', date '2025-01-31')", "lies after 2025-01-31"),
        ("pipeline_waterfall(date '1990-01-01', date '2025-01-31')", "lies before 2024-12-31"),
        ("pipeline_waterfall(date '1990-01-01', date '1990-01-31')", "lies before 2024-12-31"),
        ("pipeline_waterfall(date '2025-01-31', null)", "The day is NULL"),
        ("pipeline_waterfall(null, date '2025-01-31')", "The day is NULL"),
        ("pipeline_waterfall(null, null)", "The day is NULL"),
        ("pipeline_daily_waterfall(date '2025-02-28', date '2025-12-01')", "lies after 2025-11-30"),
        (
            "pipeline_daily_waterfall(date '2024-02-28', date '2025-02-01')",
            "lies before 2024-12-31",
        ),
        ("pipeline_daily_waterfall(date '2025-01-31', null)", "The day is NULL"),
        ("pipeline_daily_waterfall(null, date '2025-01-31')", "The day is NULL"),
    ],
)
def test_a_day_that_is_not_known_is_refused(published, call: str, why: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=why):
        published.sql(f"from {call}").fetchall()


def test_a_day_may_be_given_as_text_or_instant_or_asked_of_the_file(published) -> None:
    days = ("'2025-03-01'", "timestamp '2025-03-01 10:00'", "(select date '2025-03-01')", "$1")
    asked = ["2025-03-01"]
    counts = [
        published.execute(
            f"select count(*) from pipeline_as_of({day})", asked if day == "$1" else []
        ).fetchone()[0]
        for day in days
    ]
    assert counts == [3, 3, 3, 3]


def test_three_hundred_windows_of_the_demo_balance_to_the_cent(demo_run) -> None:
    """start + moves = end for every member of every scope, in deals and in money."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    draw = random.Random(seed)
    eve = dt.date(2022, 12, 31)
    with duckdb.connect(demo_run.published, read_only=True) as connection:
        for _ in range(300):
            start = eve + dt.timedelta(days=draw.randrange(1096))
            end = min(start + dt.timedelta(days=draw.randrange(400)), dt.date(2025, 12, 31))
            off = connection.execute(
                "select scope, member, close_period_date "
                "from pipeline_waterfall($1::date, $2::date) group by all "
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

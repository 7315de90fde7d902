"""A lender's log of events as a CRM with stage history, out of the published marts.

What is expected is worked out here, straight from the file, by queries that know nothing of this
project; only the counts of outcomes are given, for the applications registered in October 2011.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[3]
PILOTAGE = Path(sys.executable).with_name("pilotage")
FILES = "bpic2012/*.parquet"
AS_OF = "2012-04-01"
# The end of that day in Amsterdam.
AS_OF_AT = "timestamp '2012-04-01 22:00:00'"

CLOSINGS = "('A_APPROVED', 'A_REGISTERED', 'A_ACTIVATED', 'A_DECLINED', 'A_CANCELLED')"
NEAR_A_MICROSECOND = 1.01 / 86_400_000_000


def raw_file() -> Path:
    """The log as it was delivered."""
    if not os.environ.get("REAL_DATA_DIR"):
        pytest.skip("REAL_DATA_DIR is not set: the real files of this company are not here.")
    return Path(os.environ["REAL_DATA_DIR"]).resolve() / FILES


def from_the_file(sql: str) -> str:
    """A query over log, closed and visits, which are read off the file by themselves.

    log: the events; closed: application -> its first closing event; visits: the stages of its open
    life, of several at one instant the last; left_at is NULL where the application is still there.
    """
    return f"""
        with log as (
            select
                "case:concept:name" as id, event_seq as seq, "concept:name" as event,
                "lifecycle:transition" as step, "org:resource" as actor,
                "case:REG_DATE" as registered_text,
                cast("case:AMOUNT_REQ" as decimal(18, 2)) as amount,
                timezone('UTC', cast("case:REG_DATE" as timestamptz)) as registered_at,
                timezone('UTC', cast("time:timestamp" as timestamptz)) as event_at
            from '{raw_file()}'
        ),
        closed as (
            select id, min(seq) as closed_seq, min(event_at) as closed_at
            from log where event in {CLOSINGS} group by id
        ),
        instants as (
            select id, event_at, max_by(event, seq) as event, min(registered_at) as registered_at
            from log left join closed using (id)
            where event[1] in ('A', 'O') and seq <= coalesce(closed_seq, seq)
            group by id, event_at
        ),
        entries as (
            select * from instants
            qualify event is distinct from lag(event) over (partition by id order by event_at)
        ),
        stays as (
            select
                id, event as stage,
                if(
                    row_number() over (partition by id order by event_at) = 1,
                    registered_at, event_at
                ) as entered_at,
                lead(event_at) over (partition by id order by event_at) as left_at
            from entries
        ),
        visits as (select * from stays where stage not in {CLOSINGS})
        {sql}
    """


def test_outcomes(published):
    """H11: 2,393 applications, 500 won, 1,335 declined, 558 cancelled."""
    rows = published.rows("""
        select state, last_stage, count(*)
        from (
            select *, if(is_won, 'won', stage_id) as last_stage from marts.fct_opportunities
            where created_at < timestamp '2011-10-31 23:00:00'
        )
        group by all order by all
    """)
    assert rows == [
        ("lost", "A_CANCELLED", 558),
        ("lost", "A_DECLINED", 1335),
        ("won", "won", 500),
    ]


def test_every_application_is_what_the_file_says(published):
    """Instants in UTC by the offset that each one carries, days by the clock on the wall."""
    found = published.rows("""
        select opportunity_id, amount, is_open, created_at, closed_at, created_date
        from marts.fct_opportunities order by opportunity_id
    """)
    expected = published.rows(
        from_the_file("""
            select id, amount, closed_at is null, registered_at, closed_at,
                cast(left(registered_text, 10) as date)
            from log left join closed using (id) where seq = 0 order by id
        """)
    )
    assert found == expected


def test_every_visit_to_a_stage_is_in_the_file(published):
    """Nothing more, nothing less: of tied events the one with the highest event_seq is a visit."""
    found = published.rows("""
        select opportunity_id, stage_id, entered_at, left_at
        from marts.fct_stage_visits order by opportunity_id, entered_at
    """)
    expected = published.rows(
        from_the_file("select id, stage, entered_at, left_at from visits order by id, entered_at")
    )
    ties = published.row(
        from_the_file("""
            select count(*) from (
                select 1 from log where event[1] in ('A', 'O')
                group by id, event_at having count(*) > 1
            )
        """)
    )
    assert ties > (1000,), "a file without ties would prove nothing"
    assert found == expected


def test_median_duration_of_every_stage(published):
    found = published.rows("""
        select stage_id, median(days) from marts.fct_stage_visits
        where not is_open group by stage_id order by stage_id
    """)
    expected = published.rows(
        from_the_file("""
            select stage, median(date_diff('microsecond', entered_at, left_at)) / 86400000000
            from visits where left_at is not null group by stage order by stage
        """)
    )
    assert [stage for stage, _ in found] == [stage for stage, _ in expected]
    assert [days for _, days in found] == pytest.approx([days for _, days in expected], rel=1e-12)


def test_visits_partition_the_open_life(published):
    """Without gap or overlap from registration to closing, or to as_of where none closed it."""
    wrong = published.rows(f"""
        select opportunity_id
        from (
            select *, lag(left_at) over one as left_before, lead(entered_at) over one as next_at
            from marts.fct_stage_visits
            window one as (partition by opportunity_id order by entered_at)
        )
        right join marts.fct_opportunities as deals using (opportunity_id)
        group by opportunity_id, created_at, closed_at
        having
            bool_or(entered_at is distinct from coalesce(left_before, created_at))
            or max_by(coalesce(left_at, timestamp 'infinity'), entered_at)
                <> coalesce(closed_at, timestamp 'infinity')
            or abs(
                sum(days) - date_diff(
                    'microsecond', created_at, coalesce(closed_at, {AS_OF_AT})
                ) / 86400000000
            ) > {NEAR_A_MICROSECOND}
    """)
    assert wrong == []


def test_open_pipeline_of_every_day(published):
    """Count and amount by stage at each local midnight; the night of 30 October has 25 hours."""
    found = published.rows("""
        select snapshot_date, stage_id, sum(open_count), sum(gross_amount)
        from marts.fct_pipeline_snapshots group by all order by all
    """)
    expected = published.rows(
        from_the_file(f"""
            , days as (
                select cast(day as date) as day,
                    timezone('UTC', timezone('Europe/Amsterdam', day + interval 1 day)) as ends_at
                from generate_series(
                    (select min(cast(left(registered_text, 10) as timestamp)) from log),
                    timestamp '{AS_OF}', interval 1 day
                ) as series (day)
            )
            select day, stage, count(*), sum(amount)
            from days
            inner join visits on entered_at < ends_at and coalesce(left_at >= ends_at, true)
            inner join (select id, amount from log where seq = 0) using (id)
            group by all order by all
        """)
    )
    days = {day for day, *_ in expected}
    assert len(days) >= 60
    assert {date(2011, 10, 29), date(2011, 10, 30), date(2011, 10, 31)} <= days
    assert found == expected


def test_effort_of_every_actor(published):
    """Whole minutes per piece of work; those that name nobody are kept."""
    found = published.rows("""
        select rep_id, activity_type, count(*), sum(minutes)
        from marts.fct_activities group by all order by all
    """)
    expected = published.rows(
        from_the_file("""
            , work as (
                select * from log where event[1] = 'W' and step in ('START', 'COMPLETE')
            ),
            pieces as (
                select start.event,
                    case
                        when next.step = 'COMPLETE' then coalesce(next.actor, start.actor)
                        else start.actor
                    end as actor,
                    cast(round(date_diff(
                        'microsecond', start.event_at,
                        case when next.step = 'COMPLETE' then next.event_at end
                    ) / 60000000) as bigint) as minutes
                from work as start
                left join work as next
                    on start.id = next.id and start.event = next.event and start.seq < next.seq
                where start.step = 'START'
                qualify row_number() over (
                    partition by start.id, start.seq order by next.seq
                ) = 1
            )
            select actor, event[3:], count(*), sum(minutes)
            from pieces group by all order by all
        """)
    )
    assert found == expected


Run = Callable[[str], tuple[subprocess.CompletedProcess[str], Path]]


@pytest.fixture
def run_on(tmp_path: Path) -> Run:
    """Run the company, as of the newest delivery, on what a query over `log` leaves of the file."""

    def run(sql: str) -> tuple[subprocess.CompletedProcess[str], Path]:
        copy = tmp_path / "deliveries" / "bpic2012" / "altered.parquet"
        copy.parent.mkdir(parents=True)
        duckdb.sql(f"copy (with log as (from '{raw_file()}') {sql}) to '{copy}'")
        home = tmp_path / "home"
        done = subprocess.run(
            [PILOTAGE, "run", "--company", Path(__file__).parent],
            cwd=ROOT,
            env={
                **os.environ,
                "REAL_DATA_DIR": str(tmp_path / "deliveries"),
                "PILOTAGE_HOME": str(home),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        return done, home / "bpic2012" / "published" / "marts.duckdb"

    return run


def test_a_stage_that_is_not_on_the_desk_stops_the_run_by_name(run_on):
    done, marts = run_on("""
        select * replace (
            if("concept:name" = 'A_ACCEPTED', 'A_UNDERREVIEW', "concept:name") as "concept:name"
        )
        from log
        where "case:concept:name" = (
            select min("case:concept:name") from log where "concept:name" = 'A_ACCEPTED'
        )
    """)
    assert done.returncode == 1
    assert "stage A_UNDERREVIEW is not on the desk: add it to stages.csv" in done.stderr
    assert not marts.exists()


def test_an_application_whose_end_is_not_in_the_file_is_open(run_on):
    """Cut off the day after it was registered, it ages from there to the delivery, won or not."""
    done, marts = run_on("""
        select * from log
        where
            "case:concept:name" = (
                select min("case:concept:name") from log where "concept:name" = 'A_APPROVED'
            )
            and cast("time:timestamp" as timestamptz)
                < cast("case:REG_DATE" as timestamptz) + interval 1 day
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(marts, read_only=True) as connection:
        deals = connection.sql("select state, closed_at from marts.fct_opportunities").fetchall()
        last_visit = connection.sql(f"""
            select left_at, is_open,
                date_diff('microsecond', entered_at, {AS_OF_AT}) - round(days * 86400000000)
            from marts.fct_stage_visits order by entered_at desc limit 1
        """).fetchall()
        last_day = connection.sql("""
            select snapshot_date, sum(open_count) from marts.fct_pipeline_snapshots
            group by snapshot_date order by snapshot_date desc limit 1
        """).fetchall()
    assert deals == [("open", None)]
    assert last_visit == [(None, True, 0)]
    assert last_day == [(date(2012, 4, 1), 1)]

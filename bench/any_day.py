"""Latency of ten any-day questions asked of a published file, on one thread.

    .venv/bin/python bench/any_day.py var/demo/published/marts.duckdb [draws]

Prints the median and the 95th percentile of wall and CPU milliseconds, per question and of the ten
pooled; below the line, those of the waterfalls. It reports; it judges nothing.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

# Days are drawn from the last 600 before the newest snapshot; {day}, {later}, {earlier} and {rep}
# are filled in per draw.
QUESTIONS = {
    "total at a day": "select sum(open_count), sum(gross_amount), sum(weighted_amount)"
    " from marts.fct_pipeline_snapshots where snapshot_date = {day}",
    "by rep at a day": "select rep_id, sum(open_count), sum(gross_amount)"
    " from marts.fct_pipeline_snapshots where snapshot_date = {day} group by rep_id",
    "stage x segment at a day": "select stage_id, segment_id, sum(gross_amount)"
    " from marts.fct_segment_snapshots where snapshot_date = {day} group by all",
    "a rep's 20 largest deals": "select opportunity_id, stage_id, amount, expected_close_date"
    " from pipeline_as_of({day}) where rep_id = {rep} order by amount desc limit 20",
    "a rep's weeks, 3 years": "select snapshot_date, sum(gross_amount)"
    " from marts.mart_pipeline_weeks where rep_id = {rep} group by all",
    "all days of a quarter": "select snapshot_date, sum(gross_amount), sum(weighted_amount)"
    " from marts.fct_pipeline_snapshots"
    " where snapshot_date between {day} and {later} group by all",
    "from stage to stage in 30 days": "select a.stage_id, b.stage_id, count(*),"
    " sum(coalesce(b.amount, 0) - coalesce(a.amount, 0))"
    " from pipeline_as_of({earlier}) as a full join pipeline_as_of({day}) as b"
    " using (opportunity_id) group by all",
    "forecast of a quarter by territory": "select territory, sum(weighted_amount)"
    " from pipeline_as_of({day}) join marts.dim_reps using (rep_id)"
    " where expected_close_date between {day} and {later} group by territory",
    "month ends of a year by rep": "select snapshot_date, rep_id, sum(gross_amount)"
    " from marts.mart_pipeline_months"
    " where snapshot_date between {day} - interval 360 day and {day} group by all",
    "overdue by rep": "select rep_id, count(*), sum(amount)"
    " from pipeline_as_of({day}) where expected_close_date < {day} group by rep_id",
}
WATERFALLS = {
    "waterfall over 30 days": "from pipeline_waterfall({earlier}, {day}) where scope = 'company'",
    "the same, by rep and quarter": "from pipeline_waterfall({earlier}, {day})"
    " where scope = 'rep_quarter'",
    "the same, all scopes": "from pipeline_waterfall({earlier}, {day})",
    "30 daily waterfalls": "from pipeline_daily_waterfall({earlier}, {day})"
    " where scope = 'company'",
}
Times = tuple[list[float], list[float]]


def draws(connection: duckdb.DuckDBPyConnection, number: int) -> Iterator[dict[str, str]]:
    """Seeded days and reps: the same for every run on the same file."""
    draw = random.Random(7)
    (newest,) = connection.execute(
        "select max(snapshot_date) from marts.fct_pipeline_snapshots"
    ).fetchone() or (date(2025, 12, 31),)
    reps = connection.execute("select rep_id from marts.dim_reps order by 1").fetchall()
    for _ in range(number):
        day = newest - timedelta(days=90 + draw.randrange(600))
        yield {
            "day": f"date '{day}'",
            "later": f"date '{day + timedelta(days=90)}'",
            "earlier": f"date '{day - timedelta(days=30)}'",
            "rep": f"'{draw.choice(reps)[0]}'",
        }


def ask(connection: duckdb.DuckDBPyConnection, question: str, number: int) -> Times:
    """Wall and CPU milliseconds of `number` askings, after one to warm up."""
    wall, cpu = [], []
    for values in draws(connection, number + 1):
        started, spent = time.perf_counter(), time.process_time()
        connection.execute(question.format(**values)).fetchall()
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    return wall[1:], cpu[1:]


def line(title: str, times: Times) -> str:
    """A row of the table: p50 and p95 of both."""
    shown = []
    for name, found in zip(("wall", "cpu"), times, strict=True):
        ordered = sorted(found)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(0.95 * len(ordered))]
        shown.append(f"{name} p50 {p50:7.1f} p95 {p95:7.1f} ms")
    return f"{title:36} {'   '.join(shown)}"


def main(path: str, number: int = 30) -> None:
    """Ask every question `number` times."""
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("set threads = 1")
        pooled: Times = ([], [])
        for title, question in QUESTIONS.items():
            times = ask(connection, question, number)
            print(line(title, times))
            for all_times, found in zip(pooled, times, strict=True):
                all_times.extend(found)
        print(line("the ten pooled", pooled))
        print("-" * 36)
        for title, question in WATERFALLS.items():
            print(line(title, ask(connection, question, number)))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

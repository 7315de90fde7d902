"""Latency of ten any-day questions asked of a published file, on one thread.

    .venv/bin/python bench/any_day.py var/demo/published/marts.duckdb [draws]

Prints per question the median and the 95th percentile of wall and CPU milliseconds. It reports; it
judges nothing.
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
    "waterfall over 30 days": "from pipeline_waterfall({earlier}, {day}) where scope = 'company'",
    "forecast of a quarter by team": "select team, sum(weighted_amount)"
    " from pipeline_as_of({day}) join marts.dim_reps using (rep_id)"
    " where expected_close_date between {day} and {later} group by team",
    "month ends of a year by rep": "select snapshot_date, rep_id, sum(gross_amount)"
    " from marts.mart_pipeline_months"
    " where snapshot_date between {day} - interval 360 day and {day} group by all",
    "overdue by rep": "select rep_id, count(*), sum(amount)"
    " from pipeline_as_of({day}) where expected_close_date < {day} group by rep_id",
}


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


def main(path: str, number: int = 30) -> None:
    """Ask every question `number` times, once more beforehand to warm up."""
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("set threads = 1")
        for title, question in QUESTIONS.items():
            wall, cpu = [], []
            for values in draws(connection, number + 1):
                started, spent = time.perf_counter(), time.process_time()
                connection.execute(question.format(**values)).fetchall()
                wall.append((time.perf_counter() - started) * 1000)
                cpu.append((time.process_time() - spent) * 1000)
            wall, cpu = sorted(wall[1:]), sorted(cpu[1:])
            at95 = int(0.95 * number)
            print(
                f"{title:32} wall p50 {wall[number // 2]:7.1f} p95 {wall[at95]:7.1f} ms"
                f"   cpu p50 {cpu[number // 2]:7.1f} p95 {cpu[at95]:7.1f} ms"
            )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

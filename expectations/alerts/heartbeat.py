"""The heartbeat: a run that is missed, and notices that do not get through, are alerts as well."""

from datetime import datetime, timedelta

from expectations.alerts.book import Book
from expectations.alerts.evaluation import Evaluation, tell
from expectations.alerts.instants import kept, local_day, read_kept, utc
from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy

LONGEST_SILENCE = timedelta(hours=26)
LONGEST_WAIT = timedelta(hours=2)
OWNER = "ops"
ENTITY = "alerts"


def heartbeat(
    book: Book,
    now: datetime,
    longest_silence: timedelta,
    policy: Policy,
    longest_wait: timedelta = LONGEST_WAIT,
) -> Evaluation:
    """Judge whether evaluations still come and notices still get through, as of `now`.

    longest_silence: since the last evaluation (without one: since the first heartbeat).
    longest_wait: of the oldest notice that is not through. Raises BookError.
    """
    now = utc(now)
    observed = [
        _missed_run(book, now, longest_silence, policy),
        _dead_notifier(book, now, longest_wait),
    ]
    return tell(book, observed, now=now, policy=policy)


def is_stuck(book: Book, now: datetime, longest_wait: timedelta = LONGEST_WAIT) -> bool:
    """Whether notices are dead, wait for an address, or have waited too long."""
    rows = book.rows(
        "select 1 from outbox where status = 'dead'"
        " or (status = 'pending' and (waits_for is not null or created_at < ?)) limit 1",
        (kept(utc(now) - longest_wait),),
    )
    return bool(rows)


def _missed_run(book: Book, now: datetime, longest: timedelta, policy: Policy) -> Observation:
    last = _last_evaluation(book) or _watched_since(book, now)
    silence = now - last
    hours, allowed = (int(span / timedelta(hours=1)) for span in (silence, longest))
    return Observation(
        family="heartbeat",
        rule="missed_run",
        entity=ENTITY,
        field="",
        scope="company",
        severity="error",
        is_bad=silence > longest,
        owner=OWNER,
        title=f"No evaluation for {hours} h, {allowed} h are allowed: a run was missed.",
        failed_count=0,
        evaluated_count=0,
        since=local_day(last, policy.business_tz),
    )


def _dead_notifier(book: Book, now: datetime, longest: timedelta) -> Observation:
    row = book.rows(
        "select coalesce(sum(status = 'dead'), 0) as dead,"
        " coalesce(sum(status = 'pending' and created_at < ?), 0) as late,"
        " coalesce(sum(status in ('pending', 'dead')), 0) as waiting from outbox",
        (kept(now - longest),),
    )[0]
    dead, late = int(row["dead"]), int(row["late"])
    hours = int(longest / timedelta(hours=1))
    return Observation(
        family="heartbeat",
        rule="dead_notifier",
        entity=ENTITY,
        field="",
        scope="company",
        severity="error",
        is_bad=dead + late > 0,
        owner=OWNER,
        title=f"Notices do not get through: {dead} given up, {late} waiting for over {hours} h.",
        failed_count=dead + late,
        evaluated_count=int(row["waiting"]),
    )


def _last_evaluation(book: Book) -> datetime | None:
    rows = book.rows("select max(last_at) as last_at from evaluations")
    return read_kept(rows[0]["last_at"])


def _watched_since(book: Book, now: datetime) -> datetime:
    with book.transaction() as connection:
        connection.execute(
            "insert into facts values ('watched_since', ?) on conflict do nothing", (kept(now),)
        )
    return read_kept(book.fact("watched_since")) or now

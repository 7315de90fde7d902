"""The heartbeat: a run that is missed, and notices that do not get through, are alerts as well."""

from datetime import date, datetime, timedelta

from expectations.alerts.book import Book
from expectations.alerts.evaluation import Evaluation, tell
from expectations.alerts.instants import day_before, kept, local_day, read_kept, utc
from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy

LONGEST_SILENCE = timedelta(hours=26)
LONGEST_WAIT = timedelta(hours=2)
# The newest delivery, and with it the day that a run judges by default, is often of the day before.
LONGEST_DAY = timedelta(days=1)
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

    longest_silence: since the last evaluation (without one: since the first heartbeat); with a day
    more, also since the end of the newest day that was evaluated. Evaluations that go on, but of an
    old day, are what is left when all deliveries have stopped.
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
    zone = policy.business_tz
    last, as_of = _last_evaluation(book) or (_watched_since(book, now), None)
    title, since = "", last
    if now - last > longest:
        title = _missed(now - last, longest)
    elif as_of is not None and now - as_of > longest + LONGEST_DAY:
        title, since = _behind(now - as_of, longest + LONGEST_DAY, day_before(as_of, zone)), as_of
    return Observation(
        family="heartbeat",
        rule="missed_run",
        entity=ENTITY,
        field="",
        scope="company",
        severity="error",
        is_bad=bool(title),
        owner=OWNER,
        title=title or "Runs evaluate in time.",
        failed_count=0,
        evaluated_count=0,
        since=local_day(since, zone),
    )


def _missed(silence: timedelta, longest: timedelta) -> str:
    told, allowed = _hours(silence), _hours(longest)
    return f"No evaluation for {told} h, {allowed} h are allowed: a run was missed."


def _behind(silence: timedelta, longest: timedelta, day: date) -> str:
    return (
        f"Runs judge no day after {day}, which ended {_hours(silence)} h ago, {_hours(longest)} h"
        " are allowed: no deliveries come, or AS_OF is an old day."
    )


def _hours(span: timedelta) -> int:
    return int(span / timedelta(hours=1))


def _dead_notifier(book: Book, now: datetime, longest: timedelta) -> Observation:
    row = book.rows(
        "select coalesce(sum(status = 'dead'), 0) as dead,"
        " coalesce(sum(status = 'pending' and created_at < ?), 0) as late,"
        " coalesce(sum(status in ('pending', 'dead')), 0) as waiting from outbox",
        (kept(now - longest),),
    )[0]
    dead, late = int(row["dead"]), int(row["late"])
    hours = _hours(longest)
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


def _last_evaluation(book: Book) -> tuple[datetime, datetime] | None:
    """When a run evaluated last, and the newest as_of of all."""
    row = book.rows("select max(last_at) as last_at, max(as_of) as as_of from evaluations")[0]
    last, as_of = read_kept(row["last_at"]), read_kept(row["as_of"])
    return None if last is None or as_of is None else (last, as_of)


def _watched_since(book: Book, now: datetime) -> datetime:
    with book.transaction() as connection:
        connection.execute(
            "insert into facts values ('watched_since', ?) on conflict do nothing", (kept(now),)
        )
    return read_kept(book.fact("watched_since")) or now

"""Alerts of a run: what the rules of the desk say goes into the book, and notices go out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from expectations.alerts.book import Book, open_book
from expectations.alerts.digest import digest
from expectations.alerts.entries import all_alerts
from expectations.alerts.evaluation import Evaluation, evaluate, tell
from expectations.alerts.gauges import QualityFacts, write_book_gauges, write_quality_gauges
from expectations.alerts.heartbeat import LONGEST_SILENCE, heartbeat
from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy, read_policy, read_usable_policy
from expectations.alerts.sending import SendReport, send_due
from expectations.errors import ExpectationsError
from orchestration.as_of import AsOf, AsOfError
from orchestration.company import Company
from orchestration.erasure_record import due_erasures
from orchestration.journal import KILLED, last_runs, note_told
from orchestration.lock import has_been_written, is_going_on
from orchestration.terminal import ServingError, show_step, was_interrupted

OWNER = "data_engineering"
RUN, DESK, ERASURES = "run", "desk", "erasures"
# What follows a publication, by the rule of its alert -> what people lack where it failed.
FOLLOWERS = {
    "parquet": "not as Parquet",
    "report": "the report is an older one",
    "postgres": "not in PostgreSQL",
}


@dataclass(frozen=True)
class Told:
    """What the book holds after an evaluation: rows of marts.fct_alerts, and those that live."""

    evaluation: Evaluation
    rows: int
    living: int


def evaluate_alerts(company: Company, as_of: AsOf, run_id: str) -> Told:
    """Hold the rules of the desk against the built marts, and write marts.fct_alerts."""
    from expectations.alerts.mart import write_alerts  # noqa: PLC0415 - loads DuckDB
    from expectations.observing import desk_rules, observe  # noqa: PLC0415 - loads DuckDB

    observed = observe(
        company.warehouse, company.desk, as_of.instant, as_of.day, sources=company.sources
    )
    with open_book(company.alert_book) as book:
        evaluation = evaluate(
            book,
            [*observed, _desk_observation(company)],
            as_of=as_of.instant,
            now=_now(),
            policy=_policy(company),
            run_link=_run_link(company, run_id),
            desk_rules=desk_rules(company.desk),
        )
        rows = write_alerts(company.warehouse, book, as_of.instant, company.business_tz)
        # How this run ends is not told yet: the alert of the one before says nothing of it.
        living = sum(
            alert.life.state not in {"pending", "resolved"} and alert.seen.family != RUN
            for alert in all_alerts(book).values()
        )
    return Told(evaluation, rows, living)


@dataclass(frozen=True)
class Failure:
    """What ended a run before it published and where, and what to do about it, as people read it.

    remedy: with the command that runs again.
    """

    what: str
    remedy: str


def failure(company: Company, name: str, text: str, as_of: str = "") -> Failure:
    """What to tell of the error of that name and text that ended a run for this AS_OF.

    Only texts that say what to do were written for people: of any other error the name alone is
    told, as it may quote values or addresses.
    """
    command = f"pilotage run --company {company.reference}" + (f" --as-of {as_of}" if as_of else "")
    what, is_for_people, remedy = text.partition("\n  what to do: ")
    if not is_for_people:
        return Failure(name, f"see where it stopped: DEBUG=1 {command}")
    what, has_place, place = what.partition("\n  where: ")
    told = f"{what} ({place})" if has_place else what
    return Failure(told, f"{remedy.rstrip('. ')}; then run again: {command}")


@contextmanager
def failures_told(company: Company, as_of: str = "") -> Iterator[None]:
    """Open the alert of a failed run for whatever ends it in here, and let the error go on.

    Not for a KeyboardInterrupt, nor for an AS_OF of which nothing is known (or no delivery at all):
    whoever starts that run sees it. Not for a ServingError: that run published. Nor where no run
    has taken the company's name for its folder yet: a book under that name might be another
    company's.
    """
    try:
        yield
    except (AsOfError, ServingError):
        raise
    except Exception as error:
        if has_been_written(company) and not was_interrupted(error):
            try:
                tell_run(company, failure(company, type(error).__name__, str(error), as_of))
            except ExpectationsError as untold:
                # What ended the run matters more than that it could not be kept.
                show_step("The alert of this run is lost", note=untold.what)
        raise


def tell_run(company: Company, failed: Failure | None = None, run_id: str = "") -> None:
    """Say how a run ended: None = it published. One that did not opens an alert at once."""
    title = f"A run did not publish: {failed.what}" if failed else "The run published."
    _tell(company, RUN, title, failed, run_id, sends=failed is not None)


def tell_follower(
    company: Company, follower: str, failed: Failure | None = None, run_id: str = ""
) -> None:
    """Say whether what follows a publication (FOLLOWERS) is of its version, once the notices of the
    run have gone out."""
    title = f"The run published, but {FOLLOWERS[follower]}: {failed.what}" if failed else "Done."
    _tell(company, follower, title, failed, run_id, sends=True)


def _tell(
    company: Company, rule: str, title: str, failed: Failure | None, run_id: str, *, sends: bool
) -> None:
    observed = Observation(
        family="run",
        rule=rule,
        entity=RUN,
        field="",
        scope="company",
        severity="error",
        is_bad=failed is not None,
        owner=OWNER,
        title=title,
        failed_count=0,
        evaluated_count=0,
        remedy=failed.remedy if failed else "",
    )
    policy, _ = usable_policy(company)
    with open_book(company.alert_book) as book:
        link = _run_link(company, run_id)
        tell(book, [observed], now=_now(), policy=policy, run_link=link)
        if sends:
            send_due(book, os.environ, _now())


def tell_due_erasures(company: Company) -> None:
    """Open an alert while erasures are to be done again: a run publishes those people meanwhile."""
    what = "Erasures did not end, or were undone by a restore: these people are published still."
    remedy = f"pilotage doctor --company {company.reference} tells of whom; then erase them again"
    failed = Failure(what, remedy) if due_erasures(company) else None
    _tell(company, ERASURES, what if failed else "Done.", failed, run_id="", sends=False)


def send_notices(company: Company, as_of: AsOf) -> SendReport:
    """Write today's digest, send what is due, and write the gauges.

    A channel that does not answer fails nothing here: the notice waits in the outbox.
    """
    tell_due_erasures(company)
    now = _now()
    policy = _policy(company)
    with open_book(company.alert_book) as book:
        digest(book, now, policy)
        report = send_due(book, os.environ, now)
        tell_exporter(company, book, policy)
    write_quality_gauges(gauges_file(company), _facts(company, as_of, now))
    return report


def tell_killed_run(company: Company) -> None:
    """Open the alert of a run, once, where the last one's process is gone: it could not itself."""
    # First: a run that ends meanwhile has told so by then. And of a run in another container the
    # process cannot be seen, its lock can.
    if is_going_on(company):
        return
    last = next(iter(last_runs(company)), None)
    if last is None or last.outcome != KILLED or last.is_told:
        return
    begun = f"{last.begun_at:%Y-%m-%d %H:%M}"
    what = f"The run that began at {begun} UTC was killed: it did not come to its end."
    remedy = "look why (the machine's memory, a restart; `pilotage status` says what is published)"
    again = f"pilotage run --company {company.reference}"
    failed = Failure(what, f"{remedy}; then run again: {again}")
    _tell(company, RUN, what, failed, run_id="", sends=True)
    note_told(company, last)


def watch(company: Company) -> SendReport:
    """Look for a killed run and erasures that are due, check the heartbeat between runs, and send
    what is due."""
    tell_killed_run(company)
    tell_due_erasures(company)
    policy, _ = usable_policy(company)
    with open_book(company.alert_book) as book:
        heartbeat(book, _now(), LONGEST_SILENCE, policy)
        report = send_due(book, os.environ, _now())
        tell_exporter(company, book, policy)
    return report


def tell_exporter(company: Company, book: Book, policy: Policy) -> None:
    """Write the gauges of the book: after a run, and whenever notices were sent."""
    channels = {route.channel for route in policy.routes}
    write_book_gauges(gauges_file(company, "_alerts"), book, channels)


def gauges_file(company: Company, suffix: str = "") -> Path:
    """A Prometheus text file; the environment says where a node exporter looks for it."""
    folder = os.environ.get("PILOTAGE_GAUGES")
    return (Path(folder) if folder else company.reports) / f"pilotage_{company.name}{suffix}.prom"


def _facts(company: Company, as_of: AsOf, now: datetime) -> QualityFacts:
    from expectations.observed.facts import quality_facts  # noqa: PLC0415 - loads DuckDB

    return quality_facts(company.warehouse, as_of.instant, now)


def _desk_observation(company: Company) -> Observation:
    """Whether the desk could be used, or the last good one had to take its place."""
    observed = Observation(
        family="desk",
        rule="desk",
        entity=DESK,
        field="",
        scope="company",
        severity="error",
        is_bad=bool(company.desk_fault),
        owner=OWNER,
        title="The desk is in order.",
        failed_count=int(bool(company.desk_fault)),
        evaluated_count=1,
    )
    if company.desk_fault:
        title = f"The desk cannot be used, the last good one was: {company.desk_fault}"
        return replace(observed, title=title)
    return observed


def usable_policy(company: Company) -> tuple[Policy, list[ExpectationsError]]:
    """The company's routes and settings, where they are wrong those of the last run.

    Also what is wrong with them. For what has to be told all the same; a run is refused for it.
    """
    older = company.run_desk if company.run_desk.is_dir() else company.last_good_desk
    return read_usable_policy(company.desk, older, company.label, company.business_tz)


def _policy(company: Company) -> Policy:
    return read_policy(company.desk, company.label, company.business_tz)


def _run_link(company: Company, run_id: str) -> str:
    """The run's page where Dagster's web interface is known, else the run's Data Docs."""
    dagster = os.environ.get("PILOTAGE_DAGSTER_URL", "").rstrip("/")
    if dagster and run_id:
        return f"{dagster}/runs/{run_id}"
    return (company.reports / "data_docs/index.html").as_uri()


def _now() -> datetime:
    return datetime.now(UTC)

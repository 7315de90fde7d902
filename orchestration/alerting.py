"""Alerts of a run: what the rules of the desk say goes into the book, and notices go out."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from expectations.alerts.book import open_book
from expectations.alerts.digest import digest
from expectations.alerts.evaluation import Evaluation, evaluate, tell
from expectations.alerts.gauges import QualityFacts, alert_counts, write_gauges
from expectations.alerts.mart import write_alerts
from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy, read_policy
from expectations.alerts.sending import SendReport, send_due
from orchestration.as_of import AsOf
from orchestration.company import Company

OWNER = "data_engineering"
RUN, DESK = "run", "desk"


@dataclass(frozen=True)
class Told:
    """What the book holds after an evaluation: rows of marts.fct_alerts, and those that live."""

    evaluation: Evaluation
    rows: int
    living: int


def evaluate_alerts(company: Company, as_of: AsOf, run_id: str) -> Told:
    """Hold the rules of the desk against the built marts, and write marts.fct_alerts."""
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
        counts = alert_counts(book)
    living = sum(n for (_, state), n in counts.items() if state not in {"pending", "resolved"})
    return Told(evaluation, rows, living)


def tell_run(company: Company, complaint: str = "", run_id: str = "") -> None:
    """Say how a run ended: empty = it published. One that did not opens an alert at once."""
    observed = Observation(
        family="run",
        rule="run",
        entity=RUN,
        field="",
        scope="company",
        severity="error",
        is_bad=bool(complaint),
        owner=OWNER,
        title=complaint or "The run published.",
        failed_count=int(bool(complaint)),
        evaluated_count=1,
    )
    with open_book(company.alert_book) as book:
        link = _run_link(company, run_id)
        tell(book, [observed], now=_now(), policy=_policy(company), run_link=link)
        if complaint:
            send_due(book, os.environ, _now())


def send_notices(company: Company, as_of: AsOf) -> SendReport:
    """Write today's digest, send what is due, and write the gauges.

    A channel that does not answer fails nothing here: the notice waits in the outbox.
    """
    now = _now()
    with open_book(company.alert_book) as book:
        digest(book, now, _policy(company))
        report = send_due(book, os.environ, now)
        write_gauges(gauges_file(company), book, _facts(company, as_of, now))
    return report


def gauges_file(company: Company) -> Path:
    """The Prometheus text file; the environment says where a node exporter looks for it."""
    folder = os.environ.get("PILOTAGE_GAUGES")
    return (Path(folder) if folder else company.reports) / f"pilotage_{company.name}.prom"


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

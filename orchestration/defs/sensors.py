"""What makes runs begin when something has happened. Every sensor is off until switched on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingest.tables import Source
from orchestration.company import Company
from orchestration.lock import is_going_on

STALE = timedelta(hours=26)
BUSY = "a run goes on: one process writes at a time"
Evaluated = dg.SensorResult | dg.SkipReason


def company_sensors(
    company: Company, sources: Sequence[Source], job: str
) -> Sequence[dg.SensorDefinition]:
    """Those that the company has a use for: no inbox, no sensor of one. job: what they start."""
    databases = [source for source in sources if source.connector in ("postgres", "mysql")]
    return [
        *([inbox_delivery(company, sources, job)] if company.inbox else []),
        *(source_changed(company, source, job) for source in databases),
        alert_book(company),
        stale_publication(company, job),
    ]


def inbox_delivery(company: Company, sources: Sequence[Source], job: str) -> dg.SensorDefinition:
    """Run the chain once for what has settled in the inbox."""

    @dg.sensor(
        name="inbox_delivery",
        job_name=job,
        minimum_interval_seconds=60,
        description="Files that have settled in the inbox start the chain, once for the same ones.",
    )
    def settled(context: dg.SensorEvaluationContext) -> Evaluated:
        from ingest.inbox import settled_files  # noqa: PLC0415 - not needed to load definitions

        assert company.inbox is not None, "the sensor exists where an inbox does"
        files = settled_files(sources, company.inbox, company.settle_seconds)
        if not files:
            return dg.SkipReason("no file has settled")
        seen = ",".join(f"{path}@{path.stat().st_mtime_ns}" for path in files)
        return _asked_once(company, context, seen)

    return settled


def source_changed(company: Company, source: Source, job: str) -> dg.SensorDefinition:
    """Run the chain when the tables of a database hold other rows than at the last look."""

    @dg.sensor(
        name=f"{source.name}_changed",
        job_name=job,
        minimum_interval_seconds=300,
        description=f"Other rows in the database of {source.name} start the chain: the greatest "
        "cursor and the number of rows of each table are compared with those of the last look.",
    )
    def changed(context: dg.SensorEvaluationContext) -> Evaluated:
        from ingest.databases import state_of  # noqa: PLC0415 - loads DuckDB

        return _asked_once(company, context, state_of(source))

    return changed


def alert_book(company: Company) -> dg.SensorDefinition:
    """Check the heartbeat and send what is due, as `pilotage alerts send` does."""

    @dg.sensor(
        name="alert_book",
        minimum_interval_seconds=300,
        description="Sends what waits in the book of alerts, and opens an alert for a missed run.",
    )
    def sent(_: dg.SensorEvaluationContext) -> dg.SkipReason:
        from orchestration.alerting import watch  # noqa: PLC0415 - not needed to load definitions

        report = watch(company)
        return dg.SkipReason(f"{report.sent} notices sent, {report.failed} failed")

    return sent


def stale_publication(company: Company, job: str) -> dg.SensorDefinition:
    """Run the chain where nothing was published for longer than a day should take."""

    @dg.sensor(
        name="stale_publication",
        job_name=job,
        minimum_interval_seconds=900,
        description="Runs the chain where nothing was published for "
        f"{STALE // timedelta(hours=1)} hours; once for the same publication.",
    )
    def stale(context: dg.SensorEvaluationContext) -> Evaluated:
        from serving.versions import (  # noqa: PLC0415 - not needed to load definitions
            current_version,
            is_rolled_back,
            written_at,
        )

        version = current_version(company.published)
        if is_rolled_back(company.published):
            return dg.SkipReason("somebody went back to an earlier version; a run ends that")
        age = datetime.now(UTC) - written_at(version) if version else None
        if age is not None and age < STALE:
            return dg.SkipReason(f"published {age // timedelta(hours=1)} hours ago")
        return _asked_once(company, context, version or "nothing published")

    return stale


def _asked_once(company: Company, context: dg.SensorEvaluationContext, seen: str) -> Evaluated:
    """Ask for a run where something else is seen than at the last one that was asked for."""
    if seen == context.cursor:
        return dg.SkipReason("nothing has changed since the last run that was asked for")
    if is_going_on(company):
        return dg.SkipReason(BUSY)
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=seen)

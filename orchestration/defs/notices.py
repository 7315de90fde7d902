"""The very last link: what the book of alerts has to tell goes out, also of a failed run."""

import time
from typing import Any

import dagster as dg

from orchestration.alerting import failure, gauges_file, send_notices, tell_run
from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.defs.raw import OWNER
from orchestration.lock import BusyError
from orchestration.resources import CompanyRun
from orchestration.terminal import ServingError

NOTICES = dg.AssetKey(["alerts", "notices"])


def notices_sent(published: dg.AssetKey) -> dg.AssetsDefinition:
    """Send the notices once the marts that they speak of can be read."""

    @dg.asset(
        key=NOTICES,
        deps=[published],
        group_name="alerts",
        description="The notices of the book of alerts, sent by the routes of the desk.",
        kinds={"python"},
        owners=[OWNER],
    )
    def notices(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        company, as_of = company_run.settle()
        started = time.perf_counter()
        tell_run(company, run_id=context.run_id)
        report = send_notices(company, as_of)
        _say_what_the_run_found(context, as_of)
        return dg.MaterializeResult(
            metadata={
                "sent": report.sent,
                "failed": report.failed,
                "dead": report.dead,
                "waiting": {**report.errors, **report.complaints},
                "gauges": dg.MetadataValue.path(str(gauges_file(company))),
                "seconds": time.perf_counter() - started,
            }
        )

    return notices


def _say_what_the_run_found(context: dg.AssetExecutionContext, as_of: AsOf) -> None:
    """Tag the run with its day and, where there were any, its failing checks: the list of runs
    shows tags, and a run with warnings has not failed."""
    log = context.instance.all_logs(
        context.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    failing = sum(not entry.get_dagster_event().asset_check_evaluation_data.passed for entry in log)
    tags = {"pilotage/as_of": as_of.day.isoformat()}
    if failing:
        tags["pilotage/failing_checks"] = str(failing)
    context.instance.add_run_tags(context.run_id, tags)


def failed_runs_told(company: Company) -> dg.SensorDefinition:
    """Open an alert for a failed run of the web interface, as `pilotage run` does for its own.

    A sensor, for it also sees a run that materializes a few assets only, or whose process died.
    """

    @dg.run_failure_sensor(
        name="failed_runs_told",
        description="A run that failed opens an alert; the next one that publishes closes it.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def told(context: dg.RunFailureSensorContext) -> None:
        name, text = _error_of(context)
        # Not worth an alert: another run is doing the work, or it has been told.
        if name not in {BusyError.__name__, ServingError.__name__}:
            tell_run(company, failure(company, name, text), context.dagster_run.run_id)

    return told


def _error_of(context: dg.RunFailureSensorContext) -> tuple[str, str]:
    """Name and text of the error that ended the run, beneath what Dagster wraps it in."""
    events = [*context.get_step_failure_events(), context.failure_event]
    facts: list[Any] = [event.event_specific_data for event in events]
    error = next((found for fact in facts if (found := getattr(fact, "error", None))), None)
    if error is None:
        return "its process ended", ""
    ended_by = error.cause or error
    # Dagster writes the name, with its module, before the text.
    return str(ended_by.cls_name), str(ended_by.message).partition(": ")[2].rstrip()

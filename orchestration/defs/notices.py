"""The very last link: what the book of alerts has to tell goes out."""

import time

import dagster as dg

from orchestration.alerting import gauges_file, send_notices, tell_run
from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun

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

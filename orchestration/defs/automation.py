"""What begins by itself, and what is run by name beside the chain. All of it is off until somebody
switches it on, but for the sensor that tells of failed runs."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from ingest.tables import Source
from orchestration.company import Company
from orchestration.defs.days import DAYS, published_days
from orchestration.defs.notices import NOTICES, failed_runs_told
from orchestration.defs.publish import PUBLISHED
from orchestration.defs.review_pack import REVIEW_PACK, review_pack
from orchestration.defs.sensors import company_sensors
from orchestration.lock import is_going_on

JOB, FLASH, REVIEW, BACKFILL = "chain", "flash", "weekly_review", "backfill"
# No part of the chain: a person, a schedule or a backfill asks for them by name.
BY_THEMSELVES = dg.AssetSelection.assets(DAYS, REVIEW_PACK)


def automation(company: Company, sources: Sequence[Source]) -> dg.Definitions:
    """Jobs beside the chain, schedules and sensors. Whose runs these are takes the lock itself."""
    published = dg.AssetSelection.assets(PUBLISHED, NOTICES).upstream()
    weekly, days = dg.AssetSelection.assets(REVIEW_PACK), dg.AssetSelection.assets(DAYS)
    shorter = "The chain as far as the published file: without Parquet, report and mirror."
    return dg.Definitions(
        assets=[published_days(company, PUBLISHED), review_pack(PUBLISHED)],
        jobs=[
            company_job(company, FLASH, published, shorter),
            company_job(company, REVIEW, weekly, "Keep the report of the week."),
            company_job(company, BACKFILL, days, "The pipeline of a range of days as files."),
        ],
        schedules=[
            _schedule(company, "hourly_flash", "0 * * * *", FLASH),
            _schedule(company, "nightly_full", "30 2 * * *", JOB),
            _schedule(company, "weekly_review_pack", "0 6 * * 1", REVIEW),
        ],
        sensors=[failed_runs_told(company), *company_sensors(company, sources, JOB)],
    )


def company_job(company: Company, name: str, selection: dg.AssetSelection, told: str) -> Any:
    """A job, whose runs are tagged with the company."""
    tags = {"pilotage/company": company.name}
    return dg.define_asset_job(name, selection, description=told, tags=tags)


def _schedule(company: Company, name: str, cron: str, job: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        cron_schedule=cron,
        job_name=job,
        execution_timezone=company.business_tz,
        description=f"The job {job}, by the clock of the business; left out while a run goes on.",
    )
    def due() -> dg.RunRequest | dg.SkipReason:
        if is_going_on(company):
            return dg.SkipReason(f"a run of {company.name} goes on: one process writes at a time")
        return dg.RunRequest()

    return due

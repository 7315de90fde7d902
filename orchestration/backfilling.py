"""A range of days of published/days as one run of Dagster's, in this process."""

from pathlib import Path

import dagster as dg

from orchestration.company import Company
from orchestration.defs.days import DAYS, published_days
from orchestration.defs.publish import PUBLISHED
from orchestration.resources import CompanyRun

# By these Dagster knows which partitions a run is about.
FIRST, LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
JOB = "backfill"


def write_days(
    company: Company, first: str, last: str, instance: dg.DagsterInstance
) -> tuple[Path, int]:
    """Write the days from `first` to `last` (YYYY-MM-DD); return the folder and the rows.

    The caller holds the company's lock. Raises UntoldError for days that the publication does not
    know.
    """
    definitions = dg.Definitions(
        assets=[published_days(company, PUBLISHED)],
        jobs=[dg.define_asset_job(JOB, [DAYS])],
        resources={"company_run": CompanyRun(company=str(company.folder), takes_lock=False)},
        executor=dg.in_process_executor,
    )
    tags = {"pilotage/company": company.name, FIRST: first, LAST: last}
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    job = definitions.resolve_job_def(JOB)
    done = job.execute_in_process(run_config=quiet, instance=instance, tags=tags)
    # One for each day, all of the whole range.
    written, *_ = done.asset_materializations_for_node(DAYS.to_python_identifier())
    told = {name: str(value.value) for name, value in written.metadata.items()}
    return Path(told["path"]), int(told["dagster/row_count"])

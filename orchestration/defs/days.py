"""published/days: the pipeline at the end of each day, a partition a day, any range in one run."""

import time
from datetime import date

import dagster as dg

from orchestration.company import Company
from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import UntoldError

DAYS = dg.AssetKey(["published", "days"])
# Where nothing is published yet, whose first day would be known.
FIRST_DAY = "2020-01-01"


def published_days(company: Company, published: dg.AssetKey) -> dg.AssetsDefinition:
    """The days of the publication as files, for what reads partitions.

    The marts hold every day until their own, so one run serves all days of a range, and a day that
    late deliveries have changed is told anew by running its range again.
    """

    @dg.asset(
        key=DAYS,
        deps=[dg.AssetDep(published, partition_mapping=dg.AllPartitionMapping())],
        group_name="published",
        description="The pipeline at the end of each day, deal by deal, as it is known by now: "
        "published/days/snapshot_date=<day>/pipeline.parquet. Any range of days is one run.",
        kinds={"parquet"},
        owners=[OWNER],
        partitions_def=dg.DailyPartitionsDefinition(
            start_date=_first_day(company), timezone=company.business_tz
        ),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb",
    )
    def days(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        from serving.days import write_days  # noqa: PLC0415 - loads DuckDB
        from serving.versions import PublicationError  # noqa: PLC0415

        chosen, _ = company_run.settle()
        started = time.perf_counter()
        first, last = context.partition_key_range
        try:
            done = write_days(chosen.published, date.fromisoformat(first), date.fromisoformat(last))
        except PublicationError as error:
            raise UntoldError(
                str(error), where=str(chosen.published), remedy=error.remedy
            ) from error
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": done.rows,
                "days": done.days,
                "version": done.version,
                "path": dg.MetadataValue.path(str(done.folder)),
                "seconds": time.perf_counter() - started,
            }
        )

    return days


def _first_day(company: Company) -> str:
    from serving.any_day import published_days  # noqa: PLC0415 - loads DuckDB

    days = published_days(company.published)
    return days[0].isoformat() if days else FIRST_DAY

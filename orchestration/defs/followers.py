"""What follows a publication: the marts as Parquet, and the report.

After the notices: an error ends a run at once, and these shall go out all the same.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from orchestration.alerting import FOLLOWERS, failure, tell_follower
from orchestration.company import Company
from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import ServingError, was_interrupted

PARQUET = dg.AssetKey(["published", "parquet"])
REPORT = dg.AssetKey(["published", "report"])


def followers(after: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """What is made of the published file once it is published and told of."""

    @dg.asset(
        key=PARQUET,
        deps=after,
        group_name="published",
        description="The published marts as Parquet, a folder per mart, swapped in as a whole.",
        kinds={"parquet"},
        owners=[OWNER],
        pool="duckdb",
    )
    def parquet(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        from serving.parquet import copy_to_parquet  # noqa: PLC0415 - loads DuckDB

        company, _ = company_run.settle()
        started = time.perf_counter()
        with _told(company, "parquet", context.run_id, company.published):
            done = copy_to_parquet(company.published)
        return dg.MaterializeResult(
            metadata={
                "tables": done.tables,
                "unchanged": done.unchanged,
                "version": done.version,
                "path": dg.MetadataValue.path(str(done.path)),
                "is_new": done.is_new,
                "seconds": time.perf_counter() - started,
            }
        )

    @dg.asset(
        key=REPORT,
        deps=after,
        group_name="published",
        description="The report as one HTML file that opens without a network: reports/index.html.",
        kinds={"html"},
        owners=[OWNER],
        pool="duckdb",
    )
    def report(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        from serving.report.building import write_report  # noqa: PLC0415 - loads DuckDB and Altair
        from serving.versions import LINK  # noqa: PLC0415

        company, _ = company_run.settle()
        started = time.perf_counter()
        with _told(company, "report", context.run_id, company.reports):
            done = write_report(
                company.published / LINK,
                company.reports / "index.html",
                company=company.label,
                currency=company.reporting_currency,
                language=company.language,
            )
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(done.path)),
                "pages": done.pages,
                "charts": done.charts,
                "size_bytes": done.size_bytes,
                "seconds": time.perf_counter() - started,
            }
        )

    return [parquet, report]


@contextmanager
def _told(company: Company, follower: str, run_id: str, where: Path) -> Iterator[None]:
    """Open an alert where it fails, close it where it does not. Raises ServingError."""
    try:
        yield
    except Exception as error:
        if was_interrupted(error):
            raise
        failed = failure(company, type(error).__name__, str(error))
        tell_follower(company, follower, failed, run_id)
        raise ServingError(
            f"The marts are published, but {FOLLOWERS[follower]}: {error}",
            where=str(where),
            remedy="mend the cause (a full disk, a right that is missing), then run again",
        ) from error
    tell_follower(company, follower, run_id=run_id)

"""What managers open: published/report, one page made from the published marts."""

import time

import dagster as dg

from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import ChainError

REPORT = dg.AssetKey(["published", "report"])


def written_report(published: dg.AssetKey) -> dg.AssetsDefinition:
    """Write the report once the marts that it reads are published."""

    @dg.asset(
        key=REPORT,
        deps=[published],
        group_name="published",
        description="The report as one HTML file that opens without a network: reports/index.html.",
        kinds={"html"},
        owners=[OWNER],
        pool="duckdb",
    )
    def report(company_run: CompanyRun) -> dg.MaterializeResult[None]:
        from serving.publication import LINK  # noqa: PLC0415 - loads DuckDB
        from serving.report.building import ReportError, write_report  # noqa: PLC0415 - and Altair

        company, _ = company_run.settle()
        started = time.perf_counter()
        try:
            done = write_report(
                company.published / LINK,
                company.reports / "index.html",
                company=company.label,
                currency=company.reporting_currency,
                language=company.language,
            )
        except ReportError as error:
            raise ChainError(
                str(error),
                where=str(company.published / LINK),
                remedy="the marts are published all the same; mend the cause, run again",
            ) from error
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(done.path)),
                "pages": done.pages,
                "charts": done.charts,
                "size_bytes": done.size_bytes,
                "seconds": time.perf_counter() - started,
            }
        )

    return report

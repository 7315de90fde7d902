"""reports/weekly: the report of a week under a name of its own, which later ones do not replace."""

import time

import dagster as dg

from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import UntoldError

REVIEW_PACK = dg.AssetKey(["reports", "weekly"])


def review_pack(published: dg.AssetKey) -> dg.AssetsDefinition:
    """The report as it stands, kept for the review of the week that the marts end in."""

    @dg.asset(
        key=REVIEW_PACK,
        deps=[published],
        group_name="published",
        description="The report for the weekly review, kept under the week's name: "
        "reports/weekly/<year>-W<week>.html.",
        kinds={"html"},
        owners=[OWNER],
        pool="duckdb",
    )
    def weekly(company_run: CompanyRun) -> dg.MaterializeResult[None]:
        from serving.any_day import published_days  # noqa: PLC0415 - loads DuckDB
        from serving.report.building import ReportError, write_report  # noqa: PLC0415 - Altair
        from serving.versions import LINK  # noqa: PLC0415 - loads DuckDB

        company, as_of = company_run.settle()
        started = time.perf_counter()
        folder = company.reports / "weekly"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # for others to read, whatever the umask
        # Not the run's day: what was delivered since may wait, or have been refused. Where nothing
        # can be read, the report says so.
        _, day = published_days(company.published) or (None, as_of.day)
        year, week, _ = day.isocalendar()
        try:
            done = write_report(
                company.published / LINK,
                folder / f"{year}-W{week:02}.html",
                company=company.label,
                currency=company.reporting_currency,
                language=company.language,
            )
        except ReportError as error:
            raise UntoldError(
                str(error), where=str(company.published), remedy="run the chain first"
            ) from error
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(done.path)),
                "pages": done.pages,
                "seconds": time.perf_counter() - started,
            }
        )

    return weekly

"""The last link: published/marts, the file that people and BI tools open."""

import time
from collections.abc import Sequence

import dagster as dg

from orchestration.defs.raw import OWNER
from orchestration.desk import keep_as_last_good
from orchestration.resources import CompanyRun
from orchestration.terminal import ChainError
from serving.catalogue import COLUMNS

PUBLISHED = dg.AssetKey(["published", "marts"])


def published_marts(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Publish these tables, once every one is built and every blocking check has passed.

    Nothing else: what lies beside them in the warehouse is left over from an older project.
    """
    names = [mart.path[-1] for mart in marts]

    @dg.asset(
        key=PUBLISHED,
        deps=marts,
        group_name="published",
        description="The marts as one read-only DuckDB file, audited and swapped in as a whole.",
        kinds={"duckdb"},
        owners=[OWNER],
        metadata={"dagster/column_schema": _catalogue_schema()},
        pool="duckdb",
    )
    def published(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        from serving.publication import publish  # noqa: PLC0415 - loads DuckDB
        from serving.versions import PublicationError  # noqa: PLC0415

        company, as_of = company_run.settle()
        started = time.perf_counter()
        try:
            done = publish(
                company.warehouse,
                company.published,
                company=company.name,
                as_of_at=as_of.instant,
                marts=names,
                manifest=company.target / "manifest.json",
                run_id=context.run_id,
            )
        except PublicationError as error:
            raise ChainError(
                str(error),
                where=str(company.published),
                remedy=error.remedy
                or "what was published before is still there; mend the cause, run again",
            ) from error
        keep_as_last_good(company)
        if done.rewritten:
            dg.get_dagster_logger().warning(
                f"{len(done.rewritten)} past days read otherwise than in the publication before, "
                f"from {done.rewritten[0]} on, and nothing late was learnt of them: see "
                "marts.published_days. A changed plan rate or a changed model does that."
            )
        if done.stray_wals:
            dg.get_dagster_logger().warning(
                f"Somebody wrote beside the published file ({', '.join(done.stray_wals)}); that is "
                "removed. Readers must open it read_only: see docs/bi.md."
            )
        shown = {}
        if company_run.takes_lock:  # a run of the web interface, where somebody may look at it
            from serving.glance import glance  # noqa: PLC0415 - not for the command line

            try:
                shown["glance"] = dg.MetadataValue.md(glance(done.link, company.reporting_currency))
            except Exception as error:
                # It is published: a picture that cannot be drawn must not keep its notices back.
                context.log.warning(f"There is no glance at what is published: {error}")
        return dg.MaterializeResult(
            metadata={
                **shown,
                "dagster/row_count": sum(mart.rows for mart in done.marts),
                "tables": len(done.marts),
                "version": done.version,
                "path": dg.MetadataValue.path(str(done.link)),
                "is_new": done.is_new,
                "rewritten_days": len(done.rewritten),
                "seconds": time.perf_counter() - started,
            }
        )

    return published


def _catalogue_schema() -> dg.TableSchema:
    """The columns of marts.published, the table that says what the file holds."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, data_type, description=text)
            for name, (data_type, text) in COLUMNS.items()
        ]
    )

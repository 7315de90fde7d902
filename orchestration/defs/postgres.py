"""The mirror: published/postgres, the marts in a PostgreSQL, where the environment names one."""

import os
import time
from collections.abc import Sequence

import dagster as dg

from orchestration.alerting import failure, tell_follower
from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import ServingError
from serving.postgres import ADDRESS_VARIABLE, READER, READER_VARIABLE

POSTGRES = dg.AssetKey(["published", "postgres"])


def mirrors(after: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The mirror, after these assets; none where no address is set.

    Last of all: an error ends a run at once, and the notices shall go out all the same.
    """
    if not os.environ.get(ADDRESS_VARIABLE):
        return []

    @dg.asset(
        key=POSTGRES,
        deps=after,
        group_name="published",
        description="The published marts in a PostgreSQL: what changed, in one transaction.",
        kinds={"postgres"},
        owners=[OWNER],
    )
    def mirrored(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> dg.MaterializeResult[None]:
        from serving.postgres.errors import MirrorError  # noqa: PLC0415 - loads psycopg
        from serving.postgres.mirror import mirror  # noqa: PLC0415
        from serving.versions import LINK  # noqa: PLC0415

        company, _ = company_run.settle()
        started = time.perf_counter()
        address = os.environ[ADDRESS_VARIABLE]
        try:
            reader = os.environ.get(READER_VARIABLE) or READER
            done = mirror(company.published / LINK, address, reader=reader)
        except MirrorError as error:
            told = failure(company, MirrorError.__name__, str(error))
            tell_follower(company, "postgres", told, context.run_id)
            raise ServingError(
                f"The marts are published, but not in PostgreSQL: {error.what}",
                where=error.where,
                remedy=f"{error.remedy}; then run again, the mirror goes on where it stopped",
                excerpt=error.excerpt,
            ) from None
        tell_follower(company, "postgres", run_id=context.run_id)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": done.rows,
                "tables": done.tables,
                "partitions": done.partitions,
                "copied_rows": done.copied_rows,
                "comments": done.comments,
                "version": done.version,
                "is_new": done.is_new,
                "seconds": time.perf_counter() - started,
            }
        )

    return [mirrored]

"""What follows a publication: the marts as Parquet, the report, and the mirror in a PostgreSQL.

After the notices, for an error ends a run at once, and those shall go out all the same; and in one
step, so that what fails of these keeps nothing else from being made.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from ingest.errors import PilotageError
from orchestration.alerting import FOLLOWERS, failure, tell_follower
from orchestration.company import Company
from orchestration.defs.raw import OWNER
from orchestration.resources import CompanyRun
from orchestration.terminal import ServingError, was_interrupted
from serving.postgres import ADDRESS_VARIABLE, READER, READER_VARIABLE


@dataclass(frozen=True)
class Follower:
    """Something made of the published file; its rule in FOLLOWERS is the last part of its key.

    make: makes it and returns what Dagster shows of it.
    """

    rule: str
    kind: str
    description: str
    make: Callable[[Company], Mapping[str, Any]]

    @property
    def key(self) -> dg.AssetKey:
        """published/<rule>."""
        return dg.AssetKey(["published", self.rule])


def followers(after: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """What is made once the marts are published and told of; the mirror where an address is set."""
    chosen = [one for one in ALL if one is not MIRROR or os.environ.get(ADDRESS_VARIABLE)]

    @dg.multi_asset(
        name="followers",
        specs=[
            dg.AssetSpec(
                one.key,
                deps=after,
                group_name="published",
                description=one.description,
                kinds={one.kind},
                owners=[OWNER],
                skippable=True,
            )
            for one in chosen
        ],
        can_subset=True,
        pool="duckdb",
    )
    def made(
        context: dg.AssetExecutionContext, company_run: CompanyRun
    ) -> Iterator[dg.MaterializeResult[None]]:
        company, _ = company_run.settle()
        failed: list[ServingError] = []
        for one in chosen:
            if one.key not in context.selected_asset_keys:
                continue
            started = time.perf_counter()
            try:
                metadata = one.make(company)
            except Exception as error:
                if was_interrupted(error):
                    raise
                failed.append(_told(one, company, error, context.run_id))
                continue
            tell_follower(company, one.rule, run_id=context.run_id)
            seconds = time.perf_counter() - started
            yield dg.MaterializeResult(asset_key=one.key, metadata={**metadata, "seconds": seconds})
        if failed:
            raise _as_one(failed)

    return made


def _told(one: Follower, company: Company, error: Exception, run_id: str) -> ServingError:
    """Open the alert of what failed; return the error that a person reads."""
    name = type(error).__name__
    tell_follower(company, one.rule, failure(company, name, str(error)), run_id)
    lacking = f"The marts are published, but {FOLLOWERS[one.rule]}, and an alert tells of it"
    if isinstance(error, PilotageError):
        return ServingError(
            f"{lacking}: {error.what}",
            where=error.where,
            remedy=f"{error.remedy.rstrip('. ')}; then run again",
            excerpt=error.excerpt,
        )
    return ServingError(
        f"{lacking}: {name}: {error}",
        where=str(company.published),
        remedy="mend the cause (a full disk, a right that is missing), then run again",
    )


def _as_one(failed: Sequence[ServingError]) -> ServingError:
    first, *others = failed
    if not others:
        return first
    return ServingError(
        "\n".join(error.what for error in failed),
        where="; ".join(dict.fromkeys(error.where for error in failed if error.where)),
        remedy="\n".join(error.remedy for error in failed),
        excerpt="\n".join(error.excerpt for error in failed if error.excerpt),
    )


def _copy_to_parquet(company: Company) -> Mapping[str, Any]:
    from serving.parquet import copy_to_parquet  # noqa: PLC0415 - loads DuckDB

    done = copy_to_parquet(company.published)
    return {
        "tables": done.tables,
        "unchanged": done.unchanged,
        "version": done.version,
        "path": dg.MetadataValue.path(str(done.path)),
        "is_new": done.is_new,
    }


def _write_report(company: Company) -> Mapping[str, Any]:
    from serving.report.building import write_report  # noqa: PLC0415 - loads DuckDB and Altair

    done = write_report(
        _published(company),
        company.reports / "index.html",
        company=company.label,
        currency=company.reporting_currency,
        language=company.language,
    )
    return {
        "path": dg.MetadataValue.path(str(done.path)),
        "pages": done.pages,
        "charts": done.charts,
        "size_bytes": done.size_bytes,
    }


def _mirror(company: Company) -> Mapping[str, Any]:
    from serving.postgres.errors import MirrorError  # noqa: PLC0415 - loads psycopg
    from serving.postgres.mirror import mirror  # noqa: PLC0415

    reader = os.environ.get(READER_VARIABLE) or READER
    try:
        done = mirror(_published(company), os.environ[ADDRESS_VARIABLE], reader=reader)
    except MirrorError as error:
        raise PilotageError(
            error.what,
            where=error.where,
            remedy=f"{error.remedy}; the mirror goes on where it stopped",
            excerpt=error.excerpt,
        ) from None
    return {
        "dagster/row_count": done.rows,
        "tables": done.tables,
        "partitions": done.partitions,
        "copied_rows": done.copied_rows,
        "comments": done.comments,
        "version": done.version,
        "is_new": done.is_new,
    }


def _published(company: Company) -> Path:
    from serving.versions import LINK  # noqa: PLC0415 - loads DuckDB

    return company.published / LINK


MIRROR = Follower(
    "postgres",
    "postgres",
    "The published marts in a PostgreSQL: what changed, in one transaction.",
    _mirror,
)
ALL = (
    Follower(
        "parquet",
        "parquet",
        "The published marts as Parquet, a folder per mart, swapped in as a whole.",
        _copy_to_parquet,
    ),
    Follower(
        "report",
        "html",
        "The report as one HTML file that opens without a network: reports/index.html.",
        _write_report,
    ),
    MIRROR,
)

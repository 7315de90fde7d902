"""Great Expectations' verdicts: the table marts/fct_check_results and one check per verdict."""

import time
from collections.abc import Iterator, Sequence

import dagster as dg

from expectations.planning import planned_checks
from expectations.verdicts import Check, Verdict
from orchestration.company import Company
from orchestration.defs.raw import LOADS, OWNER
from orchestration.desk import conformed_entities
from orchestration.resources import CompanyRun
from orchestration.terminal import ChainError

Judged = dg.MaterializeResult[None] | dg.AssetCheckResult
CHECK_RESULTS = dg.AssetKey(["marts", "fct_check_results"])


def company_checks(company: Company, tables: set[dg.AssetKey]) -> list[Check]:
    """The checks on tables that the company's chain builds."""
    planned = planned_checks(company.desk, conformed_entities())
    return [check for check in planned if _judged(check) in tables]


def check_results(checks: Sequence[Check], models: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Judge the warehouse after dbt has built it.

    People's data (WARN) stop nothing; our own keys and reconciliations (ERROR) do.
    """

    @dg.multi_asset(
        name="check_results",
        specs=[
            dg.AssetSpec(
                CHECK_RESULTS,
                deps=[*models, LOADS],
                description="One row per check and rule: what Great Expectations found.",
                group_name="quality",
                kinds={"python", "duckdb"},
                owners=[OWNER],
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                check.name,
                asset=_judged(check),
                description=check.description,
                # Not `blocking=`: Dagster would cut the one dbt build in two at the judged table.
                # The step below fails instead, and publication comes after it.
                metadata={"stops_publication": check.blocking},
            )
            for check in checks
        ],
        allow_arbitrary_check_specs=True,
        pool="duckdb",
    )
    def judged(
        company_run: CompanyRun,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        from expectations.judging import judge  # noqa: PLC0415 - loads Great Expectations
        from expectations.results import write_check_results  # noqa: PLC0415

        company, as_of = company_run.settle()
        started = time.perf_counter()
        verdicts = judge(company.warehouse, company.desk, as_of.instant, as_of.day, checks)
        rows = write_check_results(company.warehouse, verdicts, as_of.instant, as_of.day)
        seconds = time.perf_counter() - started
        yield dg.MaterializeResult(
            asset_key=CHECK_RESULTS, metadata={"dagster/row_count": rows, "seconds": seconds}
        )
        for verdict in verdicts:
            yield _check_result(verdict)
        _stop_for(company, [verdict for verdict in verdicts if verdict.stops_publication])

    return judged


def _judged(check: Check) -> dg.AssetKey:
    return dg.AssetKey([check.schema, check.table])


def _check_result(verdict: Verdict) -> dg.AssetCheckResult:
    broken = {f.field: f.failed_count for f in verdict.findings if f.failed_count}
    is_error = verdict.check.severity == "error"
    return dg.AssetCheckResult(
        check_name=verdict.check.name,
        asset_key=_judged(verdict.check),
        passed=verdict.status == "passed",
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=verdict.reason or None,
        metadata={
            "evaluated_count": verdict.evaluated_count,
            "failed_count": verdict.failed_count,
            "failed_by_field": broken,
            "record_ids": ", ".join(verdict.record_ids),
        },
    )


def _stop_for(company: Company, stopping: Sequence[Verdict]) -> None:
    if not stopping:
        return
    told = [
        f"{v.check.name} on {v.check.relation}: "
        + (f"{v.failed_count} of {v.evaluated_count}" if v.findings else v.reason)
        for v in stopping
    ]
    queries = [f.rows_query for v in stopping for f in v.findings if f.failed_count]
    raise ChainError(
        "A blocking check failed; nothing was published.",
        where="\n         ".join(told),
        remedy=f'see the rows: pilotage query --company {company.reference} "{queries[0]}"'
        if queries
        else "build the table that is missing, then run again",
    )

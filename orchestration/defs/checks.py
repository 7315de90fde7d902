"""Great Expectations' verdicts and the alerts that follow from them and from the desk's rules."""

import time
from collections.abc import Generator, Iterator, Sequence

import dagster as dg

from expectations.alerts.messages import sparkline
from expectations.alerts.policy import shadowed_routes
from expectations.planning import planned_checks
from expectations.verdicts import Check, DeliveredTable, Verdict
from orchestration.alerting import evaluate_alerts
from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.defs.raw import LOADS, OWNER
from orchestration.desk import conformed_columns
from orchestration.landing import company_sources
from orchestration.resources import CompanyRun
from orchestration.terminal import ChainError

Judged = dg.MaterializeResult[None] | dg.AssetCheckResult
CHECK_RESULTS = dg.AssetKey(["marts", "fct_check_results"])
RULES = dg.AssetKey(["desk", "mandatory_fields"])
RULES_CHECK = "every_rule_is_for_record_types_there_are"
WAIVERS = dg.AssetKey(["desk", "waivers"])
WAIVERS_CHECK = "every_waiver_is_for_somebody_there_is"
ROUTES = dg.AssetKey(["desk", "alert_routes"])
ROUTES_CHECK = "every_route_of_alerts_can_be_reached"
IDS_SHOWN = 5
ALERTS = dg.AssetKey(["marts", "fct_alerts"])


def company_checks(company: Company, tables: set[dg.AssetKey]) -> list[Check]:
    """The checks on tables that the company's chain builds."""
    planned = planned_checks(
        company.desk, conformed_columns(), company.sources, _delivered_tables(company)
    )
    return [check for check in planned if _judged(check) in tables]


def check_results(checks: Sequence[Check], models: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Judge the warehouse after dbt has built it, and hold the desk's rules against it.

    People's data (WARN) stop nothing; our own keys and reconciliations (ERROR) do. Both assets are
    one step: an alert must be raised also where the step then fails and nothing is published.
    """

    @dg.multi_asset(
        name="check_results",
        specs=[
            _spec(CHECK_RESULTS, "One row per check and rule: what was found.", [*models, LOADS]),
            _spec(ALERTS, "One row per alert: what is wrong, since when, whose it is.", []),
        ],
        check_specs=[_rules_spec(), _waivers_spec(), _routes_spec(), *map(_check_spec, checks)],
        allow_arbitrary_check_specs=True,
        pool="duckdb",
    )
    def judged(context: dg.AssetExecutionContext, company_run: CompanyRun) -> Iterator[Judged]:
        company, as_of = company_run.settle()
        verdicts = yield from _judge(company, as_of, checks)
        yield _evaluate(company, as_of, context.run_id)
        yield _rules_result(company, as_of)
        yield _waivers_result(company, as_of)
        yield _routes_result(company)
        _stop_for(company, [verdict for verdict in verdicts if verdict.stops_publication])

    return judged


def _spec(key: dg.AssetKey, description: str, deps: Sequence[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=deps,
        description=description,
        group_name="quality",
        kinds={"python", "duckdb"},
        owners=[OWNER],
    )


def _check_spec(check: Check) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        check.name,
        asset=_judged(check),
        description=check.description,
        # Not `blocking=`: Dagster would cut the one dbt build in two at the judged table.
        # The step fails instead, and publication comes after it.
        metadata={"stops_publication": check.blocking},
    )


def _rules_spec() -> dg.AssetCheckSpec:
    told = "No mandatory field names a record type that was never delivered."
    return dg.AssetCheckSpec(RULES_CHECK, asset=RULES, description=told)


def _waivers_spec() -> dg.AssetCheckSpec:
    told = "No waiver names a rep, team, record or record type that was never delivered."
    return dg.AssetCheckSpec(WAIVERS_CHECK, asset=WAIVERS, description=told)


def _routes_spec() -> dg.AssetCheckSpec:
    told = "No route of alerts stands behind one that fits all that it fits."
    return dg.AssetCheckSpec(ROUTES_CHECK, asset=ROUTES, description=told)


def _judge(
    company: Company, as_of: AsOf, checks: Sequence[Check]
) -> Generator[Judged, None, list[Verdict]]:
    from expectations.judging import judge  # noqa: PLC0415 - loads Great Expectations
    from expectations.results import write_check_results  # noqa: PLC0415
    from expectations.trends import failed_shares  # noqa: PLC0415

    started = time.perf_counter()
    pages = company.reports / "data_docs"
    verdicts = judge(
        company.warehouse,
        company.desk,
        as_of.instant,
        as_of.day,
        checks,
        company.business_tz,
        pages,
    )
    rows = write_check_results(company.warehouse, verdicts, as_of.instant, as_of.day)
    yield dg.MaterializeResult(
        asset_key=CHECK_RESULTS,
        metadata={
            "dagster/row_count": rows,
            "seconds": time.perf_counter() - started,
            "data_docs": dg.MetadataValue.url((pages / "index.html").as_uri()),
        },
    )
    trends = failed_shares(company.warehouse, as_of.day)
    for verdict in verdicts:
        yield _check_result(verdict, trends.get(verdict.check.name, ()))
    return verdicts


def _delivered_tables(company: Company) -> list[DeliveredTable]:
    """Not those whose key is personal: an erasure empties it, and the row stays."""
    return [
        DeliveredTable(
            source.name, table.name, table.keys, company.lake / "raw" / source.name / table.name
        )
        for source in company_sources(company)
        for table in source.tables
        if table.keys and not any(c.personal for c in table.columns if c.name in table.keys)
    ]


def _evaluate(company: Company, as_of: AsOf, run_id: str) -> dg.MaterializeResult[None]:
    started = time.perf_counter()
    told = evaluate_alerts(company, as_of, run_id)
    return dg.MaterializeResult(
        asset_key=ALERTS,
        metadata={
            "dagster/row_count": told.rows,
            "living": told.living,
            "moved": dict(told.evaluation.moved),
            "notices": told.evaluation.notices,
            "message": told.evaluation.message,
            "seconds": time.perf_counter() - started,
        },
    )


def _rules_result(company: Company, as_of: AsOf) -> dg.AssetCheckResult:
    from expectations.observing import rules_for_nothing  # noqa: PLC0415 - loads DuckDB

    strays = rules_for_nothing(company.warehouse, company.desk, as_of.instant, as_of.day)
    return _lines_warned(RULES, RULES_CHECK, strays, "Correct the name or take it out")


def _waivers_result(company: Company, as_of: AsOf) -> dg.AssetCheckResult:
    from expectations.observing import waivers_for_nobody  # noqa: PLC0415 - loads DuckDB

    strays = waivers_for_nobody(company.warehouse, company.desk, as_of.instant, as_of.day)
    return _lines_warned(WAIVERS, WAIVERS_CHECK, strays, "Correct the name or take the line out")


def _routes_result(company: Company) -> dg.AssetCheckResult:
    shadowed = shadowed_routes(company.desk)
    return _lines_warned(
        ROUTES, ROUTES_CHECK, shadowed, "Give it a smaller position or take it out"
    )


def _lines_warned(
    file: dg.AssetKey, name: str, lines: Sequence[str], remedy: str
) -> dg.AssetCheckResult:
    """The check on a file of the desk whose lines, if there are any, do nothing."""
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=file,
        passed=not lines,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{remedy}: {', '.join(lines)}." if lines else None,
        metadata={"failed_count": len(lines)},
    )


def _judged(check: Check) -> dg.AssetKey:
    return dg.AssetKey([check.schema, check.table])


def _check_result(verdict: Verdict, trend: Sequence[float]) -> dg.AssetCheckResult:
    broken = {f"{f.field} ({f.rule})": f for f in verdict.findings if f.failed_count}
    first_ids = {name: list(finding.record_ids[:IDS_SHOWN]) for name, finding in broken.items()}
    is_error = verdict.severity == "error"
    told = _told_without_stopping(verdict)
    return dg.AssetCheckResult(
        check_name=verdict.check.name,
        asset_key=_judged(verdict.check),
        passed=verdict.status == "passed",
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=verdict.reason or told.pop("meaning", None),
        metadata={
            "evaluated_count": verdict.evaluated_count,
            "failed_count": verdict.failed_count,
            "failed_by_rule": {name: f.failed_count for name, f in broken.items()},
            "first_record_ids": first_ids,
            "trend": sparkline(trend),
            **told,
        },
    )


def _told_without_stopping(verdict: Verdict) -> dict[str, str]:
    """Of a check that might have stopped the run and only warned: what it means and the rows.

    One that stops it is told with the error, others by the alerts on them.
    """
    if not verdict.check.blocking or verdict.status != "warned":
        return {}
    meaning = [
        f"{finding.description} Not so: {', '.join(finding.record_ids[:IDS_SHOWN])}."
        for finding in verdict.findings
        if finding.failed_count
    ]
    return {"meaning": " ".join(meaning), "rows_query": f'"{verdict.results_query}"'}


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
        remedy="see the rows: pilotage query --warehouse "
        f'--company {company.reference} "{queries[0]}"'
        if queries
        else "build the table that is missing, then run again",
    )

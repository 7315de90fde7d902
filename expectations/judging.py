"""Judge a warehouse: every planned check, by Great Expectations, with the records it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from expectations.entities import SCHEMA, entity_of
from expectations.errors import ExpectationsError
from expectations.keys import keys_suite
from expectations.mandatory_fields import mandatory_fields_suite
from expectations.planning import planned_checks
from expectations.ranges import ranges_suite
from expectations.reconciliations import reconciliation_suite
from expectations.rules import Rule, Suite, broken_rows
from expectations.sql import column_types
from expectations.validation import Count, validator
from expectations.verdicts import RECORD_IDS_KEPT, Check, Finding, Verdict, verdict_of


@dataclass(frozen=True)
class _Bench:
    """What every suite is built from."""

    con: duckdb.DuckDBPyConnection
    desk: Path
    as_of_at: datetime
    as_of_date: date


def judge(
    warehouse: Path,
    desk: Path,
    as_of_at: datetime,
    as_of_date: date | None = None,
    checks: Sequence[Check] | None = None,
) -> list[Verdict]:
    """Judge the tables of a warehouse; one Verdict per check, in the order of the checks.

    warehouse: work.duckdb, opened read-only and closed again.
    desk: folder of the company's CSV files.
    as_of_at: instant of the run (UTC; exclusive). as_of_date: the local day that ends there, by
    default the UTC day.
    checks: as planned_checks gives them; by default planned for the entities found.

    A check whose table is missing is not_evaluated. Raises ExpectationsError for a desk that
    does not fit the tables.
    """
    instant = utc(as_of_at)
    day = as_of_date or last_day(as_of_at)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        bench = _Bench(con, desk, instant, day)
        if checks is None:
            checks = planned_checks(desk, _entities(con))
        suites = [_readable_suite(check, bench) for check in checks]
    with validator(warehouse) as great_expectations:
        counts = [
            great_expectations.count(suite) if isinstance(suite, Suite) else [] for suite in suites
        ]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return [
            _verdict(con, check, suite, found)
            for check, suite, found in zip(checks, suites, counts, strict=True)
        ]


def utc(instant: datetime) -> datetime:
    """The instant as UTC without zone; one without zone is taken to be UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def last_day(as_of_at: datetime) -> date:
    """The last day before an exclusive instant, in the instant's own zone."""
    return (as_of_at - timedelta(microseconds=1)).date()


def _entities(con: duckdb.DuckDBPyConnection) -> list[str]:
    tables = con.execute(
        "select table_name from information_schema.tables where table_schema = ?", [SCHEMA]
    ).fetchall()
    return [entity for (table,) in tables if (entity := entity_of(table))]


def _readable_suite(check: Check, bench: _Bench) -> Suite | str:
    """Build a check's suite; where its tables do not bear it, say why not."""
    types = column_types(bench.con, check.schema, check.table)
    if not types:
        return f"There is no table {check.relation}."
    suite = _suite(check, bench, types)
    try:
        bench.con.execute(f"describe {suite.query}")
    except duckdb.Error as error:
        return str(error).partition("\n")[0]
    return suite


def _suite(check: Check, bench: _Bench, types: dict[str, str]) -> Suite:
    match check.family:
        case "mandatory_fields":
            return mandatory_fields_suite(
                check, bench.desk, types, bench.as_of_at, bench.as_of_date
            )
        case "keys":
            return keys_suite(check, types)
        case "ranges":
            return ranges_suite(check, types, bench.as_of_at)
        case "reconciliation":
            return reconciliation_suite(check, bench.as_of_at)
        case _:
            raise ValueError(f"no rules of the family {check.family}")


def _verdict(
    con: duckdb.DuckDBPyConnection, check: Check, suite: Suite | str, counts: list[Count]
) -> Verdict:
    if isinstance(suite, str):
        return Verdict(check, "not_evaluated", reason=suite)
    errors = [count.error for count in counts if count.error]
    if errors:
        return Verdict(check, "not_evaluated", reason=errors[0])
    findings = [
        _finding(con, suite, rule, count) for rule, count in zip(suite.rules, counts, strict=True)
    ]
    return verdict_of(check, findings)


def _finding(con: duckdb.DuckDBPyConnection, suite: Suite, rule: Rule, count: Count) -> Finding:
    rows_query = broken_rows(suite.query, rule)
    record_ids = _record_ids(con, suite, rule, rows_query, count) if count.failed else ()
    return Finding(
        rule=rule.kind,
        field=rule.field,
        severity=rule.severity,
        evaluated_count=count.evaluated,
        failed_count=count.failed,
        record_ids=record_ids,
        description=rule.description,
        rows_query=rows_query,
    )


def _record_ids(
    con: duckdb.DuckDBPyConnection, suite: Suite, rule: Rule, rows_query: str, count: Count
) -> tuple[str, ...]:
    """Name the records. They are selected a second way, so both ways must find as many."""
    found = con.execute(f"select count(*) from ({rows_query})").fetchone()
    if found != (count.failed,):
        raise ExpectationsError(
            f"Great Expectations counts {count.failed} rows that break a rule, plain SQL {found}",
            f"{suite.check.name}, {rule.field}, {rule.kind}",
            "this is a fault of the project: please report it with these lines",
        )
    ids = con.execute(
        f"select distinct record_id from ({rows_query}) where record_id is not null"
        f" order by record_id limit {RECORD_IDS_KEPT}"
    ).fetchall()
    return tuple(record_id for (record_id,) in ids)

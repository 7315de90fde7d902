"""Judge a warehouse: every planned check, by Great Expectations, with the records it names."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from expectations.entities import SCHEMA, entity_of
from expectations.errors import ExpectationsError
from expectations.planning import planned_checks
from expectations.rules import Rule, Suite, broken_condition, broken_rows
from expectations.scratch import Settled, settled_suites
from expectations.sql import connected
from expectations.suites import Bench
from expectations.validation import Count, validator
from expectations.verdicts import RECORD_IDS_KEPT, Check, Finding, Verdict, verdict_of


def judge(
    warehouse: Path,
    desk: Path,
    as_of_at: datetime,
    as_of_date: date | None = None,
    checks: Sequence[Check] | None = None,
    business_tz: str = "UTC",
    data_docs: Path | None = None,
) -> list[Verdict]:
    """Judge the tables of a warehouse; one Verdict per check, in the order of the checks.

    warehouse: work.duckdb, opened read-only and closed again.
    desk: folder of the company's CSV files.
    as_of_at: instant of the run (UTC; exclusive). as_of_date: the local day that ends there, by
    default the UTC day. business_tz: the time zone in which days begin.
    checks: as planned_checks gives them; by default planned for the entities found.
    data_docs: folder that Great Expectations' own pages (index.html) are written to anew.

    A check whose table is missing is not_evaluated. Raises ExpectationsError for a desk that
    does not fit the tables.
    """
    instant = utc(as_of_at)
    day = as_of_date or last_day(as_of_at)
    with connected(warehouse, read_only=True) as con:
        if checks is None:
            checks = planned_checks(desk, _entities(con))
        suites = Bench(con, desk, instant, day, business_tz).suites(checks)
    with settled_suites(warehouse, suites) as settled:
        databases = dict.fromkeys(each.database for each in settled if isinstance(each, Settled))
        with validator(databases, instant) as great_expectations:
            counts = [
                great_expectations.count(each) if isinstance(each, Settled) else []
                for each in settled
            ]
            if data_docs is not None:
                great_expectations.write_data_docs(data_docs)
        return [
            _verdict(check, each, found)
            for check, each, found in zip(checks, settled, counts, strict=True)
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


def _verdict(check: Check, settled: Settled | str, counts: list[Count]) -> Verdict:
    if isinstance(settled, str):
        return Verdict(check, "not_evaluated", reason=settled)
    errors = [count.error for count in counts if count.error]
    if errors:
        return Verdict(check, "not_evaluated", reason=errors[0])
    rules = settled.suite.rules
    broken = [rule for rule, count in zip(rules, counts, strict=True) if count.failed]
    named = _names(settled, broken) if broken else {}
    findings = [
        _finding(settled.suite, rule, count, named.get(rule, (0, ())))
        for rule, count in zip(rules, counts, strict=True)
    ]
    return verdict_of(check, findings)


def _finding(suite: Suite, rule: Rule, count: Count, named: tuple[int, tuple[str, ...]]) -> Finding:
    """What came of a rule. Its records are selected a second way: both must find as many."""
    found, record_ids = named
    if found != count.failed:
        raise ExpectationsError(
            f"Great Expectations counts {count.failed} rows that break a rule, plain SQL {found}",
            f"{suite.check.name}, {rule.field}, {rule.name}",
            "this is a fault of the project: please report it with these lines",
        )
    return Finding(
        rule=rule.name,
        field=rule.field,
        severity=rule.severity,
        evaluated_count=count.evaluated,
        failed_count=count.failed,
        record_ids=record_ids,
        description=rule.description,
        rows_query=broken_rows(suite.query, rule),
    )


def _names(settled: Settled, rules: Sequence[Rule]) -> dict[Rule, tuple[int, tuple[str, ...]]]:
    """Per rule, how many rows break it and the first records among them, in order."""
    classed = [rule for rule in rules if rule.kind == "classed"]
    with connected(settled.database, read_only=True) as con:
        named = _classed_names(con, settled.query, classed) if classed else {}
        for rule in rules:
            if rule not in named:
                broken = broken_rows(settled.query, rule)
                (failed,) = con.execute(f"select count(*) from ({broken})").fetchone() or (0,)
                ids = con.execute(
                    f"select distinct record_id from ({broken}) where record_id is not null"
                    f" order by record_id limit {RECORD_IDS_KEPT}"
                ).fetchall()
                named[rule] = failed, tuple(record_id for (record_id,) in ids)
    return named


def _classed_names(
    con: duckdb.DuckDBPyConnection, query: str, rules: Sequence[Rule]
) -> dict[Rule, tuple[int, tuple[str, ...]]]:
    """All rules in one scan: an entity may have a million records and twenty rules."""
    figures = ", ".join(
        f"count(*) filter ({where}), min(record_id, {RECORD_IDS_KEPT}) filter ({where})"
        for where in map(broken_condition, rules)
    )
    row = con.execute(f"select {figures} from ({query}) as judged").fetchone() or ()
    return {
        rule: (row[2 * number], tuple(dict.fromkeys(row[2 * number + 1] or ())))
        for number, rule in enumerate(rules)
    }

"""The book of verdicts: the table marts.fct_check_results."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from expectations.judging import last_day, utc
from expectations.verdicts import Finding, Verdict, verdict_of
from expectations.written_tables import WrittenTable

CHECK_RESULTS = WrittenTable(
    "fct_check_results",
    "One row per check and rule: what Great Expectations found at the as-of instant."
    " A check that could not be evaluated has one row without a rule.",
    # Ids, strings, numerics, booleans, dates, timestamps.
    (
        ("check_result_id", "varchar", "Primary key: check, field and rule."),
        ("check_name", "varchar", "The check: <rule family>__<entity>."),
        (
            "rule_family",
            "varchar",
            "mandatory_fields, deliveries, delivered_keys, keys, ranges or reconciliation.",
        ),
        (
            "rule",
            "varchar",
            "The desk''s rule_id, or not_null, unique, within, ordered or balanced.",
        ),
        ("schema_name", "varchar", "Schema of the judged table."),
        ("table_name", "varchar", "The judged table."),
        ("field", "varchar", "What the rule is about, mostly a column."),
        (
            "severity",
            "varchar",
            "How grave it is: error or warn; for mandatory fields the desk says.",
        ),
        ("status", "varchar", "passed, warned (never blocks), failed or not_evaluated."),
        ("record_ids", "varchar", "The first 20 records that break the rule, comma separated."),
        ("description", "varchar", "The rule in words, or why it could not be evaluated."),
        ("evaluated_count", "bigint", "Rows that the rule applied to."),
        ("failed_count", "bigint", "Rows that break the rule."),
        (
            "failed_share",
            "double",
            "failed_count / evaluated_count (0 to 1); NULL if none applied.",
        ),
        ("is_blocking", "boolean", "Nothing is published where this rule is broken."),
        ("as_of_date", "date", "The local day that ends at as_of_at."),
        ("as_of_at", "timestamp", "The instant of the run (UTC, exclusive)."),
    ),
)


def write_check_results(
    warehouse: Path,
    verdicts: Iterable[Verdict],
    as_of_at: datetime,
    as_of_date: date | None = None,
) -> int:
    """Replace marts.fct_check_results by these verdicts; returns its number of rows.

    as_of_at: UTC, exclusive. as_of_date: the local day that ends there, by default the UTC day.
    Record ids are kept, values never.
    """
    stamp = (as_of_date or last_day(as_of_at), utc(as_of_at))
    rows = sorted((*row, *stamp) for verdict in verdicts for row in _rows(verdict))
    return CHECK_RESULTS.replace(warehouse, rows)


def _rows(verdict: Verdict) -> Iterator[tuple[object, ...]]:
    """Rows without the as-of columns; a check without a finding has one row, too."""
    check = verdict.check
    place = (check.schema, check.table)
    for finding in verdict.findings:
        result_id = f"{check.name}/{finding.field}/{finding.rule}"
        yield (result_id, check.name, check.family, finding.rule, *place, *_found(verdict, finding))
    if not verdict.findings:
        reason = verdict.reason or check.description
        nothing = ("", check.severity, verdict.status, "", reason, 0, 0, None, check.blocking)
        yield (check.name, check.name, check.family, "", *place, *nothing)


def _found(verdict: Verdict, finding: Finding) -> tuple[object, ...]:
    evaluated, failed = finding.evaluated_count, finding.failed_count
    alone = verdict_of(verdict.check, [finding])
    return (
        finding.field,
        finding.severity,
        alone.status,
        ",".join(finding.record_ids),
        finding.description,
        evaluated,
        failed,
        failed / evaluated if evaluated else None,
        verdict.check.blocking and finding.severity == "error",
    )

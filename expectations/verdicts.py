"""What is judged and what came of it: checks, findings, verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["warn", "error"]
Status = Literal["passed", "warned", "failed", "not_evaluated"]

RECORD_IDS_KEPT = 20


@dataclass(frozen=True)
class DeliveredTable:
    """A table of a source, the columns that it declares as its key, and where its loads lie."""

    source_name: str
    name: str
    keys: tuple[str, ...]
    lake_folder: Path

    @property
    def has_landed(self) -> bool:
        """Whether there is a file to read."""
        return any(self.lake_folder.glob("*.parquet"))


@dataclass(frozen=True)
class Check:
    """One table judged by one family of rules. The name is that of the Great Expectations suite.

    is_awaited: of deliveries, a source that the company enables declares the table.
    delivered: of delivered keys, the tables of the source that declare one.
    """

    name: str
    family: str
    entity: str
    schema: str
    table: str
    severity: Severity
    blocking: bool
    description: str
    is_awaited: bool = False
    delivered: tuple[DeliveredTable, ...] = ()

    @property
    def relation(self) -> str:
        """The judged table as SQL writes it."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Finding:
    """What one rule of a check found: how many records it applied to, how many broke it, which.

    `rule` is the rule_id of the desk's line, or the kind of a rule that is ours. `record_ids` are
    the first 20 in order, never values. `rows_query` is a select that shows all.
    """

    rule: str
    field: str
    severity: Severity
    evaluated_count: int
    failed_count: int
    record_ids: tuple[str, ...]
    description: str
    rows_query: str


@dataclass(frozen=True)
class Verdict:
    """What came of one check; `reason` says why it could not be evaluated."""

    check: Check
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""

    @property
    def evaluated_count(self) -> int:
        """Judgements made: records times the rules that applied to each."""
        return sum(finding.evaluated_count for finding in self.findings)

    @property
    def failed_count(self) -> int:
        """Judgements that went against the record."""
        return sum(finding.failed_count for finding in self.findings)

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The first 20 records, in order, that broke any rule of the check."""
        ids = {record_id for finding in self.findings for record_id in finding.record_ids}
        return tuple(sorted(ids)[:RECORD_IDS_KEPT])

    @property
    def results_query(self) -> str:
        """A select of what is kept of the broken rules; short enough for a shell."""
        return (
            "select rule, failed_count, record_ids from marts.fct_check_results"
            f" where check_name = '{self.check.name}' and failed_count > 0"
        )

    @property
    def severity(self) -> Severity:
        """How grave it came out: a check that may fail is no error where it only warned."""
        return "warn" if self.status == "warned" else self.check.severity

    @property
    def stops_publication(self) -> bool:
        """A blocking check that failed, or that nobody could evaluate."""
        return self.check.blocking and self.status in {"failed", "not_evaluated"}


def verdict_of(check: Check, findings: Sequence[Finding]) -> Verdict:
    """Sum findings up: a broken rule is as grave as it says, its check at most as itself."""
    broken = {finding.severity for finding in findings if finding.failed_count}
    status: Status = "passed"
    if broken:
        status = "failed" if check.severity == "error" and "error" in broken else "warned"
    return Verdict(check, status, tuple(findings))

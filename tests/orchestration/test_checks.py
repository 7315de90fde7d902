"""What a verdict becomes in Dagster, and hence in the lines that a run shows and its summary."""

from dataclasses import replace

import dagster as dg
import pytest

from expectations.verdicts import Check, Finding, Severity, Verdict, verdict_of
from orchestration.defs.checks import _check_result

# As grave as the gravest threshold of the table, like a check of deliveries.
CHECK = Check(
    "deliveries__crm__leads", "deliveries", "crm.leads", "raw", "loads", "error", False, "Made up."
)
FINDING = Finding("volume", "volume", "warn", 1, 1, ("crm.leads",), "Made up.", "select 1")


@pytest.mark.parametrize(
    ("broken", "severity"),
    [("warn", dg.AssetCheckSeverity.WARN), ("error", dg.AssetCheckSeverity.ERROR)],
)
def test_a_broken_threshold_is_as_grave_as_the_desk_says(
    broken: Severity, severity: dg.AssetCheckSeverity
) -> None:
    verdict = verdict_of(CHECK, [replace(FINDING, severity=broken)])
    told = _check_result(verdict, ())
    assert (told.passed, told.severity) == (False, severity)


def test_a_check_that_could_not_be_evaluated_is_as_grave_as_it_may_become() -> None:
    told = _check_result(Verdict(CHECK, "not_evaluated", reason="There is no table."), ())
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.ERROR)

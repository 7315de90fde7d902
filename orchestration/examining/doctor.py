"""The doctor: every check, for the machine and for one company."""

from collections.abc import Iterator
from typing import Any

from ingest.errors import PilotageError
from orchestration.company import read_company
from orchestration.company_file import find_company_file
from orchestration.examining.company import examine_company
from orchestration.examining.findings import Finding, State, wrong
from orchestration.examining.machine import examine_machine


def examine(name_or_folder: str, least_free_gb: float | None = None) -> Iterator[Finding]:
    """Every finding, in the order of the checks. Raises CompanyError for an unknown company.

    Without a company.yml that can be read, only what holds for every company is looked at.
    """
    path = find_company_file(name_or_folder)
    yield from examine_machine()
    try:
        yield from examine_company(read_company(path), least_free_gb)
    # Of company.yml or of a source's declaration: what follows could not be looked at.
    except PilotageError as error:
        yield wrong("settings", error.what, error.where, error.remedy)


def document(findings: list[Finding]) -> dict[str, Any]:
    """The findings in types that JSON has; docs/operation.md lists the checks."""
    return {
        "wrong": count_wrong(findings),
        "findings": [finding.document() for finding in findings],
    }


def lines(findings: list[Finding]) -> Iterator[str]:
    """The findings as lines of text."""
    for finding in findings:
        yield f"  {finding.state:<6} {finding.check:<10} {finding.told}"
        if finding.state is not State.FINE:
            yield f"{'':<20}where: {finding.where}"
            yield f"{'':<20}what to do: {finding.remedy}"
    number = count_wrong(findings)
    yield f"{number} to be mended" if number else "Nothing is wrong."


def count_wrong(findings: list[Finding]) -> int:
    """How many are to be mended."""
    return sum(finding.state is State.WRONG for finding in findings)

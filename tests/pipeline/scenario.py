"""One scenario of the known-answer pack (scenarios/__init__.py says what it may leave out)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tests.pipeline.crm import Deal

DAY = date(2025, 5, 31)
EXPORT = "2025-05-31 20:00"


@dataclass(frozen=True)
class Scenario:
    """A title, the deals, and what the marts must hold of them: mart's short name -> text table."""

    title: str
    deals: Sequence[Deal]
    expect: Mapping[str, str]
    loads: Sequence[str] = (EXPORT,)
    day: date = DAY


def scenario(
    title: str,
    *deals: Deal,
    loads: Sequence[str] = (EXPORT,),
    day: date = DAY,
    **expect: str,
) -> Scenario:
    """A scenario, what is expected as keywords."""
    return Scenario(title, deals, expect, loads, day)

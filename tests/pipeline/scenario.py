"""One scenario of the known-answer pack (scenarios/__init__.py says what it may leave out)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.pipeline.crm import EVER, Deal, instant
from tests.pipeline.teams import Teams

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
    teams: Teams = field(default_factory=dict)


def scenario(
    title: str,
    *deals: Deal,
    loads: Sequence[str] = (EXPORT,),
    day: date = DAY,
    teams: Mapping[str, Mapping[str, str | None]] | None = None,
    **expect: str,
) -> Scenario:
    """A scenario, what is expected as keywords. teams: rep -> team by the instant it begins."""
    moves = {
        rep: [(instant(since or EVER), team) for since, team in told.items()]
        for rep, told in (teams or {}).items()
    }
    return Scenario(title, deals, expect, loads, day, moves)

"""The day that is looked at, and from where: what every observation needs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from expectations.desk.stages import Stage, open_stages
from expectations.desk.thresholds import OPEN_STAGES, Threshold
from expectations.sql import day_literal, identifier, text_list, text_literal

TREND_POINTS = 8
IDS_KEPT = 5
COMPANY = "company"
# Whom records belong to that belong to nobody, as the marts call it.
NOBODY = "unassigned"


@dataclass(frozen=True)
class View:
    """An open warehouse seen at the end of a local day.

    as_of_at (UTC without zone, exclusive) and as_of_date: what the marts stand at; day is that day
    or an earlier one. sources: those that the company enables.
    """

    con: duckdb.DuckDBPyConnection
    day: date
    as_of_at: datetime
    as_of_date: date
    stages: dict[str, Stage]
    sources: Collection[str] = ()

    @property
    def trend_days(self) -> list[date]:
        """The day and the seven before it by weeks, oldest first."""
        return [self.day - timedelta(weeks=week) for week in reversed(range(TREND_POINTS))]

    @property
    def instant(self) -> datetime:
        """The instant at which the day ends; to the hour where the clocks changed since."""
        return self.as_of_at - (self.as_of_date - self.day)

    @property
    def is_today(self) -> bool:
        """Whether the day is the one that the marts stand at."""
        return self.day == self.as_of_date

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.con.execute(query).fetchall()

    def has(self, *marts: str) -> bool:
        """Whether all these tables stand in the schema marts."""
        found = self.rows(
            "select count(*) from information_schema.tables where table_schema = 'marts'"
            f" and table_name in {text_list(marts)}"
        )
        return found == [(len(marts),)]


def member(scope: str, rep: str = "rep_id") -> str:
    """SQL: what a row counts for in that scope; for teams it needs a column team.

    The fills have one, the team of their day; to others members_join brings it.
    """
    if scope == COMPANY:
        return f"'{COMPANY}'"
    column = identifier("team") if scope == "team" else rep
    return f"'{scope}' || chr(58) || coalesce({column}, '{NOBODY}')"


def members_join(scope: str, rep: str, teams: str = "marts.dim_reps") -> str:
    """SQL: the join that knows a rep's team; nothing where no team is asked for.

    teams: a relation with rep_id and team, one row per rep; today's unless another is given.
    """
    if scope != "team":
        return ""
    return (
        f" left outer join (select rep_id as member_id, team from {teams}) as members"
        f" on {rep} = member_id"
    )


def in_fields(threshold: Threshold) -> str:
    """A condition: the row is about the threshold's entity and fields."""
    about = f"entity = {text_literal(threshold.entity)}"
    return f"{about} and field in {text_list(threshold.fields)}" if threshold.fields else about


def in_stages(threshold: Threshold, stages: dict[str, Stage]) -> str:
    """A condition: the row stands in one of the threshold's stages."""
    asked = set(threshold.stages)
    if not asked:
        return "true"
    opened = open_stages(stages) if OPEN_STAGES in asked else ()
    named = sorted({*(asked - {OPEN_STAGES}), *opened})
    return f"stage_id in {text_list(named)}" if named else "false"


def share(part: float, whole: float) -> float | None:
    """A ratio; None of nothing."""
    return float(part) / float(whole) if whole else None


def percent(value: float | None) -> str:
    """A ratio for people."""
    return "-" if value is None else f"{100 * float(value):.3g} %"


def words(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def open_on(day: date) -> str:
    """A condition: the violation is open at the end of that day."""
    literal = day_literal(day)
    return f"first_seen_date <= {literal} and (resolved_date is null or resolved_date > {literal})"


def quoted(text: str) -> str:
    """SQL: a text for a query that people paste."""
    return "'" + text.replace("'", "''") + "'"


def who(scope: str) -> str:
    """A scope as the subject of a sentence."""
    kind, _, name = scope.partition(":")
    return {"team": f"Team {name}", "rep": f"Rep {name}"}.get(kind, "The company")

"""Teams of reps in miniature: what successive exports say of each rep, and what held on a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tests.pipeline.crm import EVER, Row

# rep -> (since, team) in order; the first counts from ever.
Teams = Mapping[str, Sequence[tuple[datetime, str | None]]]


def team_at(
    teams: Teams, rep_id: str | None, loads: Sequence[datetime], at: datetime
) -> str | None:
    """The team that the exports before an instant tell; before any, the first one's word."""
    told = [load for load in loads if load < at] or list(loads[:1])
    moves = teams.get(rep_id or "", ())
    since = [team for start, team in moves if told and start <= told[-1]]
    return since[-1] if since else None


def reps_delivered(teams: Teams, loads: Sequence[datetime]) -> list[Row]:
    """The rows of the table reps that exports at the instants of `loads` bring.

    A rep comes with the first export after the instant at which a team of theirs begins.
    """
    rows: list[Row] = []
    for rep_id in sorted(teams):
        shown: list[str | None] = []
        hired = teams[rep_id][0][0]
        for load in sorted(load for load in loads if load >= hired):
            team = team_at(teams, rep_id, sorted(loads), _after(load))
            if [team] != shown[-1:]:
                rows.append(_landed(rep_id, team, load))
            shown.append(team)
    return rows


def ever(teams: Mapping[str, str | None]) -> Teams:
    """Reps who never change team."""
    return {rep: [(datetime.fromisoformat(EVER), team)] for rep, team in teams.items()}


def _after(load: datetime) -> datetime:
    return load.replace(microsecond=load.microsecond + 1)


def _landed(rep_id: str, team: str | None, load: datetime) -> Row:
    stamp: Row = {"_extracted_at": load.isoformat(" "), "_op": "upsert", "_row_number": 1}
    return {"id": rep_id, "_key": rep_id, "name": rep_id, "team": team, **stamp}

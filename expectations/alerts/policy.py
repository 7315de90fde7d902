"""What the desk says about alerts: alert_settings.csv (how often) and alert_routes.csv (who)."""

import re
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from expectations.alerts.observation import Severity
from expectations.desk_files import Cell, read_count, read_number, read_rows
from expectations.errors import ExpectationsError

SEVERITIES: tuple[Severity, ...] = ("error", "warn")
SETTINGS_FILE = "alert_settings.csv"
ROUTES_FILE = "alert_routes.csv"
ROUTE_COLUMNS = ("position", "owner", "severity", "entity", "channel")
SETTING_COLUMNS = (
    "severity",
    "open_after",
    "resolve_after",
    "repeat_hours",
    "escalation_growth",
    "flapping_changes",
    "flapping_hours",
    "notify",
)
_ANY = "*"

Notify = Literal["at_once", "digest"]


@dataclass(frozen=True)
class Setting:
    """How alerts of one severity behave.

    open_after, resolve_after: bad and good evaluations in a row. repeat_hours: None repeats never.
    escalation_growth: 0.25 tells again when the count has grown by 25 % since it was last told.
    flapping_changes: so many openings and resolutions within flapping_hours are flapping.
    """

    open_after: int
    resolve_after: int
    repeat_hours: int | None
    escalation_growth: Decimal | None
    flapping_changes: int | None
    flapping_hours: int
    notify: Notify


# What holds where the desk's own line cannot be used and no older one is known.
DEFAULTS: Mapping[Severity, Setting] = {
    "error": Setting(1, 1, 24, Decimal("0.25"), 4, 168, "at_once"),
    "warn": Setting(2, 2, 24, Decimal("0.25"), 4, 168, "digest"),
}
LAST_CHANNEL = "ops"


@dataclass(frozen=True)
class Route:
    """One line of alert_routes.csv; * fits everything."""

    owner: str
    severity: str
    entity: str
    channel: str

    def covers(self, other: "Route") -> bool:
        """Whether all that fits the other line fits this one."""
        return self.fits(other.owner, other.severity, other.entity)

    def fits(self, owner: str, severity: str, entity: str) -> bool:
        """Whether the alert belongs to this line."""
        wanted = ((self.owner, owner), (self.severity, severity), (self.entity, entity))
        return all(pattern in (_ANY, given) for pattern, given in wanted)


@dataclass(frozen=True)
class Policy:
    """The desk's settings and routes, with the company's name and time zone.

    settings: by severity. routes: in the order of their position, the last one fits everything.
    """

    settings: Mapping[Severity, Setting]
    routes: tuple[Route, ...]
    company: str
    business_tz: str = "UTC"

    def channel(self, owner: str, severity: str, entity: str) -> str:
        """The channel of the first route that fits."""
        return next(r.channel for r in self.routes if r.fits(owner, severity, entity))


def read_policy(desk: Path, company: str, business_tz: str) -> Policy:
    """Read both files. Raises ExpectationsError naming file, line, column and what to do."""
    return Policy(read_settings(desk), read_routes(desk), company, business_tz)


def read_usable_policy(
    desk: Path, last_good: Path, company: str, business_tz: str
) -> tuple[Policy, list[ExpectationsError]]:
    """A policy in any case, and what is wrong with the desk's own.

    Where the line of a severity is wrong, that of the last good desk counts, else DEFAULTS; where a
    route is, the last good routes do, else all goes to LAST_CHANNEL. For what has to be told even
    while the desk is wrong: failed runs, missed runs, notices that were written before.
    """
    settings, errors = _read_settings(desk)
    older, _ = _read_settings(last_good)
    routes: tuple[Route, ...] = (Route(_ANY, _ANY, _ANY, LAST_CHANNEL),)
    with suppress(ExpectationsError):
        routes = read_routes(last_good)
    try:
        routes = read_routes(desk)
    except ExpectationsError as error:
        errors.append(error)
    return Policy({**DEFAULTS, **older, **settings}, routes, company, business_tz), errors


def read_settings(desk: Path) -> dict[Severity, Setting]:
    """One setting per severity. Raises ExpectationsError for a wrong, missing or second line."""
    settings, errors = _read_settings(desk)
    if errors:
        raise errors[0]
    return settings


def _read_settings(desk: Path) -> tuple[dict[Severity, Setting], list[ExpectationsError]]:
    """The settings of the lines that can be used, and what is wrong with the file otherwise."""
    path = desk / SETTINGS_FILE
    settings: dict[Severity, Setting] = {}
    named: set[str] = set()
    errors: list[ExpectationsError] = []
    try:
        for row in read_rows(path, SETTING_COLUMNS, only_these=True):
            named.add(row["severity"].text)
            try:
                settings |= _line(row, settings)
            except ExpectationsError as error:
                errors.append(error)
    except ExpectationsError as error:
        # The file, or how a line is written: what follows cannot be read.
        return settings, [*errors, error]
    errors += [
        ExpectationsError(f"No line for the severity {name!r}.", str(path), f"Add one for {name}.")
        for name in SEVERITIES
        if name not in named
    ]
    return settings, errors


def _line(row: Mapping[str, Cell], known: Container[Severity]) -> dict[Severity, Setting]:
    severity = cast(Severity, row["severity"].one_of(SEVERITIES, "severity"))
    if severity in known:
        raise row["severity"].wrong("is set twice", "Keep one line per severity.")
    return {severity: _setting(row)}


def _setting(row: Mapping[str, Cell]) -> Setting:
    changes = _at_least_one(row["flapping_changes"])
    return Setting(
        open_after=_at_least_one(row["open_after"]) or 1,
        resolve_after=_at_least_one(row["resolve_after"]) or 1,
        repeat_hours=_at_least_one(row["repeat_hours"]),
        escalation_growth=_growth(row["escalation_growth"]),
        flapping_changes=changes,
        flapping_hours=_at_least_one(row["flapping_hours"]) or 24,
        notify=cast(Notify, row["notify"].one_of(("at_once", "digest"), "way to notify")),
    )


def _at_least_one(cell: Cell) -> int | None:
    number = cell.read(read_count, "whole number", "Write a number such as 3.")
    if number == 0:
        raise cell.wrong("is too small", "Write 1 or more, or leave it empty.")
    return number


def _growth(cell: Cell) -> Decimal | None:
    growth = cell.read(read_number, "number", "Write a share such as 0.25.")
    if growth is not None and growth <= 0:
        raise cell.wrong("is too small", "Write a share above 0, such as 0.25 for 25 %.")
    return growth


def shadowed_routes(desk: Path) -> list[str]:
    """One text per route that no alert reaches, as an earlier one fits all that it fits.

    Raises ExpectationsError like read_routes.
    """
    found = _ordered_routes(desk / ROUTES_FILE)
    return [
        f"{cell.path.name}, line {cell.line} is never reached: line {wider.line} fits all of it"
        for number, (route, cell) in enumerate(found)
        if (wider := next((c for r, c in found[:number] if r.covers(route)), None))
    ]


def read_routes(desk: Path) -> tuple[Route, ...]:
    """The routes by position. Raises ExpectationsError for a wrong line.

    Also refused: the same position twice, lines behind one that fits everything (they could never
    be reached), and a file whose last route does not fit everything (an alert without a channel).
    """
    path = desk / ROUTES_FILE
    ordered = _ordered_routes(path)
    catch_all = [_fits_everything(route) for route, _ in ordered]
    if not any(catch_all):
        where = f"{path}, line {ordered[-1][1].line if ordered else 1}"
        raise ExpectationsError(
            "No route fits every alert: some would be told to nobody.",
            where,
            "End the file with a line such as 999,*,*,*,ops.",
        )
    if True in catch_all[:-1]:
        raise ordered[catch_all.index(True) + 1][1].wrong(
            "stands behind a route that fits everything: it is never reached",
            "Give it a smaller position, or remove it.",
        )
    return tuple(route for route, _ in ordered)


def _ordered_routes(path: Path) -> list[tuple[Route, Cell]]:
    """The routes by position, each with the cell of its position."""
    found: dict[int, tuple[Route, Cell]] = {}
    for row in read_rows(path, ROUTE_COLUMNS, only_these=True):
        cell = row["position"]
        position = cell.read_count()
        if position is None or position in found:
            raise cell.wrong("is empty or comes twice", "Give every line a number of its own.")
        found[position] = (_route(row), cell)
    return [found[position] for position in sorted(found)]


def _fits_everything(route: Route) -> bool:
    return (route.owner, route.severity, route.entity) == (_ANY, _ANY, _ANY)


def _route(row: Mapping[str, Cell]) -> Route:
    for column in ("owner", "entity"):
        if not row[column].text:
            raise row[column].wrong("names nothing", "Write a name, or * for any.")
    return Route(
        owner=row["owner"].text,
        severity=row["severity"].one_of((_ANY, *SEVERITIES), "severity"),
        entity=row["entity"].text,
        channel=_channel(row["channel"]),
    )


def _channel(cell: Cell) -> str:
    """The name of a channel. A complaint does not quote it: who takes it for the address of the
    channel writes a secret here, and the complaint goes out with the alert of the run."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", cell.text):
        return cell.text
    variable = "the environment variable PILOTAGE_CHANNEL_<NAME>"
    if re.search(r"://|[@/]", cell.text):
        raise ExpectationsError(
            "The channel of this line is an address.",
            cell.where,
            f"Name the channel here, such as ops, and put the address into {variable}.",
        )
    raise ExpectationsError(
        "The channel of this line is no name of a channel.",
        cell.where,
        f"Use lower-case letters, digits and underscores; its address goes into {variable}.",
    )

"""What data quality means, in plain Python: a record is asked at every instant that could matter.

Nothing of the SQL is repeated: no intervals are joined or cut, each instant is judged by itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from expectations.texts import comparable_text, trimmed
from tests.pipeline.desk import STAGES
from tests.quality.desk import PLACEHOLDERS, Rule, Waiver

POSITIONS = {stage: position for stage, position, *_ in STAGES}
LOST = {
    stage for stage, _, is_closed, is_won, _ in STAGES if (is_closed, is_won) == ("true", "false")
}
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class State:
    """How a record stands from an instant on; gone: deleted, merged or vanished."""

    since: datetime
    values: dict[str, str | None]
    rep: str | None
    stage: str | None = None
    record_type: str | None = None
    gone: bool = False


@dataclass(frozen=True)
class Life:
    """A record's states in their order; the first begins when it was created."""

    entity: str
    record_id: str
    states: Sequence[State]

    def at(self, instant: datetime) -> int:
        """The number of the state that holds at an instant."""
        return max(n for n, state in enumerate(self.states) if state.since <= instant)


@dataclass(frozen=True)
class Judge:
    """Rules and waivers in a place; teams: rep -> the teams told, each since when it was known."""

    rules: Sequence[Rule]
    waivers: Sequence[Waiver]
    teams: dict[str, list[tuple[datetime, str]]]
    time_zone: str

    def day(self, instant: datetime) -> date:
        """The local day of an instant."""
        return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(self.time_zone)).date()

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        local = datetime.combine(day, time(), ZoneInfo(self.time_zone))
        return local.astimezone(UTC).replace(tzinfo=None)

    def status(self, rule: Rule, life: Life, instant: datetime) -> tuple[str, str | None] | None:
        """(status, value class) of the rule's field at an instant; None: the rule does not bind."""
        number = life.at(instant)
        state = life.states[number]
        reached = self._reached(rule, life, number)
        of_its_types = not rule.record_types or state.record_type in rule.record_types.split("|")
        if reached is None or not of_its_types:
            return None
        if not self._holds(rule.since, rule.until, instant):
            return None
        if state.gone:
            return "gone", None
        if instant < reached + timedelta(days=rule.grace_days):
            return "not_yet_due", None
        fault = value_class(rule, state.values)
        if fault and any(self._waives(one, rule, life, state, instant) for one in self.waivers):
            return "waived", None
        statuses = {None: "filled", "missing": "missing", "placeholder": "placeholder"}
        return statuses.get(fault, "invalid"), fault

    def instants(self, rule: Rule, life: Life) -> list[datetime]:
        """Every instant at which the status may change."""
        found = {state.since for state in life.states}
        found |= {at + timedelta(days=rule.grace_days) for at in found}
        for days in [rule, *(w for w in self.waivers if w.rule_id == rule.rule_id)]:
            found |= {self.midnight(days.since)} if days.since else set()
            found |= {self.midnight(days.until + timedelta(days=1))} if days.until else set()
        for told in self.teams.values():
            found |= {self.midnight(self.day(known_at)) for known_at, _ in told}
        return sorted(at for at in found if at >= life.states[0].since)

    def violations(
        self, rule: Rule, life: Life, as_of_at: datetime
    ) -> Iterator[tuple[datetime, datetime | None, str, str | None]]:
        """(first seen, resolved, value class last seen, resolution) of each violation."""
        instants = [at for at in self.instants(rule, life) if at < as_of_at]
        judged = [(at, self.status(rule, life, at)) for at in instants]
        first: datetime | None = None
        last_class = ""
        for at, told in judged:
            if told and told[1]:
                first, last_class = first or at, told[1]
            elif first:
                ends = {"filled": "filled", "waived": "waived", "gone": "gone"}
                yield first, at, last_class, ends.get(told[0] if told else "", "not_due")
                first = None
        if first:
            yield first, None, last_class, None

    @staticmethod
    def _reached(rule: Rule, life: Life, number: int) -> datetime | None:
        before = life.states[: number + 1]
        if rule.required_from:
            wanted = POSITIONS[rule.required_from]
            reaching = {s for s, p in POSITIONS.items() if p >= wanted} - LOST
            reaching.add(rule.required_from)
            return min((s.since for s in before if s.stage in reaching), default=None)
        if rule.required_in:
            if before[-1].stage not in rule.required_in.split("|"):
                return None
            while number and life.states[number - 1].stage in rule.required_in.split("|"):
                number -= 1
            return life.states[number].since
        return life.states[0].since

    def _holds(self, since: date | None, until: date | None, instant: datetime) -> bool:
        day = self.day(instant)
        return (since is None or since <= day) and (until is None or day <= until)

    def team(self, rep: str, day: date) -> str | None:
        """The team of a day: the last one told until then, before the first word the first one."""
        told = self.teams.get(rep, [])
        known = [team for known_at, team in told if self.day(known_at) <= day]
        return known[-1] if known else told[0][1] if told else None

    def _waives(
        self, waiver: Waiver, rule: Rule, life: Life, state: State, instant: datetime
    ) -> bool:
        members = {
            "company": waiver.member,
            "rep": state.rep,
            "team": self.team(state.rep or "", self.day(instant)),
            "record": life.record_id,
            "record_type": state.record_type,
        }
        return (
            waiver.rule_id == rule.rule_id
            and members[waiver.scope] == waiver.member
            and self._holds(waiver.since, waiver.until, instant)
        )


def value_class(rule: Rule, values: dict[str, str | None]) -> str | None:
    """What is wrong with the value, by the first fault that applies; None: nothing."""
    text = values[rule.field] or ""
    key = _key(text)
    faults: list[tuple[str, Callable[[], bool]]] = [
        ("missing", lambda: key == ""),
        ("placeholder", lambda: key in {_key(placeholder) for placeholder in PLACEHOLDERS}),
        ("too_short", lambda: len(trimmed(text)) < (rule.min_length or 0)),
        ("not_allowed", lambda: not _allowed(rule, key)),
        ("too_low", lambda: bool(rule.min_value) and _less(text, rule.min_value or "")),
        ("too_high", lambda: bool(rule.max_value) and _less(rule.max_value or "", text)),
        (
            "wrong_pattern",
            lambda: bool(rule.pattern) and not re.fullmatch(rule.pattern or "", trimmed(text)),
        ),
        ("contradicts", lambda: not _agrees(rule, text, values)),
    ]
    return next((name for name, is_so in faults if is_so()), None)


def _key(text: str) -> str | Decimal:
    plain = comparable_text(text)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return plain


def _allowed(rule: Rule, key: str | Decimal) -> bool:
    if rule.allowed_values is None:
        return True
    return key in {_key(value) for value in rule.allowed_values.split("|")}


def _less(one: str, other: str) -> bool:
    """Numbers as numbers; texts, and days written year first, as comparable texts."""
    first, second = _key(one), _key(other)
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return first < second
    return comparable_text(one) < comparable_text(other)


def _agrees(rule: Rule, text: str, values: dict[str, str | None]) -> bool:
    """Texts are compared as comparable texts: 10 comes before 9."""
    other = comparable_text(values.get(rule.compared_with or "") or "")
    mine = comparable_text(text)
    if not rule.comparison or not other:
        return True
    return {
        "<": mine < other,
        "<=": mine <= other,
        ">": mine > other,
        ">=": mine >= other,
        "=": mine == other,
        "<>": mine != other,
    }[rule.comparison]

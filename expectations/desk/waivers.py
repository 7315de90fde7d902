"""waivers.csv: whom a rule does not count for, until when, why, and who said so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from expectations.desk.mandatory_fields import MandatoryField, filled, key
from expectations.desk_files import Cell, nearest, read_rows
from expectations.entities import RULED

FILE = "waivers.csv"
COLUMNS = ("waiver_id", "rule_id", "scope", "member", "since", "until", "reason", "granted_by")
SCOPES = ("company", "team", "rep", "record", "record_type")


@dataclass(frozen=True)
class Waiver:
    """One line of waivers.csv; both days are local and inclusive, no since = always."""

    waiver_id: str
    rule_id: str
    scope: str
    member: str
    since: date | None
    until: date
    reason: str
    granted_by: str
    cells: Mapping[str, Cell] = field(default_factory=dict, compare=False, repr=False)

    def holds_on(self, day: date) -> bool:
        """Whether the waiver counts on that local day."""
        return (self.since is None or self.since <= day) and day <= self.until

    def ran_out_before(self, day: date) -> bool:
        """Whether the waiver's last day lies before that one."""
        return self.until < day


def read_waivers(desk: Path, rules: Iterable[MandatoryField]) -> list[Waiver]:
    """The waivers in the desk's order.

    Raises ExpectationsError for an unknown rule or scope, a member where there is none or none
    where there is one, and a waiver that does not end or ends before it begins.
    """
    by_id = {rule.rule_id: rule for rule in rules}
    waivers: dict[str, Waiver] = {}
    for waiver in _waivers(desk):
        if waiver.waiver_id in waivers:
            raise waiver.cells["waiver_id"].wrong(
                f"is there twice, in line {waivers[waiver.waiver_id].cells['until'].line} as well",
                "Give each waiver an id of its own.",
            )
        _check_rule(waiver, by_id)
        waivers[waiver.waiver_id] = waiver
    return list(waivers.values())


def _waivers(desk: Path) -> Iterator[Waiver]:
    for row in read_rows(desk / FILE, COLUMNS, only_these=True):
        since, until = row["since"].read_day(), row["until"].read_day()
        if until is None:
            raise row["until"].wrong("is no day: a waiver must end", "Write it as 2025-01-31.")
        if since and until < since:
            raise row["until"].wrong(f"lies before since ({since})", "Swap the two days.")
        scope, member = row["scope"].one_of(SCOPES, "scope"), row["member"]
        if scope == "company" and member.text:
            raise member.wrong("is given though the scope is the company", "Leave it empty.")
        if scope != "company" and not member.text:
            raise member.wrong("is empty", f"Name the {scope} that is waived.")
        yield Waiver(
            waiver_id=key(row["waiver_id"]),
            rule_id=row["rule_id"].text,
            scope=scope,
            member=member.text,
            since=since,
            until=until,
            reason=filled(row["reason"]),
            granted_by=filled(row["granted_by"]),
            cells=row,
        )


def _check_rule(waiver: Waiver, rules: Mapping[str, MandatoryField]) -> None:
    rule = rules.get(waiver.rule_id)
    if rule is None:
        raise waiver.cells["rule_id"].wrong(
            f"is no rule of mandatory_fields.csv{nearest(waiver.rule_id, rules)}",
            f"Use one of: {', '.join(rules)}." if rules else "Delete the line.",
        )
    if waiver.scope == "record_type" and RULED[rule.entity].type_column is None:
        raise waiver.cells["scope"].wrong(
            f"cannot be asked of {rule.entity}: they have no record types",
            "Waive it for the company, a team, a rep or a record.",
        )

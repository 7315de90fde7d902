"""The desk's rules on mandatory fields as they stand at one instant."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from expectations.desk.contradictions import check_contradictions
from expectations.desk.mandatory_fields import MandatoryField, read_mandatory_fields
from expectations.desk.placeholders import Placeholders, read_placeholders
from expectations.desk.stages import Stage, read_stages
from expectations.desk.waivers import Waiver, read_waivers


@dataclass(frozen=True)
class RuleBook:
    """Rules, waivers and what counts as empty.

    as_of_at: UTC without zone, exclusive. as_of_date: the local day that ends there. time_zone: the
    company's, in which days begin.
    """

    rules: tuple[MandatoryField, ...]
    waivers: tuple[Waiver, ...]
    placeholders: Placeholders
    stages: dict[str, Stage]
    as_of_at: datetime
    as_of_date: date
    time_zone: str = "UTC"

    def of(self, entity: str) -> list[MandatoryField]:
        """The rules of an entity that are in force, in the desk's order."""
        return [
            rule for rule in self.rules if rule.entity == entity and rule.binds_on(self.as_of_date)
        ]

    def waivers_of(self, rule: MandatoryField) -> list[Waiver]:
        """The waivers of a rule that hold."""
        return [
            waiver
            for waiver in self.waivers
            if waiver.rule_id == rule.rule_id and waiver.holds_on(self.as_of_date)
        ]


def read_rule_book(
    desk: Path, as_of_at: datetime, as_of_date: date, time_zone: str = "UTC"
) -> RuleBook:
    """Read what the desk says of mandatory fields. Raises ExpectationsError for a wrong line."""
    rules = read_mandatory_fields(desk)
    check_contradictions(rules)
    return RuleBook(
        rules=tuple(rules),
        waivers=tuple(read_waivers(desk, rules)),
        placeholders=read_placeholders(desk),
        stages=read_stages(desk),
        as_of_at=as_of_at,
        as_of_date=as_of_date,
        time_zone=time_zone,
    )

"""Two rules that can bind one field of one record on one day contradict each other."""

from collections.abc import Iterable
from datetime import date

from expectations.desk.mandatory_fields import MandatoryField
from expectations.errors import ExpectationsError


def check_contradictions(rules: Iterable[MandatoryField]) -> None:
    """Raise ExpectationsError for the first two rules that can bind together, naming both lines."""
    by_field: dict[tuple[str, str], list[MandatoryField]] = {}
    for rule in rules:
        earlier = by_field.setdefault((rule.entity, rule.field), [])
        for other in earlier:
            if _can_bind_together(other, rule):
                raise _contradiction(other, rule)
        earlier.append(rule)


def _can_bind_together(one: MandatoryField, other: MandatoryField) -> bool:
    return (
        _overlap(one.record_types, other.record_types)
        and _share_a_day(one, other)
        # A record is in one stage at a time; what it ever reached may be any.
        and _overlap(one.required_in, other.required_in)
    )


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists have a member in common; an empty list means all."""
    return not one or not other or not set(one).isdisjoint(other)


def _share_a_day(one: MandatoryField, other: MandatoryField) -> bool:
    first = max(one.since or date.min, other.since or date.min)
    last = min(one.until or date.max, other.until or date.max)
    return first <= last


def _contradiction(one: MandatoryField, other: MandatoryField) -> ExpectationsError:
    cell = other.cells["field"]
    return ExpectationsError(
        f"The rules {one.rule_id!r} and {other.rule_id!r} can both bind {one.entity}.{one.field}"
        " of one record on one day.",
        f"{cell.path}, lines {one.cells['field'].line} and {cell.line}, column field",
        "Keep one of them, or part them by record_types, by required_in or by since and until.",
    )

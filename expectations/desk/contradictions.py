"""Rules that contradict each other: two that can bind one field of one record on one day, and two
whose comparisons no pair of values can meet."""

from collections.abc import Iterable, Sequence
from datetime import date

from expectations.desk.mandatory_fields import MandatoryField
from expectations.errors import ExpectationsError

# The signs of a comparison are the ways in which the two values may stand to each other.
_SEEN_FROM_THERE = str.maketrans("<>", "><")


def check_contradictions(rules: Sequence[MandatoryField]) -> None:
    """Raise ExpectationsError for the first two rules that contradict, naming both lines."""
    _check_fields(rules)
    _check_comparisons(rules)


def _check_fields(rules: Iterable[MandatoryField]) -> None:
    by_field: dict[tuple[str, str], list[MandatoryField]] = {}
    for rule in rules:
        earlier = by_field.setdefault((rule.entity, rule.field), [])
        for other in earlier:
            if _can_bind_together(other, rule):
                raise _contradiction(other, rule)
        earlier.append(rule)


def _check_comparisons(rules: Sequence[MandatoryField]) -> None:
    """Two rules that compare the same two fields, each seen from its own side."""
    by_pair: dict[tuple[str, str, str], list[MandatoryField]] = {}
    for rule in rules:
        other_field = rule.values.compared_with
        if other_field is None:
            continue
        for other in by_pair.get((rule.entity, other_field, rule.field), []):
            if _can_bind_together(other, rule) and not _can_both_hold(other, rule):
                raise _unsatisfiable(other, rule)
        by_pair.setdefault((rule.entity, rule.field, other_field), []).append(rule)


def _can_both_hold(one: MandatoryField, other: MandatoryField) -> bool:
    """Whether any two values meet both comparisons."""
    asked = set(one.values.comparison or "")
    seen_from_there = set((other.values.comparison or "").translate(_SEEN_FROM_THERE))
    return not asked.isdisjoint(seen_from_there)


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


def _unsatisfiable(one: MandatoryField, other: MandatoryField) -> ExpectationsError:
    cell = other.cells["comparison"]
    asked = [
        f"{rule.field} {rule.values.comparison} {rule.values.compared_with}"
        for rule in (one, other)
    ]
    return ExpectationsError(
        f"No record can meet both {one.rule_id!r} ({asked[0]}) and {other.rule_id!r} ({asked[1]}).",
        f"{cell.path}, lines {one.cells['comparison'].line} and {cell.line}, column comparison",
        "Mend one of the two comparisons, or part the rules by record_types, required_in or days.",
    )

"""What is wrong with a field, as SQL: the classes of a due value, first match."""

from collections.abc import Iterable, Mapping
from datetime import date

from expectations.desk.mandatory_fields import Bound, MandatoryField
from expectations.desk.placeholders import Placeholders, day_of, number_of
from expectations.kinds import Kind, kind_of
from expectations.sql import day_literal, identifier, local_day, text_literal
from expectations.texts import comparable_text, comparable_text_sql, trimmed_sql

# Columns beside the fields, so that no text is made comparable twice.
COMPARABLE, TRIMMED = "comparable__", "trimmed__"


def text_columns(rules: Iterable[MandatoryField], types: Mapping[str, str]) -> list[str]:
    """SQL: the comparable and trimmed forms that the classes of these rules read."""
    columns: dict[str, str] = {}
    for rule in rules:
        for name in filter(None, (rule.field, rule.values.compared_with)):
            if kind_of(types[name]) == "text":
                columns[COMPARABLE + name] = comparable_text_sql(identifier(name))
        if rule.values.min_length or rule.values.pattern:
            columns[TRIMMED + rule.field] = trimmed_sql(identifier(rule.field))
    return [f"{expression} as {identifier(name)}" for name, expression in columns.items()]


def class_of(
    rule: MandatoryField, types: Mapping[str, str], placeholders: Placeholders, time_zone: str
) -> str:
    """SQL: the class of a due field: filled, or the first thing that is wrong with it.

    It reads the columns of the entity and those of text_columns.
    """
    kind = kind_of(types[rule.field])
    value = comparable(rule.field, kind, time_zone)
    conditions = [("missing", f"{value} is null" + (f" or {value} = ''" * (kind == "text")))]
    if is_one_of(value, kind, placeholders.texts):
        conditions.append(("placeholder", is_one_of(value, kind, placeholders.texts)))
    conditions += _value_conditions(rule, value, types, time_zone)
    cases = " ".join(f"when {condition} then '{name}'" for name, condition in conditions)
    return f"case {cases} else 'filled' end"


def comparable(field: str, kind: Kind, time_zone: str) -> str:
    """SQL: a field's value as values are compared: comparable text, number, local day."""
    match kind:
        case "text":
            return identifier(COMPARABLE + field)
        case "instant":
            return local_day(identifier(field), time_zone)
        case "number" | "day" | "flag":
            return identifier(field)
        case "other":
            return f"cast({identifier(field)} as varchar)"


def is_one_of(value: str, kind: Kind, texts: Iterable[str]) -> str:
    """A condition: the comparable value is one of those that the desk writes so.

    A text that writes a number is that number (0.00 = 0), in a text field as well. Empty where none
    of the texts can be a value of that kind.
    """
    comparable_texts = [comparable_text(text) for text in texts]
    numbers = [format(n, "f") for n in map(number_of, comparable_texts) if n is not None]
    days = [day_literal(day) for day in map(day_of, comparable_texts) if day is not None]
    match kind:
        case "number":
            return _among(value, numbers)
        case "day" | "instant":
            return _among(value, days)
        case "flag":
            return _among(value, [text for text in comparable_texts if text in {"true", "false"}])
        case _:
            number = f"try_cast({value} as decimal(38, 12))"
            conditions = [
                _among(value, map(text_literal, comparable_texts)),
                # Casting is dear; few texts begin like a number.
                _among(f"case when {value} ~ '^[-+.0-9].*' then {number} end", numbers),
            ]
            return " or ".join(filter(None, conditions))


def _among(value: str, literals: Iterable[str]) -> str:
    listed = ", ".join(dict.fromkeys(literals))
    return f"coalesce({value} in ({listed}), false)" if listed else ""


def _value_conditions(
    rule: MandatoryField, value: str, types: Mapping[str, str], time_zone: str
) -> list[tuple[str, str]]:
    asked, conditions, kind = rule.values, [], kind_of(types[rule.field])
    trimmed = identifier(TRIMMED + rule.field)
    if asked.min_length:
        conditions.append(("too_short", f"length({trimmed}) < {asked.min_length}"))
    if asked.allowed_values:
        allowed = is_one_of(value, kind, asked.allowed_values)
        conditions.append(("not_allowed", f"not ({allowed})"))
    if asked.min_value is not None:
        conditions.append(("too_low", f"{value} < {_bound(asked.min_value)}"))
    if asked.max_value is not None:
        conditions.append(("too_high", f"{value} > {_bound(asked.max_value)}"))
    if asked.pattern:
        matched = f"regexp_full_match({trimmed}, {text_literal(asked.pattern)})"
        conditions.append(("wrong_pattern", f"not {matched}"))
    if asked.compared_with:
        conditions.append(("contradicts", _contradicts(rule, types, time_zone)))
    return conditions


def _contradicts(rule: MandatoryField, types: Mapping[str, str], time_zone: str) -> str:
    """A condition: the comparison does not hold; it holds where the other field is NULL.

    Two instants are compared as they are, an instant and a day as days.
    """
    names = (rule.field, rule.values.compared_with or "")
    kinds = [kind_of(types[name]) for name in names]
    if kinds == ["instant", "instant"]:
        mine, other = map(identifier, names)
    else:
        mine, other = (
            comparable(name, kind, time_zone) for name, kind in zip(names, kinds, strict=True)
        )
    if kinds[1] == "text":
        other = f"nullif({other}, '')"
    return f"not coalesce({mine} {rule.values.comparison} {other}, true)"


def _bound(bound: Bound) -> str:
    return day_literal(bound) if isinstance(bound, date) else format(bound, "f")

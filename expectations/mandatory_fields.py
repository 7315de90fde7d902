"""Mandatory fields: the desk's lines become one suite per entity.

The rules live in the company's desk/mandatory_fields.csv. dbt loads the same file as a seed, so
the alert and the fill rates can never disagree on the rule.
"""

import difflib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from expectations.desk import (
    MandatoryField,
    read_mandatory_fields,
    read_placeholders,
    read_stage_positions,
)
from expectations.entities import SCHEMA, alive, key_of, table_of
from expectations.errors import ExpectationsError
from expectations.rules import STAGE_POSITION, Rule, Suite
from expectations.sql import identifier, instant_literal, record_id, text_literal
from expectations.verdicts import Check

_TEXT_TYPES = ("VARCHAR",)
_NUMBER_TYPES = ("DECIMAL", "BIGINT", "INTEGER", "DOUBLE", "FLOAT", "HUGEINT", "SMALLINT")
_TIME_TYPES = ("DATE", "TIMESTAMP")


def mandatory_fields_suite(
    check: Check, desk: Path, types: dict[str, str], as_of_at: datetime, as_of_date: date
) -> Suite:
    """Build the suite of an entity whose conformed table has these columns and types.

    A record owes a field once it has ever reached the stage `required_from`, closed stages being
    the last ones; deleted, vanished and merged records owe nothing. A rule whose `since` lies
    after as_of_date is left out.
    Raises ExpectationsError for a field that is no column and a stage that is not on the desk.
    """
    fields = [
        field
        for field in read_mandatory_fields(desk)
        if field.entity == check.entity and (field.since is None or field.since <= as_of_date)
    ]
    positions = read_stage_positions(desk)
    placeholders = read_placeholders(desk)
    rules = tuple(_rule(field, types, positions) for field in fields)
    columns = [f"{record_id(key_of(check.entity, list(types)))} as record_id"]
    source = check.relation
    if any(rule.due_from is not None for rule in rules):
        columns.append(STAGE_POSITION)
        source = _with_stage_position(check, positions, as_of_at)
    columns += [_filled_or_null(field.field, types[field.field], placeholders) for field in fields]
    condition = alive(list(types), as_of_at)
    return Suite(check, f"select {', '.join(columns)} from {source} where {condition}", rules)


def _rule(field: MandatoryField, types: dict[str, str], positions: dict[str, int]) -> Rule:
    where = f"mandatory_fields.csv, line {field.line}"
    if field.field not in types:
        near = difflib.get_close_matches(field.field, types, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"its columns: {', '.join(types)}"
        raise ExpectationsError(f"{field.entity} have no field {field.field!r}", where, hint)
    if field.required_from is None:
        due_from = None
    elif field.required_from not in positions:
        raise ExpectationsError(
            f"unknown stage {field.required_from!r}",
            f"{where}, column required_from",
            f"write one of {', '.join(positions)}, or leave it empty",
        )
    elif "stage_id" not in types:
        raise ExpectationsError(
            f"{field.entity} pass through no stages",
            f"{where}, column required_from",
            "leave it empty: the field is then always due",
        )
    else:
        due_from = positions[field.required_from]
    return Rule(
        "filled", field.field, (field.field,), field.severity, field.reason, due_from=due_from
    )


def _with_stage_position(check: Check, positions: dict[str, int], as_of_at: datetime) -> str:
    """The opportunities with the furthest position that each ever reached.

    It stands in the change log, where the source keeps one, and in the record itself.
    """
    return f"""(
        select records.*, greatest({_position("stage_id", positions)}, logged) as {STAGE_POSITION}
        from {check.relation} as records
        left outer join (
            select
                opportunity_id as logged_id,
                max(greatest(
                    {_position("old_value", positions)}, {_position("new_value", positions)}
                )) as logged
            from {SCHEMA}.{table_of("opportunity_changes")}
            where field = 'stage_id' and changed_at < {instant_literal(as_of_at)}
            group by opportunity_id
        ) as log
            on records.opportunity_id = logged_id
    ) as records"""


def _position(column: str, positions: dict[str, int]) -> str:
    cases = [f"when {text_literal(stage)} then {position}" for stage, position in positions.items()]
    return f"case {column} {' '.join(cases)} end"


def _filled_or_null(field: str, data_type: str, placeholders: Iterable[str]) -> str:
    column = identifier(field)
    return (
        f"case when {_is_empty(column, data_type, placeholders)} then null else 1 end as {column}"
    )


def _is_empty(column: str, data_type: str, placeholders: Iterable[str]) -> str:
    """A condition: nothing, nothing but blanks, or a placeholder; numbers and days as such."""
    if data_type.startswith(_TEXT_TYPES):
        # \pZ and \pC: every blank and invisible character, not only the space that trim() knows.
        trimmed = rf"lower(regexp_replace({column}, '^[\pZ\pC]+|[\pZ\pC]+$', '', 'g'))"
        texts = ["''", *(text_literal(text) for text in placeholders)]
        return f"{column} is null or {trimmed} in ({', '.join(texts)})"
    if data_type.startswith(_NUMBER_TYPES):
        numbers = [_number(text) for text in placeholders]
        values = [format(number, "f") for number in numbers if number is not None]
    elif data_type.startswith(_TIME_TYPES):
        column = f"cast({column} as date)"
        values = [f"date '{text}'" for text in placeholders if _is_day(text)]
    else:
        values = []
    return f"{column} is null" + (f" or {column} in ({', '.join(values)})" if values else "")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

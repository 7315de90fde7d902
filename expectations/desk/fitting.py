"""Rules held against the tables: entity, field, stages and values must be such as can be there."""

import re
from collections.abc import Callable, Mapping, Sequence

from expectations.desk.mandatory_fields import STAGED, MandatoryField
from expectations.desk.placeholders import Placeholders, day_of, number_of
from expectations.desk_files import Cell, nearest
from expectations.entities import RULED
from expectations.kinds import Kind, kind_of
from expectations.texts import trimmed

# Entity -> column -> data type, as dbt or DuckDB writes it.
Columns = Mapping[str, Mapping[str, str]]

_BOUNDED: tuple[Kind, ...] = ("number", "day", "instant")
_ORDERED: tuple[Kind, ...] = ("number", "day", "instant")
# Read otherwise, or not at all, by Java (Spark): Python's named groups, POSIX classes and nested
# classes, intersections, single bytes, ungreedy mode, and a brace that stands for itself.
_RE2_ALONE = re.compile(
    r"\(\?P<|\[\^?\[|\[:|&&|\\C|\(\?[a-z]*U|(?<!\\)(?<!\\[pPx])\{(?!\d+(,\d*)?\})"
)


def check_fit(
    rules: Sequence[MandatoryField],
    columns: Columns,
    stages: Sequence[str],
    placeholders: Placeholders,
) -> None:
    """Raise ExpectationsError for the first rule that cannot be about these tables."""
    for rule in rules:
        _check_place(rule, columns)
        _check_stages(rule, stages)
        kind = kind_of(columns[rule.entity][rule.field])
        _check_kind(rule, kind)
        _check_comparison(rule, columns[rule.entity], kind)
        for value in rule.values.allowed_values:
            _check_allowed(rule, value, kind, placeholders)


def check_entity(cell: Cell, columns: Columns) -> None:
    """Raise ExpectationsError where the cell names no entity that can be ruled."""
    known = sorted(set(columns) & set(RULED))
    cell.one_of(known, "entity")


def check_field(cell: Cell, name: str, entity: str, columns: Columns) -> None:
    """Raise ExpectationsError where the entity has no such field."""
    known = list(columns[entity])
    if name not in known:
        raise cell.wrong(
            f"is no field of {entity}{nearest(name, known)}"
            if cell.text == name
            else f"names {name!r}, no field of {entity}{nearest(name, known)}",
            f"Use one of: {', '.join(known)}.",
        )


def _check_place(rule: MandatoryField, columns: Columns) -> None:
    check_entity(rule.cells["entity"], columns)
    check_field(rule.cells["field"], rule.field, rule.entity, columns)
    type_column = RULED[rule.entity].type_column
    if rule.record_types and (type_column is None or type_column not in columns[rule.entity]):
        raise rule.cells["record_types"].wrong(
            f"cannot be asked of {rule.entity}: they have no record types",
            "Leave it empty: the rule then binds all of them.",
        )


def _check_stages(rule: MandatoryField, stages: Sequence[str]) -> None:
    for column in ("required_from", "required_in"):
        cell = rule.cells[column]
        if cell.text and rule.entity != STAGED:
            raise cell.wrong(
                f"cannot be asked of {rule.entity}: only opportunities pass through stages",
                "Leave it empty: the field is then due from the start.",
            )
        for stage in cell.items if column == "required_in" else filter(None, [cell.text]):
            if stage not in stages:
                complaint = "is" if cell.text == stage else f"names {stage!r},"
                raise cell.wrong(
                    f"{complaint} no stage of stages.csv{nearest(stage, stages)}",
                    f"Use: {', '.join(stages)}; or leave it empty (due from the start).",
                )
    if rule.required_from and rule.required_in:
        raise rule.cells["required_in"].wrong(
            "is given beside required_from", "Keep one of the two and leave the other empty."
        )


def _check_kind(rule: MandatoryField, kind: Kind) -> None:
    values, cells = rule.values, rule.cells
    for column in ("min_length", "pattern"):
        if cells[column].text and kind != "text":
            raise cells[column].wrong(
                f"cannot be asked of {rule.field}, which is no text", "Leave it empty."
            )
    for column, bound in (("min_value", values.min_value), ("max_value", values.max_value)):
        if bound is None:
            continue
        if kind not in _BOUNDED:
            raise cells[column].wrong(
                f"cannot be asked of {rule.field}, which is neither number nor day",
                "Leave it empty.",
            )
        if (kind == "number") != (number_of(cells[column].text) is not None):
            is_number = kind == "number"
            raise cells[column].wrong(
                f"is no {'number' if is_number else 'day'}, as {rule.field} needs",
                f"Write {'a number such as 1000.50' if is_number else 'a day such as 2025-01-31'}.",
            )
    if values.pattern is not None:
        _check_pattern(cells["pattern"], values.pattern)


def _check_pattern(cell: Cell, pattern: str) -> None:
    fault = pattern_fault(pattern)
    if fault:
        raise cell.wrong(
            f"is no regular expression: {fault}",
            "Use what RE2 and Java both read, such as [A-Z]{2}[0-9]{6}.",
        )
    found = _RE2_ALONE.search(pattern)
    if found:
        raise cell.wrong(
            f"uses {found[0]!r}, which RE2 and Java do not both read the same way",
            "Use plain classes such as [a-z0-9], groups such as (?:...), and escape a brace: \\{.",
        )


def pattern_fault(pattern: str) -> str:
    """Why RE2 (DuckDB's) does not read the pattern; empty where it does."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as con:
        try:
            con.execute("select regexp_full_match('', ?)", [pattern])
        except duckdb.Error as error:
            return str(error).partition(": ")[2].partition("\n")[0]
    return ""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches, by RE2."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as con:
        return con.execute("select regexp_full_match(?, ?)", [text, pattern]).fetchone() == (True,)


def _check_comparison(rule: MandatoryField, types: Mapping[str, str], kind: Kind) -> None:
    values, cell = rule.values, rule.cells["compared_with"]
    if values.compared_with is None:
        return
    check_field(cell, values.compared_with, rule.entity, {rule.entity: types})
    if values.compared_with == rule.field:
        raise cell.wrong("is the field itself", "Name another field.")
    other = kind_of(types[values.compared_with])
    if {kind, other} not in ({kind}, {"day", "instant"}):
        raise cell.wrong(
            f"is of the kind {other}, {rule.field} of the kind {kind}: they cannot be compared",
            "Name a field of the same kind.",
        )
    if values.comparison not in {"=", "<>"} and kind not in _ORDERED:
        raise rule.cells["comparison"].wrong(
            f"cannot be asked of {rule.field}: a {kind} has no order", "Use = or <>."
        )


def _check_allowed(
    rule: MandatoryField, value: str, kind: Kind, placeholders: Placeholders
) -> None:
    complaint = _complaint(rule, value, kind, placeholders)
    if complaint:
        raise rule.cells["allowed_values"].wrong(
            f"allows {value!r}, which {complaint}", "Take the value out, or mend the other column."
        )


def _complaint(rule: MandatoryField, value: str, kind: Kind, placeholders: Placeholders) -> str:
    """What stands against an allowed value; empty where nothing does."""
    values = rule.values
    readers: dict[Kind, tuple[Callable[[str], object], str]] = {
        "number": (number_of, "is no number"),
        "day": (day_of, "is no day"),
        "instant": (day_of, "is no day"),
        "flag": (lambda text: text.lower() in {"true", "false"} or None, "is not true or false"),
    }
    read, wrong = readers.get(kind, (str, ""))
    known = read(value)
    complaints = (
        (known is None, wrong),
        (placeholders.hold(value, kind), "is a placeholder and counts as empty"),
        (_is_beyond(known, values.min_value, below=True), "is less than min_value"),
        (_is_beyond(known, values.max_value, below=False), "is more than max_value"),
        (len(trimmed(value)) < (values.min_length or 0), "is shorter than min_length"),
        (
            values.pattern is not None and not matches(values.pattern, trimmed(value)),
            "does not match the pattern",
        ),
    )
    return next((text for is_so, text in complaints if is_so), "")


def _is_beyond(value: object, bound: object, *, below: bool) -> bool:
    if value is None or bound is None or type(value) is not type(bound):
        return False
    return bool(value < bound if below else value > bound)  # type: ignore[operator]

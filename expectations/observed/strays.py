"""Names on the desk of which no delivery has ever told.

No reason to refuse the desk: people and kinds of record come later than the lines about them, and
go before them. Where nothing of the kind was ever delivered, nobody can tell.
"""

from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk_files import Cell
from expectations.entities import RULED, SCHEMA, table_of
from expectations.observed.views import View
from expectations.sql import column_types, text_list

# What the fills call those that no delivery names.
_NOBODY = ("unassigned", "unknown")


def stray_types(view: View, rule: MandatoryField) -> list[str]:
    """The record types that a rule names and that are not there, each told with its place."""
    names = type_names(view, rule.entity)
    return [
        stray_text(rule.cells["record_types"], name, "record type")
        for name in rule.record_types
        if names and not is_own_type(name, rule.entity) and is_stray(view, names, name)
    ]


def stray_text(cell: Cell, name: str, kind: str) -> str:
    """What is not there, and where that stands."""
    place = f"{cell.path.name}, line {cell.line}, column {cell.column}"
    return f"{name!r} is no {kind} that was ever delivered ({place})"


def is_own_type(name: str, entity: str) -> bool:
    """Whether it is a record type that there is, though none may have come yet."""
    return name in RULED[entity].types


def type_names(view: View, entity: str) -> str | None:
    """A select of the record types of an entity; None where nobody can tell."""
    column = RULED[entity].type_column
    if column is None or column not in column_types(view.con, SCHEMA, table_of(entity)):
        return None
    return f"select {column} as name from {SCHEMA}.{table_of(entity)}"


def is_stray(view: View, names: str, member: str) -> bool:
    """Whether there are names, and the member is none of them."""
    known, found = view.con.execute(
        f"select count(*), count(*) filter (where name = ?) from ({names}) as names"
        f" where name not in {text_list(_NOBODY)}",
        [member],
    ).fetchall()[0]
    return known > 0 and not found

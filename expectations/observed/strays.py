"""Names on the desk of which no delivery has ever told.

No reason to refuse the desk: people and kinds of record come later than the lines about them, and
go before them. Where nothing of the kind was ever delivered, nobody can tell.
"""

from expectations.desk.mandatory_fields import STAGED, MandatoryField
from expectations.desk_files import Cell
from expectations.entities import RULED, SCHEMA, table_of
from expectations.observed.views import View
from expectations.sql import column_types, text_list, text_literal

# What the fills call those that no delivery names.
_NOBODY = ("unassigned", "unknown")
# What is kept of the past of what the desk rules: of deals every version, of others every load.
_VERSIONS = {STAGED: "int_opportunities_versioned"}
_LOADS = "int_record_values_loaded"


def stray_types(view: View, rule: MandatoryField) -> list[str]:
    """The record types that a rule names and that never were, each told with its place.

    Of a rule that binds on the day: one that is over, or yet to come, asks for nothing.
    """
    if not rule.binds_on(view.day):
        return []
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
    """A select of the record types of an entity, now and before; None where nobody can tell."""
    column = RULED[entity].type_column
    if column is None or column not in column_types(view.con, SCHEMA, table_of(entity)):
        return None
    now = f"select {column} as name from {SCHEMA}.{table_of(entity)}"
    before = _past_type_names(view, entity)
    return f"{now} union all {before}" if before else now


def _past_type_names(view: View, entity: str) -> str | None:
    """A select of the types that records had: all may have left one, or have vanished with it."""
    table = _VERSIONS.get(entity, _LOADS)
    if "record_type" not in column_types(view.con, SCHEMA, table):
        return None
    its = "true" if entity in _VERSIONS else f"entity = {text_literal(entity)}"
    return f"select record_type as name from {SCHEMA}.{table} where {its}"


def is_stray(view: View, names: str, member: str) -> bool:
    """Whether there are names, and the member is none of them."""
    known, found = view.con.execute(
        f"select count(*), count(*) filter (where name = ?) from ({names}) as names"
        f" where name not in {text_list(_NOBODY)}",
        [member],
    ).fetchall()[0]
    return known > 0 and not found

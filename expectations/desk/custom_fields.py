"""custom_fields.csv: the register of fields that a source has beyond its declaration."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from expectations.desk.mandatory_fields import filled
from expectations.desk_files import Cell, read_rows

FILE = "custom_fields.csv"
COLUMNS = (
    "source_name",
    "table_name",
    "column_name",
    "data_type",
    "is_personal",
    "owner",
    "rename_of",
    "description",
)


@dataclass(frozen=True)
class CustomField:
    """One line of custom_fields.csv."""

    source_name: str
    table_name: str
    column_name: str
    data_type: str
    is_personal: bool
    owner: str
    rename_of: str
    description: str


def read_custom_fields(desk: Path) -> list[CustomField]:
    """The registered fields in the desk's order.

    Raises ExpectationsError for an empty name, a word that is neither true nor false, a field that
    is registered twice and one that is renamed from itself.
    """
    seen: set[tuple[str, str, str]] = set()
    registered = []
    for custom_field, cells in _custom_fields(desk):
        name = (custom_field.source_name, custom_field.table_name, custom_field.column_name)
        if name in seen:
            raise cells["column_name"].wrong("is registered twice", "Keep one line per field.")
        if custom_field.rename_of == custom_field.column_name:
            raise cells["rename_of"].wrong("is the field itself", "Write its former name.")
        seen.add(name)
        registered.append(custom_field)
    return registered


def _custom_fields(desk: Path) -> Iterator[tuple[CustomField, dict[str, Cell]]]:
    for row in read_rows(desk / FILE, COLUMNS, only_these=True):
        is_personal = row["is_personal"].one_of(("true", "false"), "true or false") == "true"
        custom_field = CustomField(
            source_name=filled(row["source_name"]),
            table_name=filled(row["table_name"]),
            column_name=filled(row["column_name"]),
            data_type=filled(row["data_type"]),
            is_personal=is_personal,
            owner=filled(row["owner"]),
            rename_of=row["rename_of"].text,
            description=row["description"].text,
        )
        yield custom_field, row

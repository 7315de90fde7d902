"""Our own keys: what names a record of a conformed entity is there, and once only."""

from expectations.entities import key_of
from expectations.rules import Rule, Suite
from expectations.sql import identifier, record_id
from expectations.verdicts import Check


def keys_suite(check: Check, types: dict[str, str]) -> Suite:
    """Build the suite of an entity whose conformed table has these columns.

    Two sources that deliver one key are two rows here: the company must tell them apart.
    """
    key = key_of(check.entity, list(types))
    present = [
        Rule("not_null", column, (column,), "error", f"Every row of {check.entity} has its key.")
        for column in key
    ]
    unique = Rule("unique", "|".join(key), key, "error", f"A key of {check.entity} stands once.")
    columns = ", ".join(identifier(column) for column in key)
    query = f"select {record_id(key)} as record_id, {columns} from {check.relation}"
    return Suite(check, query, (*present, unique))

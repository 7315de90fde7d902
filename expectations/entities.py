"""The conformed entities: where they stand, what names a record, which records are alive."""

from dataclasses import dataclass
from datetime import datetime

from expectations.sql import identifier, instant_literal

# An entity's key is the first column of its conformed table; these have more than one.
_COMPOUND_KEYS = {
    "campaign_days": ("campaign_id", "spend_date"),
    "targets": ("rep_id", "criterion", "month_start_date"),
}
_PREFIX, _SUFFIX = "int_", "_conformed"

SCHEMA = "intermediate"


@dataclass(frozen=True)
class RuledEntity:
    """What there is to know of an entity that the desk may rule.

    type_column holds its record type; types are those that the models themselves tell apart,
    delivered or not. A record without a rep of its own is answered for by the one
    of its `owner` (entity, key).
    """

    type_column: str | None = None
    owner: tuple[str, str] | None = None
    types: tuple[str, ...] = ()


RULED = {
    "accounts": RuledEntity(),
    "activities": RuledEntity("activity_type"),
    "contacts": RuledEntity(owner=("accounts", "account_id")),
    "invoices": RuledEntity("document_kind", types=("invoice", "deposit")),
    "leads": RuledEntity(),
    "opportunities": RuledEntity("record_type"),
    "orders": RuledEntity(),
    "quotes": RuledEntity(owner=("opportunities", "opportunity_id")),
}


def table_of(entity: str) -> str:
    """The conformed table of an entity, without its schema."""
    return f"{_PREFIX}{entity}{_SUFFIX}"


def entity_of(table: str) -> str | None:
    """The entity that a table conforms; None for any other table."""
    if table.startswith(_PREFIX) and table.endswith(_SUFFIX):
        return table.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    return None


def key_of(entity: str, columns: list[str]) -> tuple[str, ...]:
    """The columns that name a record of the entity, given its table's columns in order."""
    return _COMPOUND_KEYS.get(entity, (columns[0],))


def alive(columns: list[str], as_of_at: datetime) -> str:
    """A condition: the record was created by then, is not deleted, vanished or merged away."""
    conditions = [
        f"not coalesce({identifier(flag)}, false)"
        for flag in ("is_deleted", "is_vanished")
        if flag in columns
    ]
    if "merged_into_id" in columns:
        conditions.append("merged_into_id is null")
    if "created_at" in columns:
        conditions.append(f"(created_at is null or created_at < {instant_literal(as_of_at)})")
    return " and ".join(conditions) or "true"

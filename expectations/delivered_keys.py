"""Delivered keys: what a source declares as a key names every landed row, and one row of a load."""

from datetime import datetime

from expectations.rules import Rule, Suite
from expectations.sql import identifier, instant_literal, text_literal
from expectations.verdicts import Check, DeliveredTable

# Deletions name a record by _key alone. Loads of after the as-of instant are none yet.
_ROWS_PER_LOAD = """
select
    _load_id as record_id,
    count(*) as landed_rows,
    count(*) filter (where {is_whole}) as rows_with_key,
    count(distinct {key}) filter (where {is_whole}) as keys
from read_parquet({files}, union_by_name = true, hive_partitioning = false)
where
    _op = 'upsert'
    and _load_id in (select load_id from raw.loads where extracted_at < {as_of_at})
group by _load_id
"""
_NO_ROWS = "select '' as record_id, 0 as landed_rows, 0 as rows_with_key, 0 as keys where false"


def delivered_keys_suite(check: Check, as_of_at: datetime) -> Suite:
    """Build the suite of a source, one row per load; as_of_at is UTC without zone, exclusive."""
    parts = [_rows_per_load(each, as_of_at) for each in check.delivered if each.has_landed]
    rules = (
        _equal("not_null", "landed_rows", "rows_with_key", "every row has its declared key"),
        _equal("unique", "rows_with_key", "keys", "a declared key stands once"),
    )
    return Suite(check, "\nunion all\n".join(parts) or _NO_ROWS, rules)


def _rows_per_load(table: DeliveredTable, as_of_at: datetime) -> str:
    names = [identifier(key) for key in table.keys]
    return _ROWS_PER_LOAD.format(
        is_whole=" and ".join(f"{name} is not null" for name in names),
        key=names[0] if len(names) == 1 else f"row({', '.join(names)})",
        files=text_literal(str(table.lake_folder / "*.parquet")),
        as_of_at=instant_literal(as_of_at),
    )


def _equal(name: str, one: str, other: str, text: str) -> Rule:
    return Rule("balanced", "key", (one, other), "error", f"Of each load, {text}.", rule_id=name)

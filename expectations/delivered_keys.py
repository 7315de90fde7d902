"""Delivered keys: every landed row has what its source declares as a key, and of a delivery no key
stands for two.

A row without its key is our own fault, for ingest refuses such. A key twice is the source's: both
rows land, the last one counts, and people are told until a corrected file or a newer full export
has come.
"""

from datetime import datetime

from expectations.rules import Rule, Suite
from expectations.sql import identifier, instant_literal, text_literal
from expectations.verdicts import Check, DeliveredTable

# Deletions name a record by _key alone. Loads of after the as-of instant are none yet. What is said
# again of later deliveries stands under their files and instants. Repeated rows are counted where a
# delivery lands, for one that says what is known already is not in the lake; in loads of before
# that count, those that are in it.
_ROWS_PER_LOAD = """
select
    {table} || ' ' || _source_file || ' (load ' || _load_id
    || coalesce(' repeats ' || nullif(repeated_rows, 0), '') || ')' as record_id,
    landed_rows,
    rows_with_key,
    repeated_rows
from (
    select
        counted.*,
        case
            when not exists (
                select 1 from raw.loads as later
                where
                    later.source_name = {source_name}
                    and later.table_name = {table_name}
                    and later.status = 'landed'
                    and later.mode <> 'replay'
                    and later.extracted_at > counted._extracted_at
                    and later.extracted_at < {as_of_at}
                    and (later.mode = 'full' or later.source_file = counted._source_file)
            ) then coalesce(counted.repeated_at_landing, counted.rows_with_key - counted.keys)
        end as repeated_rows
    from (
        select
            _load_id,
            _source_file,
            _extracted_at,
            count(*) as landed_rows,
            count(*) filter (where {is_whole}) as rows_with_key,
            count(distinct {key}) filter (where {is_whole}) as keys,
            any_value(
                case when loads.extracted_at = _extracted_at then loads.repeated_rows else 0 end
            ) as repeated_at_landing
        from read_parquet({files}, union_by_name = true, hive_partitioning = false)
        inner join raw.loads as loads
            on _load_id = loads.load_id and loads.extracted_at < {as_of_at}
        where _op = 'upsert'
        group by _load_id, _source_file, _extracted_at
    ) as counted
) as told
"""
_NO_ROWS = (
    "select '' as record_id, 0 as landed_rows, 0 as rows_with_key, 0 as repeated_rows where false"
)


def delivered_keys_suite(check: Check, as_of_at: datetime) -> Suite:
    """Build the suite of a source, one row per load; as_of_at is UTC without zone, exclusive."""
    parts = [_rows_per_load(each, as_of_at) for each in check.delivered if each.has_landed]
    rules = (
        Rule(
            "balanced",
            "key",
            ("landed_rows", "rows_with_key"),
            "error",
            "Of each load, every row has its declared key.",
            rule_id="not_null",
        ),
        # From 0 to 0: NULL where it has been corrected since.
        Rule(
            "within",
            "key",
            ("repeated_rows",),
            "warn",
            "Of each load, a declared key stands once; of several rows the last one counts.",
            rule_id="unique",
        ),
    )
    return Suite(check, "\nunion all\n".join(parts) or _NO_ROWS, rules)


def _rows_per_load(table: DeliveredTable, as_of_at: datetime) -> str:
    names = [identifier(key) for key in table.keys]
    return _ROWS_PER_LOAD.format(
        table=text_literal(f"{table.source_name}.{table.name}"),
        source_name=text_literal(table.source_name),
        table_name=text_literal(table.name),
        is_whole=" and ".join(f"{name} is not null" for name in names),
        key=names[0] if len(names) == 1 else f"row({', '.join(names)})",
        files=text_literal(str(table.lake_folder / "*.parquet")),
        as_of_at=instant_literal(as_of_at),
    )

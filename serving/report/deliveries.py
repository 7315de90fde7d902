"""What came, on the page of data quality: freshness, loads and the quarantine."""

from typing import Any

from serving.report.blocks import Column, Figure, Listing, Table, Text
from serving.report.marts import Marts


def delivery_blocks(marts: Marts) -> list[Any]:
    """Freshness and loads by table, and what was refused or drifted."""
    return [_loads(marts), _refusals(marts), _drift(marts)]


def _loads(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select
            source_name,
            table_name,
            count(*) filter (where status = 'landed') as load_count,
            count(*) filter (where status = 'refused') as refused_count,
            sum(delivered_rows)::bigint as delivered_rows,
            sum(loaded_rows)::bigint as loaded_rows,
            sum(unchanged_rows)::bigint as unchanged_rows,
            sum(deleted_rows)::bigint as deleted_rows,
            sum(quarantined_rows)::bigint as quarantined_rows,
            max(extracted_at) filter (where status = 'landed') as extracted_at,
            date_diff('hour', max(extracted_at) filter (where status = 'landed'), as_of_at)
                as age_hours
        from fct_loads
        cross join (select max(as_of_at) as as_of_at from published)
        group by source_name, table_name, as_of_at
        order by age_hours desc nulls first, source_name, table_name
        """
    )
    stalest = rows[0] if rows else {}
    values: dict[str, Figure] = {
        "table": (stalest.get("table_name"), "text"),
        "hours": (stalest.get("age_hours"), "count"),
        "loads": (sum(row["load_count"] for row in rows), "count"),
    }
    return Listing(
        "quality-loads",
        Text("quality.loads", values),
        Table(
            (
                Column("source_name"),
                Column("table_name"),
                Column("extracted_at", "instant"),
                Column("age_hours", "count"),
                Column("load_count", "count"),
                Column("delivered_rows", "count"),
                Column("loaded_rows", "count"),
                Column("unchanged_rows", "count"),
                Column("deleted_rows", "count"),
                Column("quarantined_rows", "count"),
                Column("refused_count", "count"),
            ),
            rows,
        ),
        defined=("fct_loads",),
        note=Text("quality.loads_note"),
        missing=Text("quality.no_loads"),
    )


def _refusals(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *
        from fct_loads
        where status = 'refused' or quarantined_rows > 0
        order by extracted_at desc
        limit 25
        """
    )
    return Listing(
        "quality-refusals",
        Text("quality.refusals"),
        Table(
            (
                Column("extracted_at", "instant"),
                Column("source_name"),
                Column("table_name"),
                Column("status", "term", terms="load"),
                Column("quarantined_rows", "count"),
                Column("reason", "english"),
            ),
            rows,
        ),
        defined=("fct_loads",),
        note=Text("quality.refusals_note"),
        missing=Text("quality.no_refusals"),
        is_wide=False,
    )


def _drift(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *
        from fct_drift_events
        order by extracted_at desc, source_name, table_name, column_name
        limit 25
        """
    )
    return Listing(
        "quality-drift",
        Text("quality.drift"),
        Table(
            (
                Column("extracted_at", "instant"),
                Column("source_name"),
                Column("table_name"),
                Column("column_name"),
                Column("drift_kind", "term", terms="drift"),
            ),
            rows,
        ),
        defined=("fct_drift_events",),
        note=Text("quality.drift_note"),
        missing=Text("quality.no_drift"),
        is_wide=False,
    )

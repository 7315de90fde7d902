"""The state of data quality in figures, for the gauges."""

from datetime import datetime
from pathlib import Path

from expectations.alerts.gauges import QualityFacts
from expectations.sql import connected

# One row per rule, so that what has no violation is 0 and not missing.
_OPEN_VIOLATIONS = """
select entity, severity, sum(open_violations_count)
from marts.mart_field_quality
group by all
order by all
"""
_FILL_RATES = """
select entity, field, sum(filled_count) / nullif(sum(due_count), 0)
from marts.fct_field_fills
where snapshot_date = (select max(snapshot_date) from marts.fct_field_fills)
group by all
order by all
"""
_FRESHNESS = """
select source_name, table_name, date_diff('second', max(extracted_at), ?) / 3600
from marts.fct_loads
where status = 'landed'
group by all
order by all
"""


def quality_facts(warehouse: Path, as_of_at: datetime, last_run_at: datetime) -> QualityFacts:
    """Read what the gauges show from a warehouse's marts, opened read-only.

    as_of_at: what the marts stand at (UTC without zone). last_run_at: when they were built (UTC).
    """
    with connected(warehouse, read_only=True) as con:
        violations = con.execute(_OPEN_VIOLATIONS).fetchall()
        rates = con.execute(_FILL_RATES).fetchall()
        ages = con.execute(_FRESHNESS, [as_of_at]).fetchall()
    return QualityFacts(
        open_violations={(entity, severity): count for entity, severity, count in violations},
        fill_rates={(entity, field): rate for entity, field, rate in rates},
        freshness_hours={(source, table): hours for source, table, hours in ages},
        last_run_at=last_run_at,
    )

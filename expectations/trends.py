"""How the share of broken records went over the last days, for the metadata of checks."""

from datetime import date
from pathlib import Path

from expectations.planning import mandatory_fields_check
from expectations.sql import column_types, connected, day_literal

POINTS = 8


def failed_shares(warehouse: Path, as_of_date: date) -> dict[str, tuple[float, ...]]:
    """Check name -> failed / due at the ends of the last eight recorded days, oldest first.

    Only checks on mandatory fields have a past: marts.fct_field_fills keeps it. A day on which
    nothing was due is left out; no such mart gives no trends.
    """
    with connected(warehouse, read_only=True) as con:
        if not column_types(con, "marts", "fct_field_fills"):
            return {}
        rows = con.execute(
            "select entity, sum(missing_count + invalid_count) / sum(due_count)"
            f" from marts.fct_field_fills where snapshot_date <= {day_literal(as_of_date)}"
            f" and snapshot_date > {day_literal(as_of_date)} - 31"
            " group by entity, snapshot_date having sum(due_count) > 0"
            " order by entity, snapshot_date"
        ).fetchall()
    shares: dict[str, list[float]] = {}
    for entity, share in rows:
        shares.setdefault(mandatory_fields_check(entity).name, []).append(float(share))
    return {name: tuple(points[-POINTS:]) for name, points in shares.items()}

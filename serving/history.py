"""Does the past stay as it was? Each publication keeps a hash of every day's pipeline.

The next one compares: a day that reads otherwise now was rewritten. That is explained where a
version of a deal that the publication before did not know had begun by then (late data); else it
is told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from serving.catalogue import CATALOGUE, HISTORY, HISTORY_COLUMNS
from serving.fingerprints import SCHEMA
from serving.quoting import quoted

SNAPSHOTS, VERSIONS = "fct_pipeline_snapshots", "fct_opportunity_versions"
# What a day says; a column that a later release adds rewrites no day.
SAID = "rep_id, stage_id, open_count, gross_amount, weighted_amount"


@dataclass(frozen=True)
class Day:
    """One day of the history: `is_rewritten` since the publication before, `is_explained` why."""

    day: date
    hash: str
    is_rewritten: bool = False
    is_explained: bool = False


def compare_days(
    connection: duckdb.DuckDBPyConnection,
    marts: Collection[str],
    link: Path | None,
    company: str,
    as_of_at: datetime,
) -> tuple[Day, ...]:
    """The days of the warehouse attached as `work`, compared with the publication at `link`.

    Nothing is compared with one of another company, of a later as_of, or without a history.
    """
    if SNAPSHOTS not in marts:
        return ()
    found: dict[date, str] = dict(
        connection.execute(
            f"""
            select snapshot_date, count(*) || '-' || sum(md5_number_lower(concat_ws('|', {SAID})))
            from work.{SCHEMA}.{SNAPSHOTS}
            group by snapshot_date
            """
        ).fetchall()
    )
    if link is None or not link.exists():
        return tuple(Day(day, hashed) for day, hashed in sorted(found.items()))
    connection.execute(f"attach {quoted(str(link.resolve()))} as past (read_only)")
    try:
        past = _past_hashes(connection, company, as_of_at)
        late = _late_from(connection) if past and VERSIONS in marts else None
    finally:
        connection.execute("detach past")
    last = max(past, default=date.min)
    days = []
    for day in sorted({*found, *past}):
        hashed = found.get(day, "")
        is_rewritten = day <= last and past.get(day, "") != hashed
        days.append(Day(day, hashed, is_rewritten, is_rewritten and bool(late and late <= day)))
    return tuple(days)


def write_days(connection: duckdb.DuckDBPyConnection, database: str, days: Collection[Day]) -> None:
    """Write the history into an attached database."""
    columns = ", ".join(f"{name} {data_type}" for name, (data_type, _) in HISTORY_COLUMNS.items())
    connection.execute(f"create table {database}.{SCHEMA}.{HISTORY} ({columns})")
    if rows := [[day.hash, day.is_rewritten, day.is_explained, day.day] for day in days]:
        connection.executemany(
            f"insert into {database}.{SCHEMA}.{HISTORY} values (?, ?, ?, ?)", rows
        )


def unexplained(days: Collection[Day]) -> tuple[date, ...]:
    """The days that were rewritten though nothing late was learnt of them."""
    return tuple(day.day for day in days if day.is_rewritten and not day.is_explained)


def _past_hashes(
    connection: duckdb.DuckDBPyConnection, company: str, as_of_at: datetime
) -> dict[date, str]:
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'past'"
    ).fetchall()
    if not {(HISTORY,), (CATALOGUE,), (VERSIONS,)} <= set(tables):
        return {}
    comparable = connection.execute(
        f"select 1 from past.{SCHEMA}.{CATALOGUE} where company = ? and as_of_at <= ?",
        [company, as_of_at],
    ).fetchone()
    if not comparable:
        return {}
    days = connection.execute(f"select snapshot_date, day_hash from past.{SCHEMA}.{HISTORY}")
    return {day: hashed for day, hashed in days.fetchall() if hashed}


def _late_from(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The earliest day on which a version began that the publication before did not know."""
    found = connection.execute(
        f"""
        select min(valid_from_date)
        from work.{SCHEMA}.{VERSIONS} as versions
        anti join past.{SCHEMA}.{VERSIONS} as known
            using (opportunity_id, valid_from, known_at)
        """
    ).fetchone()
    return found[0] if found else None

"""What the last runs judged and published, on the page of data quality."""

from typing import Any

from serving.report.blocks import Column, Listing, Table, Text
from serving.report.marts import Marts, Row, open_marts
from serving.versions import versions


def run_blocks(marts: Marts) -> list[Any]:
    """The checks of the last run, and the publications that are kept."""
    return [_checks(marts), _publications(marts)]


def _checks(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select
            rule_family,
            count(*) as check_count,
            count(*) filter (where status = 'passed') as passed_count,
            count(*) filter (where status = 'warned') as warned_count,
            count(*) filter (where status in ('failed', 'not_evaluated')) as failed_count,
            sum(failed_count)::int as broken_rows
        from fct_check_results
        group by rule_family
        order by failed_count desc, warned_count desc, rule_family
        """
    )
    return Listing(
        "quality-checks",
        Text("quality.checks"),
        Table(
            (
                Column("rule_family"),
                Column("check_count", "count"),
                Column("passed_count", "count"),
                Column("warned_count", "count"),
                Column("failed_count", "count"),
                Column("broken_rows", "count"),
            ),
            rows,
        ),
        defined=("fct_check_results",),
        is_wide=False,
    )


def _publications(marts: Marts) -> Listing:
    """The versions that are kept, newest first; each says of itself what it is."""
    kept = [marts.path.resolve().parent / f"marts-{v}.duckdb" for v in versions(marts.path.parent)]
    rows = [_publication(marts)]
    for path in kept:
        if path != marts.path.resolve():
            with open_marts(path) as older:
                rows.append(_publication(older))
    rows.sort(key=lambda row: str(row["version"]), reverse=True)
    return Listing(
        "quality-publications",
        Text("quality.publications", {"day": (rows[0]["as_of_at"], "instant")}),
        Table(
            (
                Column("version", head="col.publication"),
                Column("as_of_at", "instant"),
                Column("table_count", "count"),
                Column("row_count", "count"),
                Column("rewritten_count", "count"),
            ),
            rows,
        ),
        defined=("published", "published_days"),
        note=Text("quality.publications_note"),
        is_wide=False,
    )


def _publication(marts: Marts) -> Row:
    return marts.row(
        """
        select
            max(version) as version,
            max(as_of_at) as as_of_at,
            count(*) as table_count,
            sum(row_count)::bigint as row_count,
            (
                select count(*) from published_days where is_rewritten and not is_explained
            ) as rewritten_count
        from published
        """
    )

"""What the last runs judged and published, on the page of data quality."""

from typing import Any

from serving.report.blocks import Column, Figure, Listing, Table, Text
from serving.report.marts import Marts


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
    )


def _publications(marts: Marts) -> Listing:
    """The versions that are kept, newest first; each says of itself what it is."""
    rewritten = marts.value(
        "select count(*) from published_days where is_rewritten and not is_explained"
    )
    rows = [
        {
            **version._asdict(),
            "is_current": "damaged" if version.is_damaged else version.is_current,
            "rewritten_count": rewritten if version.is_current else None,
        }
        for version in marts.kept
    ]
    as_of: Figure = (marts.value("select max(as_of_at) from published"), "instant")
    return Listing(
        "quality-publications",
        Text("quality.publications", {"day": as_of}),
        Table(
            (
                Column("name", head="col.publication"),
                Column("is_current", "term", terms="yes"),
                Column("as_of_at", "instant"),
                Column("tables", "count"),
                Column("rows", "count"),
                Column("rewritten_count", "count"),
            ),
            rows,
        ),
        defined=("published", "published_days"),
        note=Text("quality.publications_note"),
        missing=Text("quality.no_publications"),
    )

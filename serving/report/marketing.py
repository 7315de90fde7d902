"""Marketing, on the page of segments: what becomes of leads, by cohort, channel and score."""

from collections.abc import Collection
from typing import Any

from serving.report.blocks import Chart, Column, Figure, Listing, Table, Text
from serving.report.charts.segments import channels, cohorts, scores
from serving.report.marts import Marts, Row
from serving.report.sources import missing

# As the marts' setting min_n: of fewer leads no rate is told.
_LEAST_LEADS = 30


def marketing_blocks(marts: Marts, sources: Collection[str]) -> list[Any]:
    """The blocks, or nothing of what is not delivered: a notice says so already."""
    blocks: list[Any] = []
    if "leads" in sources:
        blocks += [_channels(marts), _cohorts(marts), _scores(marts)]
    if "campaigns" in sources:
        blocks.append(_campaigns(marts))
    return blocks


def _channels(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select *
        from kpi_values
        where kpi_id = 'lead_conversion' and level = 'origin' and period_grain = 'year'
        qualify period_start_date = max(period_start_date) over ()
        order by value desc nulls last, n desc
        """
    )
    told = [row for row in rows if row["value"] is not None]
    best: Row = told[0] if told else {}
    values: dict[str, Figure] = {
        "best": (best.get("member"), "term:origin"),
        "rate": (best.get("value"), "share"),
        "leads": (sum(row["n"] for row in rows), "count"),
    }
    return Chart(
        "segments-channels",
        Text("segments.channels", values),
        Table(
            (
                Column("member", "term", terms="origin", head="col.origin"),
                Column("value", "share", ("numerator", "denominator"), head="col.conversion"),
                Column("value_low", "share", head="col.low"),
                Column("value_high", "share", head="col.high"),
            ),
            [{**row, **_whole(row, "numerator", "denominator")} for row in rows],
        ),
        channels(),
        defined=("lead_conversion",),
        note=Text("segments.channels_note"),
        missing=missing("leads"),
    )


def _whole(row: Row, *names: str) -> Row:
    """Counts that the long table of KPIs keeps as decimals."""
    return {name: None if row[name] is None else int(row[name]) for name in names}


def _cohorts(marts: Marts) -> Chart:
    """Quarters of the weeks in which leads came in: the counts are added up, then divided."""
    rows = marts.rows(
        """
        select
            date_trunc('quarter', created_week_date)::date as quarter,
            horizon_days,
            sum(lead_count)::int as lead_count,
            sum(mature_count)::int as mature_count,
            sum(qualified_count)::int as qualified_count,
            sum(opportunity_count)::int as opportunity_count,
            sum(won_count)::int as won_count,
            case
                when sum(mature_count) >= $1 then sum(opportunity_count) / sum(mature_count)
            end as opportunity_rate,
            case
                when sum(mature_count) >= $1 then sum(won_count) / sum(mature_count)
            end as won_rate
        from mart_lead_cohorts
        group by quarter, horizon_days
        qualify dense_rank() over (order by quarter desc) <= 8
        order by quarter, horizon_days
        """,
        _LEAST_LEADS,
    )
    told = [r for r in rows if r["horizon_days"] == 90 and r["opportunity_rate"] is not None]
    newest: Row = told[-1] if told else {}
    values: dict[str, Figure] = {
        "rate": (newest.get("opportunity_rate"), "share"),
        "quarter": (newest.get("quarter"), "month"),
    }
    return Chart(
        "segments-cohorts",
        Text("segments.cohorts", values),
        Table(
            (
                Column("quarter", "month", head="col.quarter"),
                Column("horizon_days", "count", head="col.days_after"),
                Column("opportunity_rate", "share", ("opportunity_count", "mature_count")),
                Column("won_rate", "share", ("won_count", "mature_count")),
                Column("lead_count", "count"),
            ),
            rows,
        ),
        cohorts(),
        defined=("lead_opportunity_rate", "mart_lead_cohorts"),
        note=Text("segments.cohorts_note"),
        missing=missing("leads"),
    )


def _scores(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select *, lead_count - converted_count as unconverted_count, band_from + 10 as band_to
        from mart_lead_score_bands
        qualify rule_version = max(rule_version) over ()
        order by band_from
        """
    )
    first: Row = rows[0] if rows else {}
    values: dict[str, Figure] = {
        "threshold": (first.get("threshold"), "count"),
        "converted": (first.get("over_threshold_converted_count"), "count"),
        "over": (first.get("over_threshold_count"), "count"),
        "version": (first.get("rule_version"), "text"),
    }
    return Chart(
        "segments-scores",
        Text("segments.scores", values),
        Table(
            (
                Column("band_from", "count"),
                Column("band_to", "count"),
                Column("lead_count", "count"),
                Column("converted_count", "count"),
                Column("unconverted_count", "count"),
                Column("conversion_rate", "share", ("converted_count", "lead_count")),
                Column("precision_from_here", "share", ("above_converted_count", "above_count")),
                Column("recall_from_here", "share"),
                Column("threshold", "count"),
            ),
            rows,
        ),
        scores(),
        defined=("lead_score_precision", "mart_lead_score_bands"),
        note=Text("segments.scores_note"),
        missing=Text("segments.no_scores"),
    )


def _campaigns(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *, campaign_name
        from mart_campaign_returns
        left join dim_campaigns using (campaign_id)
        order by won_amount desc, spend desc
        limit 25
        """
    )
    return Listing(
        "segments-campaigns",
        Text("segments.campaigns", {"shown": (len(rows), "count")}),
        Table(
            (
                Column("campaign_name"),
                Column("channel", "term", terms="origin"),
                Column("spend", "money"),
                Column("lead_count", "count"),
                Column("cost_per_lead", "money", ("spend", "lead_count")),
                Column("opportunity_count", "count"),
                Column("won_count", "count"),
                Column("won_amount", "money"),
                Column("won_per_spend", "number", ("won_amount", "spend")),
                Column("margin_return", "share"),
            ),
            rows,
        ),
        defined=("cost_per_lead", "mart_campaign_returns"),
        note=Text("segments.campaigns_note"),
        missing=missing("campaigns"),
    )

"""Segments: what customers cost and bring, and what they take; after them, marketing."""

from typing import Any

from serving.report.blocks import Chart, Column, Figure, Page, Table, Text
from serving.report.charts.segments import economics, effort
from serving.report.marketing import marketing_blocks
from serving.report.marts import Marts, Row
from serving.report.sources import delivered, missing, notices

# Rows of mart_segment_economics and mart_effort_per_win that are no segment.
_NO_SEGMENT = ("unallocated", "none", "unknown")


def segments_page(marts: Marts) -> Page:
    """The page."""
    sources = delivered(marts)
    blocks: list[Any] = notices(sources, ("invoices", "activities", "leads", "campaigns"))
    # Where neither time nor campaigns are delivered, costs would read 0 and all margin be net.
    if {"activities", "campaigns"} & sources:
        blocks.append(_economics(marts))
    if "activities" in sources:
        blocks.append(_effort(marts))
    blocks += marketing_blocks(marts, sources)
    return Page("segments", Text("segments.lead"), blocks)


def _economics(marts: Marts) -> Chart:
    """The last two fiscal years, the running one first."""
    rows = marts.rows(
        """
        select *, year(period_start_date)::varchar as year
        from mart_segment_economics
        where period_grain = 'year' and (margin <> 0 or acquisition_cost <> 0)
        qualify dense_rank() over (order by period_start_date desc) <= 3
        order by period_start_date desc, net_rank nulls last
        """
    )
    years = sorted({row["year"] for row in rows}, reverse=True)
    return Chart(
        "segments-economics",
        {year: _what_is_left([row for row in rows if row["year"] == year]) for year in years},
        Table(
            (
                Column("segment_id", "term", terms="segment"),
                Column("margin", "money"),
                Column("net_rank", "count", is_hidden=True),
                Column("acquisition_cost", "money"),
                Column("net_of_acquisition", "money"),
                Column("marketing_spend", "money"),
                Column("effort_cost", "money"),
                Column(
                    "cost_per_new_customer",
                    "money",
                    ("acquisition_cost", "new_customer_count"),
                ),
                Column("invoiced_net", "money"),
                Column("margin_rate", "share", ("margin", "costed_net")),
            ),
            rows,
            chosen_by="year",
        ),
        economics(),
        defined=("acquisition_cost", "net_of_acquisition", "mart_segment_economics"),
        note=Text("segments.economics_note"),
        choices=years,
        choice_terms="year",
        missing=missing("invoices"),
        is_wide=True,
    )


def _what_is_left(rows: list[Row]) -> Text:
    told = [row for row in rows if row["segment_id"] not in _NO_SEGMENT and row["net_rank"]]
    if not told:
        return Text("topic.segments-economics")
    best, worst = told[0], told[-1]
    apart = sum(row["acquisition_cost"] for row in rows if row["segment_id"] == "unallocated")
    values: dict[str, Figure] = {
        "best": (best["segment_id"], "text"),
        "brought": (best["net_of_acquisition"], "money_short"),
        "worst": (worst["segment_id"], "text"),
        "left": (worst["net_of_acquisition"], "money_short"),
        "apart": (apart, "money_short"),
    }
    return Text("segments.economics", values)


def _effort(marts: Marts) -> Chart:
    """Of the fiscal year, all reps together: the sums are divided, never ratios averaged."""
    rows = marts.rows(
        """
        select
            segment_id,
            sum(held_appointment_count) as held_appointment_count,
            sum(minutes) / 60 as hours,
            sum(won_count) as won_count,
            sum(held_appointment_count) / nullif(sum(won_count), 0) as appointments_per_win,
            sum(minutes) / 60 / nullif(sum(won_count), 0) as hours_per_win,
            case
                when sum(uncosted_minutes) = 0 then sum(cost) / nullif(sum(won_count), 0)
            end as cost_per_win,
            sum(cost) as cost
        from (
            select *
            from mart_effort_per_win
            where period_grain = 'year'
            qualify period_start_date = max(period_start_date) over ()
        )
        where segment_id <> 'none'
        group by segment_id
        order by appointments_per_win desc nulls last
        """
    )
    told = [row for row in rows if row["appointments_per_win"] is not None]
    first: Row = told[0] if told else {}
    last: Row = told[-1] if told else {}
    values: dict[str, Figure] = {
        "most": (first.get("segment_id"), "text"),
        "many": (first.get("appointments_per_win"), "days"),
        "least": (last.get("segment_id"), "text"),
        "few": (last.get("appointments_per_win"), "days"),
    }
    return Chart(
        "segments-effort",
        Text("segments.effort", values),
        Table(
            (
                Column("segment_id", "term", terms="segment"),
                Column("appointments_per_win", "days", ("held_appointment_count", "won_count")),
                Column("hours_per_win", "hours"),
                Column("cost_per_win", "money", ("cost", "won_count")),
                Column("won_count", "count"),
            ),
            rows,
        ),
        effort(),
        defined=("appointments_per_win", "mart_effort_per_win"),
        note=Text("segments.effort_note"),
        missing=missing("activities"),
    )

"""The stages, on the pipeline page: how far deals come, how long they stay, where they lie."""

from serving.report.blocks import Chart, Column, Table, Text
from serving.report.charts.pipeline import ageing, days_in_stage, funnel
from serving.report.marts import Marts, Row


def funnel_chart(marts: Marts) -> Chart:
    """How many deals reached each stage, went on from it, and were won."""
    rows = marts.rows(
        """
        select
            conversions.*,
            stage_label,
            lead(reached_resolved_count) over (order by stage_position) as went_on_count,
            went_on_count / nullif(reached_resolved_count, 0) as went_on_share
        from mart_stage_conversions as conversions
        inner join dim_stages using (stage_id, stage_position)
        where level = 'company'
        order by stage_position
        """
    )
    first: Row = rows[0] if rows else {}
    values = {
        "rate": (first.get("reached_win_rate"), "share"),
        "won": (first.get("reached_won_count"), "count"),
        "resolved": (first.get("reached_resolved_count"), "count"),
        "stage": (first.get("stage_label"), "text"),
    }
    return Chart(
        "pipeline-funnel",
        Text("pipeline.funnel", values),
        Table(
            (
                Column("stage_label", head="col.stage"),
                Column("reached_count", "count"),
                Column("reached_open_count", "count", head="col.open_count"),
                Column("went_on_share", "share", parts=("went_on_count", "reached_resolved_count")),
                Column(
                    "reached_win_rate",
                    "share",
                    parts=("reached_won_count", "reached_resolved_count"),
                    head="col.win_rate",
                ),
                Column("reached_win_rate_low", "share", head="col.low"),
                Column("reached_win_rate_high", "share", head="col.high"),
            ),
            rows,
        ),
        funnel(),
        defined=("mart_stage_conversions",),
        note=Text("pipeline.funnel_note"),
        missing=Text("pipeline.none"),
    )


def days_chart(marts: Marts) -> Chart:
    """How long deals stay in each stage."""
    rows = marts.rows(
        """
        select stage_label, median_days, p80_days, expected_days, touched_resolved_count
        from mart_stage_conversions as conversions
        inner join dim_stages using (stage_id)
        where level = 'company' and median_days is not null
        order by conversions.stage_position
        """
    )
    slowest: Row = max(rows, key=lambda row: row["median_days"]) if rows else {}
    values = {
        "stage": (slowest.get("stage_label"), "text"),
        "days": (slowest.get("median_days"), "whole_days"),
        "p80": (slowest.get("p80_days"), "whole_days"),
    }
    return Chart(
        "pipeline-days",
        Text("pipeline.days", values),
        Table(
            (
                Column("stage_label", head="col.stage"),
                Column("median_days", "days"),
                Column("p80_days", "days"),
                Column("expected_days", "count"),
                Column("touched_resolved_count", "count", head="col.deals"),
            ),
            rows,
        ),
        days_in_stage(),
        defined=("mart_stage_conversions",),
        note=Text("pipeline.days_note"),
        missing=Text("pipeline.none"),
    )


def ageing_chart(marts: Marts) -> Chart:
    """Where the open deals stand, and for how long."""
    rows = marts.rows(
        """
        select
            stage_label,
            age_bucket,
            bucket_no,
            sum(deal_count) as deal_count,
            sum(amount) as amount
        from mart_stage_ageing as ageing
        inner join dim_stages using (stage_id)
        group by stage_label, age_bucket, bucket_no, ageing.stage_position
        order by ageing.stage_position, bucket_no
        """
    )
    old = [row for row in rows if row["age_bucket"] in ("61-90", "90+")]
    values = {
        "deals": (sum(row["deal_count"] for row in old), "count"),
        "amount": (sum(row["amount"] or 0 for row in old), "money_short"),
    }
    return Chart(
        "pipeline-ageing",
        Text("pipeline.ageing", values),
        Table(
            (
                Column("stage_label", head="col.stage"),
                Column("age_bucket", "term", terms="age", head="col.age"),
                Column("bucket_no", "count", head="col.age", is_hidden=True),
                Column("deal_count", "count", head="col.deals"),
                Column("amount", "money"),
            ),
            rows,
        ),
        ageing(),
        defined=("mart_stage_ageing",),
        note=Text("pipeline.ageing_note"),
        missing=Text("pipeline.none_open"),
        is_wide=True,
    )

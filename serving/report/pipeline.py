"""Pipeline: what is in it, what moved it, how deals pass through it, whether it suffices."""

from datetime import date, timedelta
from typing import Any

from serving.report.blocks import Chart, Column, Page, Table, Text, Tile, Tiles
from serving.report.charts.pipeline import balances, coverage, waterfall
from serving.report.marts import Marts, Row
from serving.report.sources import delivered, notices
from serving.report.stages import ageing_chart, days_chart, funnel_chart

_WINDOWS = {"week": timedelta(days=7), "month": timedelta(days=30), "quarter": timedelta(days=91)}
_BALANCES = ("start", "end")


def pipeline_page(marts: Marts) -> Page:
    """The page."""
    blocks: list[Any] = notices(delivered(marts), ("opportunities",))
    if not blocks:
        blocks = [
            _tiles(marts),
            _waterfall(marts),
            _balances(marts),
            _coverage(marts),
            funnel_chart(marts),
            days_chart(marts),
            ageing_chart(marts),
        ]
    return Page("pipeline", Text("pipeline.lead"), blocks)


def _tiles(marts: Marts) -> Tiles:
    deals = marts.row(
        """
        select
            count(*) as open_count,
            sum(amount) as gross,
            sum(weighted_amount) as weighted,
            count(*) filter (where is_overstay) as overstay_count,
            sum(amount) filter (where is_overstay) as overstay,
            count(*) filter (where is_slipped) as slipped_count,
            sum(amount) filter (where is_slipped) as slipped
        from mart_open_deals
        """
    )
    velocity = marts.row("select * from mart_velocity where level = 'company'")
    whole = deals["open_count"]
    tiles = [
        _tile("gross", (deals["gross"], "money_short"), "gross_pipeline", deals=(whole, "count")),
        _tile("weighted", (deals["weighted"], "money_short"), "weighted_pipeline"),
        _tile(
            "overstay",
            (deals["overstay"], "money_short"),
            "overstay_rate",
            part=(deals["overstay_count"], "count"),
            whole=(whole, "count"),
        ),
        _tile(
            "slipped",
            (deals["slipped"], "money_short"),
            "mart_open_deals",
            part=(deals["slipped_count"], "count"),
            whole=(whole, "count"),
        ),
        _tile(
            "velocity",
            (velocity.get("velocity"), "money"),
            "mart_velocity",
            rate=(velocity.get("win_rate"), "share"),
            basket=(velocity.get("average_basket"), "money_short"),
            days=(velocity.get("average_cycle_days"), "whole_days"),
        ),
    ]
    return Tiles(Text("pipeline.tiles"), tiles)


def _tile(name: str, value: tuple[Any, str], defined: str, **aside: tuple[Any, str]) -> Tile:
    text = Text(f"pipeline.{name}_aside", aside) if aside else None
    return Tile(Text(f"pipeline.{name}"), value, aside=text, defined=defined)


def _waterfall(marts: Marts) -> Chart:
    rows: list[Row] = []
    titles: dict[str, Text] = {}
    for name, from_day, to_day in _windows(marts):
        steps = marts.rows(
            """
            select step, bucket, deal_count, amount
            from pipeline_waterfall(?, ?)
            where scope = 'company'
            order by step, amount < 0, abs(amount) desc
            """,
            from_day,
            to_day,
        )
        if not steps:
            continue
        rows += [{**step, "window": name} for step in _stacked(steps)]
        titles[name] = _moved(steps, from_day)
    return Chart(
        "pipeline-waterfall",
        titles,
        Table(
            (
                Column("bucket", "term", terms="bucket"),
                Column("deal_count", "count"),
                Column("amount", "money"),
                Column("kind", "term", terms="kind", is_hidden=True),
                Column("from_amount", "money", head="col.amount", is_hidden=True),
                Column("to_amount", "money", head="col.amount", is_hidden=True),
                Column("right_amount", "money", head="col.amount", is_hidden=True),
            ),
            rows,
            chosen_by="window",
        ),
        waterfall(),
        defined=("gross_pipeline", "fct_pipeline_movements"),
        note=Text("pipeline.waterfall_note"),
        choices=list(titles),
        choice_terms="window",
        missing=Text("pipeline.none"),
        is_wide=True,
    )


def _windows(marts: Marts) -> list[tuple[str, date, date]]:
    """The windows up to as_of that begin within what is known."""
    known = marts.row(
        """
        select min(date_day) - 1 as eve, max(date_day) filter (where is_as_of_day) as to_day
        from dim_dates
        """
    )
    eve, to_day = known["eve"], known["to_day"]
    return [
        (name, to_day - span, to_day) for name, span in _WINDOWS.items() if to_day - span >= eve
    ]


def _stacked(steps: list[Row]) -> list[Row]:
    """Each step with where its bar begins and ends: start + moves = end."""
    stacked, level = [], 0
    for step in steps:
        is_balance = step["bucket"] in _BALANCES
        before = 0 if is_balance else level
        level = before + step["amount"]
        ends = {"from_amount": before, "to_amount": level, "right_amount": max(before, level)}
        stacked.append({**step, **ends, "kind": _kind(step)})
    return stacked


def _kind(step: Row) -> str:
    """What a step is to the pipeline; a win leaves it too, but is no loss."""
    if step["bucket"] in _BALANCES:
        return "balance"
    if step["bucket"] == "won":
        return "won"
    return "loss" if step["amount"] < 0 else "gain"


def _moved(steps: list[Row], from_day: date) -> Text:
    amounts = {step["bucket"]: step["amount"] for step in steps}
    return Text(
        "pipeline.waterfall",
        {
            "day": (from_day, "date"),
            "start": (amounts.get("start", 0), "money_short"),
            "end": (amounts.get("end", 0), "money_short"),
            "new": (amounts.get("new", 0), "money_short"),
            "won": (-amounts.get("won", 0), "money_short"),
            "lost": (-amounts.get("lost", 0), "money_short"),
        },
    )


def _balances(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select
            month_start_date as month,
            sum(open_count) as open_count,
            sum(gross_amount) as gross_amount,
            sum(weighted_amount) as weighted_amount,
            sum(weighted_amount) / nullif(sum(gross_amount), 0) as mean_chance
        from mart_pipeline_months
        where month_start_date >= (
            select date_day - interval 24 month from dim_dates where is_as_of_day
        )
        group by month_start_date
        order by month_start_date
        """
    )
    now: Row = rows[-1] if rows else {}
    before: Row = rows[max(-13, -len(rows))] if rows else {}
    values = {
        "now": (now.get("gross_amount"), "money_short"),
        "before": (before.get("gross_amount"), "money_short"),
        "month": (before.get("month"), "month"),
    }
    return Chart(
        "pipeline-balances",
        Text("pipeline.balances", values),
        Table(
            (
                Column("month", "month"),
                Column("open_count", "count"),
                Column("gross_amount", "money"),
                Column("weighted_amount", "money"),
                Column("mean_chance", "share", parts=("weighted_amount", "gross_amount")),
            ),
            rows,
        ),
        balances(),
        defined=("gross_pipeline", "weighted_pipeline"),
        note=Text("pipeline.balances_note"),
        missing=Text("pipeline.none"),
    )


def _coverage(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select
            perspectives.*,
            case when member = 'all' then null else member end as team
        from mart_rep_perspectives as perspectives
        where level in ('company', 'team') and coverage_next_1 is not null
        order by level, coverage_next_1 desc
        """
    )
    company = {row["period_grain"]: row for row in rows if row["level"] == "company"}
    titles = {
        grain: Text(
            f"pipeline.coverage_{grain}",
            {
                "coverage": (row["coverage_next_1"], "number"),
                "needed": (row["required_coverage"], "number"),
            },
        )
        for grain, row in sorted(company.items(), reverse=True)
    }
    for row in rows:
        row["scope"] = "company" if row["level"] == "company" else row["member"]
    return Chart(
        "pipeline-coverage",
        titles,
        Table(
            (
                Column("scope", "term", terms="scope", head="col.team"),
                Column("coverage_next_1", "number", head="col.coverage_1"),
                Column("coverage_next_2", "number", head="col.coverage_2"),
                Column("coverage_next_3", "number", head="col.coverage_3"),
                Column("required_coverage", "number"),
                Column("is_target_assumed", "term", terms="yes"),
            ),
            [row for row in rows if row["period_grain"] in titles],
            chosen_by="period_grain",
        ),
        coverage(),
        defined=("mart_coverage", "mart_rep_perspectives"),
        note=Text("pipeline.coverage_note"),
        choices=list(titles),
        choice_terms="grain",
        missing=Text("pipeline.coverage_missing"),
    )

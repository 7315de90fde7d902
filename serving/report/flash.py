"""Flash: the handful of daily figures against the target, and the result in perspective."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from serving.report.blocks import Chart, Column, Listing, Notice, Page, Table, Text, Tile, Tiles
from serving.report.charts.flash import days_of_the_month, month_against_target, perspective
from serving.report.marts import Marts, Row
from serving.report.namesakes import told_apart
from serving.report.sources import delivered, missing, notices, told

# Column of mart_flash, how it is written, the source that tells it, the KPI that defines it.
_FIGURES = (
    ("invoiced_net", "money_short", "invoices", "invoiced_net"),
    ("won_amount", "money_short", "opportunities", "won_amount"),
    ("created_count", "count", "opportunities", "created_count"),
    ("won_count", "count", "opportunities", "win_rate"),
    ("lost_count", "count", "opportunities", "win_rate"),
    ("meetings_held_count", "count", "activities", "appointments_per_win"),
    ("hours", "hours", "activities", "unlogged_share"),
    ("opportunity_cost", "money_short", "activities", "mart_flash"),
)
_REP_COLUMNS = (
    ("", Column("rep_name", "rep", head="col.rep")),
    ("", Column("reached", "money")),
    ("targets", Column("target_to_date", "money")),
    ("targets", Column("target_delta", "money_change")),
    ("opportunities", Column("month_created_count", "count", head="col.created_count")),
    (
        "opportunities",
        Column("month_conversion", "share", parts=("month_won_count", "month_closed_count")),
    ),
    ("activities", Column("month_meetings_held_count", "count", head="col.meetings_held_count")),
    ("activities", Column("hours", "hours")),
)
_DAYS = """
    select *, minutes / 60 as hours, month_minutes / 60 as month_hours
    from mart_flash
    where level = 'company'
    order by flash_date
"""


def flash_page(marts: Marts) -> Page:
    """The page."""
    days = marts.rows(_DAYS)
    complete = [day for day in days if day["is_complete"]]
    if not complete:
        return Page("flash", Text("flash.lead_none"), [Notice(Text("flash.none"))])
    today, sources = complete[-1], delivered(marts)
    revenue = "invoiced_net" if "invoices" in sources else "won_amount"
    blocks: list[Any] = notices(sources, ("opportunities", "activities", "invoices", "targets"))
    if not days[-1]["is_complete"]:
        blocks.append(Notice(Text("flash.waiting", {"day": (days[-1]["flash_date"], "date")})))
    blocks.append(Tiles(Text("flash.tiles"), list(_tiles(complete, sources, revenue))))
    blocks += [
        _teams(marts, today, revenue),
        _days(complete, sources, revenue),
        _perspective(marts),
        _reps(marts, today, sources, revenue),
    ]
    return Page("flash", Text("flash.lead", {"day": (today["flash_date"], "date")}), blocks)


def _tiles(days: list[Row], sources: Collection[str], revenue: str) -> Iterator[Tile]:
    today = days[-1]
    for name, kind, source, kpi in _FIGURES:
        if source not in sources:
            continue
        tile = Tile(
            label=Text(f"flash.{name}"),
            value=(today[f"month_{name}"], kind),
            aside=Text("flash.on_the_day", {"figure": (today[name], kind)}),
            spark=[day[name] for day in days],
            defined=kpi,
        )
        yield _with_target(tile, today) if name == revenue else tile
    if "opportunities" in sources:
        yield Tile(
            label=Text("flash.conversion"),
            value=(today["month_conversion"], "share"),
            parts=(today["month_won_count"], today["month_closed_count"]),
            spark=[day["month_conversion"] for day in days],
            defined="win_rate",
        )


def _with_target(tile: Tile, today: Row) -> Tile:
    """The target is prorated on working days; without one nothing is said of it."""
    delta = today["target_delta"]
    if delta is None:
        return tile
    text = Text(
        "flash.delta",
        {"delta": (delta, "money_delta"), "target": (today["target_to_date"], "money_short")},
    )
    return replace(tile, delta=text, is_good=delta >= 0)


def _teams(marts: Marts, today: Row, revenue: str) -> Chart:
    rows = marts.rows(
        f"""
        select member, month_{revenue} as reached, target_to_date, target_delta, month_target
        from mart_flash
        where level = 'team' and flash_date = ? and target_to_date is not null
        order by target_delta
        """,
        today["flash_date"],
    )
    title = Text("flash.teams", {"delta": (today["target_delta"], "money_delta")})
    return Chart(
        "flash-teams",
        title,
        Table(
            (
                Column("member", head="col.team"),
                Column("reached", "money"),
                Column("target_to_date", "money"),
                Column("target_delta", "money_change"),
                Column("month_target", "money"),
            ),
            rows,
        ),
        month_against_target(),
        defined=("revenue_attainment", "mart_flash"),
        note=Text("flash.teams_note"),
        missing=Text("flash.teams_missing"),
    )


def _days(days: list[Row], sources: Collection[str], revenue: str) -> Chart:
    rows = [
        {**day, "revenue": day[revenue], "closed_count": day["won_count"] + day["lost_count"]}
        for day in days
    ]
    best = max(rows, key=lambda day: day["revenue"])
    values = {"best": (best["revenue"], "money_short"), "day": (best["flash_date"], "date")}
    columns = (
        ("", Column("flash_date", "date")),
        ("", Column("revenue", "money", head=f"flash.{revenue}")),
        ("opportunities", Column("won_count", "count")),
        ("opportunities", Column("conversion", "share", parts=("won_count", "closed_count"))),
        ("opportunities", Column("created_count", "count")),
        ("activities", Column("meetings_held_count", "count")),
    )
    return Chart(
        "flash-days",
        Text("flash.days", values),
        Table(told(sources, columns), rows),
        days_of_the_month(),
        defined=(revenue, "mart_flash"),
        note=Text("flash.days_note"),
    )


def _perspective(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select
            perspectives.*,
            dim_reps.rep_id,
            coalesce(dim_reps.rep_name, perspectives.member) as member_name
        from mart_rep_perspectives as perspectives
        left join dim_reps on perspectives.level = 'rep' and perspectives.member = dim_reps.rep_id
        where perspectives.period_grain = 'quarter' and perspectives.quadrant is not null
            and perspectives.level = 'rep'
        order by attainment desc
        """
    )
    behind = sum(row["quadrant"] == "behind_and_dry" for row in rows)
    company = marts.row(
        "select * from mart_rep_perspectives where level = 'company' and period_grain = 'quarter'"
    )
    values = {
        "attainment": (company.get("attainment"), "share"),
        "coverage": (company.get("coverage_next_1"), "number"),
        "behind": (behind, "count"),
        "reps": (len(rows), "count"),
    }
    return Chart(
        "flash-perspective",
        Text("flash.perspective", values),
        Table(
            (
                Column("member_name", "rep", head="col.rep"),
                Column("quadrant", "term", terms="quadrant"),
                Column("attainment", "share", parts=("reached", "target_to_date")),
                Column("coverage_next_1", "number"),
                Column("coverage_next_2", "number"),
                Column("coverage_next_3", "number"),
                Column("required_coverage", "number"),
                Column("creation", "share", parts=("created_amount", "required_created_amount")),
            ),
            told_apart(rows, "member_name"),
        ),
        perspective(),
        defined=("mart_rep_perspectives",),
        note=Text("flash.perspective_note"),
        missing=Text("flash.perspective_missing"),
        is_wide=True,
    )


def _reps(marts: Marts, today: Row, sources: Collection[str], revenue: str) -> Listing:
    rows = marts.rows(
        f"""
        select
            mart_flash.*,
            month_{revenue} as reached,
            month_minutes / 60 as hours,
            dim_reps.rep_id,
            dim_reps.rep_name
        from mart_flash
        inner join dim_reps on mart_flash.member = dim_reps.rep_id
        where mart_flash.level = 'rep' and mart_flash.flash_date = ?
        order by target_delta nulls last, rep_name
        """,
        today["flash_date"],
    )
    return Listing(
        "flash-reps",
        Text("flash.reps"),
        Table(
            told(sources, _REP_COLUMNS),
            told_apart(rows),
        ),
        defined=("mart_flash",),
        note=Text("flash.reps_note"),
        missing=missing("reps"),
    )

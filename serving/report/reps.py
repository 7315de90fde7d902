"""Reps: how they compare and why, and for each the review between four eyes with what to do."""

from collections.abc import Collection
from typing import Any

from serving.report.blocks import Chart, Column, Figure, Listing, Notice, Page, Table, Text
from serving.report.charts.reps import conversions, gaps
from serving.report.marts import Marts, Row
from serving.report.namesakes import told_apart
from serving.report.reviews import chooser, review_groups
from serving.report.sources import delivered, missing, notices, told

_COLUMNS = (
    ("", Column("rep_name", "rep", head="col.rep")),
    ("", Column("team")),
    ("", Column("territory")),
    ("", Column("seniority", "term", terms="seniority")),
    ("targets", Column("year_attainment", "share")),
    ("opportunities", Column("quadrant", "term", terms="quadrant")),
    ("opportunities", Column("coverage_next", "number")),
    ("opportunities", Column("creation", "share")),
    ("opportunities", Column("open_count", "count")),
    ("opportunities", Column("overstay_count", "count")),
    ("opportunities", Column("slipped_count", "count")),
    ("opportunities", Column("forecast_direction", "term", terms="direction_of")),
    ("", Column("completeness", "share")),
)
# Whether a rep's conversion is judged, and why not; those who are not stand last.
_GAPS = """
    select
        gaps.*,
        dim_reps.rep_name,
        case
            when peer_conversion is null then 'alone'
            when is_judged then 'judged'
            else 'few'
        end as verdict
    from mart_rep_gaps as gaps
    inner join dim_reps using (rep_id)
"""
_LAST = "(verdict <> 'judged')"


def reps_page(marts: Marts) -> Page:
    """The page."""
    reviews = marts.rows(
        """
        select
            mart_rep_reviews.* replace (
                coalesce(at_risk.value, amount_at_risk) as amount_at_risk,
                case when forecast_bias is not null then coalesce(forecast_direction, 'untold') end
                    as forecast_direction
            ),
            territory,
            seniority
        from mart_rep_reviews
        inner join dim_reps using (rep_id)
        -- As the KPI tells it: 0 where no open deal has an error.
        left join kpi_values as at_risk
            on at_risk.kpi_id = 'money_at_risk'
            and at_risk.period_grain = 'day'
            and at_risk.level = 'rep'
            and at_risk.member = mart_rep_reviews.rep_id
        where exists (select 1 from mart_rep_months where rep_id = mart_rep_reviews.rep_id)
        order by mart_rep_reviews.rep_name
        """
    )
    if not reviews:
        return Page("reps", Text("reps.lead"), [Notice(missing("reps"))])
    reviews, sources = told_apart(reviews), delivered(marts)
    blocks: list[Any] = [
        *notices(sources, ("opportunities", "activities", "targets")),
        _comparison(reviews, sources),
        _conversions(marts),
        _gaps(marts),
        chooser(reviews),
        *review_groups(marts, reviews, sources),
    ]
    return Page("reps", Text("reps.lead"), blocks)


def _comparison(reviews: list[Row], sources: Collection[str]) -> Listing:
    return Listing(
        "reps-comparison",
        Text("reps.comparison", {"reps": (len(reviews), "count")}),
        Table(told(sources, _COLUMNS), reviews),
        defined=("mart_rep_reviews",),
        note=Text("reps.comparison_note"),
    )


def _conversions(marts: Marts) -> Chart:
    rows = marts.rows(f"{_GAPS} order by {_LAST}, conversion desc, closed_count desc")
    return Chart(
        "reps-conversions",
        Text("reps.conversions", _furthest(rows)),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("team"),
                Column("verdict", "term", terms="judged", head="col.judged"),
                Column("conversion", "share", ("won_count", "closed_count")),
                Column("conversion_low", "share", head="col.low"),
                Column("conversion_high", "share", head="col.high"),
                Column("peer_conversion", "share"),
            ),
            told_apart(rows),
        ),
        conversions(),
        defined=("win_rate", "mart_rep_gaps"),
        note=Text("reps.conversions_note", _counted(rows)),
        missing=Text("reps.no_deals"),
    )


def _judged(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["verdict"] == "judged"]


def _counted(rows: list[Row]) -> dict[str, Figure]:
    """How many reps closed deals, and how many of them are not judged."""
    return {
        "all": (len(rows), "count"),
        "few": (sum(row["verdict"] == "few" for row in rows), "count"),
        "alone": (sum(row["verdict"] == "alone" for row in rows), "count"),
    }


def _furthest(rows: list[Row]) -> dict[str, Figure]:
    """How many reps lie off their team's others by more than chance would have it."""
    judged = _judged(rows)
    above = sum(row["conversion_low"] > row["peer_conversion"] for row in judged)
    below = sum(row["conversion_high"] < row["peer_conversion"] for row in judged)
    return {
        "above": (above, "count"),
        "below": (below, "count"),
        "judged": (len(judged), "count"),
    }


def _gaps(marts: Marts) -> Chart:
    rows = marts.rows(f"{_GAPS} where gap is not null order by {_LAST}, gap desc")
    judged = _judged(rows)
    told = [row for row in judged if row["residual_low"] is not None]
    shown = sum(row["residual_low"] * row["residual_high"] > 0 for row in told)
    values: dict[str, Figure] = {"shown": (shown, "count"), "judged": (len(judged), "count")}
    untold: Figure = (len(judged) - len(told), "count")
    return Chart(
        "reps-gaps",
        Text("reps.gaps", values),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("verdict", "term", terms="judged", head="col.judged"),
                Column("gap", "points"),
                Column("mix_effect", "points"),
                Column("residual", "points"),
                Column("residual_low", "points", head="col.low"),
                Column("residual_high", "points", head="col.high"),
                Column("unmatched_effect", "points"),
                Column("unmatched_count", "count"),
            ),
            told_apart(rows),
        ),
        gaps(),
        defined=("mart_rep_gaps",),
        note=Text("reps.gaps_note", {"untold": untold}),
        missing=Text("reps.no_deals"),
    )

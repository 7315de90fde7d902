"""Reps: how they compare and why, and for each the review between four eyes with what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from serving.report.blocks import (
    Chart,
    Column,
    Figure,
    Group,
    Listing,
    Notice,
    Page,
    Table,
    Text,
    Tile,
    Tiles,
)
from serving.report.charts.reps import conversions, gaps, months
from serving.report.marts import Marts, Row
from serving.report.sources import delivered, missing, notices

# Tiles of a review: column of mart_rep_reviews, how it is written, the others that its line quotes.
_TILES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "year_attainment",
        "share",
        {"attained_month_count": "count", "judged_month_count": "count"},
    ),
    ("conversion", "share", {"closed_count": "count", "peer_conversion": "share"}),
    ("coverage_next", "number", {"required_coverage": "number"}),
    ("creation", "share", {}),
    (
        "open_amount",
        "money_short",
        {"open_count": "count", "overstay_count": "count", "slipped_count": "count"},
    ),
    ("forecast_bias", "share", {"forecast_direction": "term:direction_of"}),
    (
        "administrative_share",
        "share",
        {"meetings_held_count": "count", "no_show_rate": "share"},
    ),
    ("completeness", "share", {"field_count": "count", "amount_at_risk": "money_short"}),
)
_ACTIONS = 15


@dataclass(frozen=True)
class Chooser:
    """Which of the groups with an anchor is shown."""

    label: Text
    options: list[tuple[str, str]]
    block = "chooser"


def reps_page(marts: Marts) -> Page:
    """The page."""
    reviews = marts.rows(
        """
        select mart_rep_reviews.*, territory, seniority
        from mart_rep_reviews
        inner join dim_reps using (rep_id)
        where exists (select 1 from mart_rep_months where rep_id = mart_rep_reviews.rep_id)
        order by mart_rep_reviews.rep_name
        """
    )
    if not reviews:
        return Page("reps", Text("reps.lead"), [Notice(missing("reps"))])
    blocks: list[Any] = [
        *notices(delivered(marts), ("opportunities", "activities", "targets")),
        _comparison(reviews),
        _conversions(marts),
        _gaps(marts),
    ]
    options = [(f"rep-{review['rep_id']}", review["rep_name"]) for review in reviews]
    blocks.append(Chooser(Text("reps.choose"), options))
    return Page("reps", Text("reps.lead"), [*blocks, *_reviews(marts, reviews)])


def _comparison(reviews: list[Row]) -> Listing:
    return Listing(
        "reps-comparison",
        Text("reps.comparison", {"reps": (len(reviews), "count")}),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("team"),
                Column("territory"),
                Column("seniority", "term", terms="seniority"),
                Column("year_attainment", "share"),
                Column("quadrant", "term", terms="quadrant"),
                Column("coverage_next", "number"),
                Column("creation", "share", head="col.creation"),
                Column("open_count", "count"),
                Column("overstay_count", "count"),
                Column("slipped_count", "count"),
                Column("forecast_direction", "term", terms="direction_of"),
                Column("completeness", "share"),
            ),
            reviews,
        ),
        defined=("mart_rep_reviews",),
        note=Text("reps.comparison_note"),
    )


def _conversions(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select gaps.*, dim_reps.rep_name
        from mart_rep_gaps as gaps
        inner join dim_reps using (rep_id)
        order by conversion desc, closed_count desc
        """
    )
    return Chart(
        "reps-conversions",
        Text("reps.conversions", _furthest(rows)),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("team"),
                Column("conversion", "share", ("won_count", "closed_count")),
                Column("conversion_low", "share", head="col.low"),
                Column("conversion_high", "share", head="col.high"),
                Column("peer_conversion", "share"),
            ),
            rows,
        ),
        conversions(),
        defined=("win_rate", "mart_rep_gaps"),
        note=Text("reps.conversions_note"),
        missing=Text("reps.no_deals"),
    )


def _furthest(rows: list[Row]) -> dict[str, Figure]:
    """How many reps lie off their team's others by more than chance would have it."""
    judged = [row for row in rows if row["peer_conversion"] is not None]
    above = sum(row["conversion_low"] > row["peer_conversion"] for row in judged)
    below = sum(row["conversion_high"] < row["peer_conversion"] for row in judged)
    return {
        "above": (above, "count"),
        "below": (below, "count"),
        "reps": (len(judged), "count"),
    }


def _gaps(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select gaps.*, dim_reps.rep_name
        from mart_rep_gaps as gaps
        inner join dim_reps using (rep_id)
        where gap is not null
        order by gap desc
        """
    )
    shown = sum(
        row["residual_low"] is not None and row["residual_low"] * row["residual_high"] > 0
        for row in rows
    )
    values: dict[str, Figure] = {"shown": (shown, "count"), "reps": (len(rows), "count")}
    return Chart(
        "reps-gaps",
        Text("reps.gaps", values),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("gap", "points"),
                Column("mix_effect", "points"),
                Column("residual", "points"),
                Column("residual_low", "points", head="col.low"),
                Column("residual_high", "points", head="col.high"),
                Column("unmatched_effect", "points"),
                Column("unmatched_count", "count"),
            ),
            rows,
        ),
        gaps(),
        defined=("mart_rep_gaps",),
        note=Text("reps.gaps_note"),
        missing=Text("reps.no_deals"),
    )


def _reviews(marts: Marts, reviews: list[Row]) -> Iterator[Group]:
    """One group per rep, from two queries for all of them."""
    results = _by_rep(
        marts.rows(
            """
            select *, month_start_date as month
            from mart_rep_months
            where month_start_date > (
                select date_day - interval 13 month from dim_dates where is_as_of_day
            )
            order by month_start_date
            """
        )
    )
    actions = _by_rep(
        marts.rows(
            """
            select
                *,
                coalesce(opportunity_id, account_id) as concerned,
                count(*) over (partition by rep_id) as action_count
            from mart_action_list
            qualify row_number() over (partition by rep_id order by position) <= ?
            order by rep_id, position
            """,
            _ACTIONS,
        )
    )
    for review in reviews:
        rep_id = review["rep_id"]
        yield Group(
            Text(
                "reps.review",
                {"rep": (review["rep_name"], "text"), "team": (review["team"], "text")},
            ),
            [
                Tiles(Text("reps.tiles"), [_tile(review, *tile) for tile in _TILES]),
                _talk(review),
                _months(rep_id, results.get(rep_id, [])),
                _actions(rep_id, actions.get(rep_id, [])),
            ],
            anchor=f"rep-{rep_id}",
        )


def _by_rep(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["rep_id"], []).append(row)
    return found


def _tile(review: Row, name: str, kind: str, quoted: dict[str, str]) -> Tile:
    values = {key: (review[key], written) for key, written in quoted.items()}
    aside = Text(f"reps.{name}_aside", values) if quoted else None
    return Tile(Text(f"reps.{name}"), (review[name], kind), aside=aside, defined="mart_rep_reviews")


def _talk(review: Row) -> Listing:
    topics = [review[f"talk_{number}"] for number in (1, 2, 3)]
    return Listing(
        f"talk-{review['rep_id']}",
        Text("reps.talk"),
        Table((Column("topic", "english"),), [{"topic": topic} for topic in topics if topic]),
        missing=Text("reps.no_topic"),
        is_wide=False,
    )


def _months(rep_id: str, rows: list[Row]) -> Chart:
    reached = sum(row["attained_amount"] or 0 for row in rows if row["target"])
    target = sum(row["target"] or 0 for row in rows)
    values: dict[str, Figure] = {
        "share": (reached / target if target else None, "share"),
        "reached": (reached, "money_short"),
        "target": (target, "money_short"),
    }
    return Chart(
        f"months-{rep_id}",
        Text("reps.months", values),
        Table(
            (
                Column("month", "month"),
                Column("attained_amount", "money", head="col.reached"),
                Column("target", "money"),
                Column("attainment", "share", ("attained_amount", "target")),
                Column("conversion", "share", ("year_won_count", "year_closed_count")),
                Column("meetings_held_count", "count"),
            ),
            rows,
        ),
        months(has_target=bool(target)),
        defined=("revenue_attainment", "mart_rep_months"),
        note=Text("reps.months_note"),
        missing=missing("targets"),
        topic="reps-months",
    )


def _actions(rep_id: str, rows: list[Row]) -> Listing:
    shown: Figure = (len(rows), "count")
    count: Figure = (rows[0]["action_count"] if rows else 0, "count")
    return Listing(
        f"actions-{rep_id}",
        Text("reps.actions", {"shown": shown, "count": count}),
        Table(
            (
                Column("priority", "count"),
                Column("action_label"),
                Column("reason", "english"),
                Column("amount", "money"),
                Column("open_days", "count"),
                Column("concerned"),
            ),
            rows,
        ),
        defined=("mart_action_list",),
        missing=Text("reps.no_action"),
    )

"""The review of each rep between four eyes, on the page of reps: figures, topics, what to do."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from serving.report.blocks import Chart, Column, Figure, Group, Listing, Table, Text, Tile, Tiles
from serving.report.charts.reps import months
from serving.report.marts import Marts, Row
from serving.report.sources import missing

# Tiles of a review: the source that tells it (empty: any), column of mart_rep_reviews, how it is
# written, and the other columns that its second line quotes.
_TILES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "targets",
        "year_attainment",
        "share",
        {"attained_month_count": "count", "judged_month_count": "count"},
    ),
    (
        "opportunities",
        "conversion",
        "share",
        {"closed_count": "count", "peer_conversion": "share"},
    ),
    ("opportunities", "coverage_next", "number", {"required_coverage": "number"}),
    ("opportunities", "creation", "share", {}),
    (
        "opportunities",
        "open_amount",
        "money_short",
        {"open_count": "count", "overstay_count": "count", "slipped_count": "count"},
    ),
    (
        "opportunities",
        "forecast_bias",
        "share",
        {
            "forecast_method": "term:method",
            "forecast_horizon_days": "count",
            "forecast_direction": "term:direction_of",
        },
    ),
    (
        "activities",
        "administrative_share",
        "share",
        {"meetings_held_count": "count", "no_show_rate": "share"},
    ),
    ("", "completeness", "share", {"field_count": "count", "amount_at_risk": "money_short"}),
)
_ACTIONS = 15


@dataclass(frozen=True)
class Chooser:
    """Which of the groups with an anchor is shown."""

    label: Text
    options: list[tuple[str, str]]
    block = "chooser"


def chooser(reviews: list[Row]) -> Chooser:
    """The choice of the rep whose review is shown."""
    options = [(f"rep-{review['rep_id']}", review["rep_name"]) for review in reviews]
    return Chooser(Text("reps.choose"), options)


def review_groups(marts: Marts, reviews: list[Row], sources: Collection[str]) -> Iterator[Group]:
    """One group per rep, from two queries for all of them."""
    results = _by_rep(
        marts.rows(
            """
            select months.*, months.month_start_date as month
            from mart_rep_months as months
            inner join dim_dates on dim_dates.is_as_of_day
            where months.month_start_date > date_day - interval 13 month
                and months.month_start_date <= date_day
            order by month
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
            _called(review),
            [
                Tiles(Text("reps.tiles"), list(_tiles(review, sources))),
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


def _called(review: Row) -> Text:
    rep: Figure = (review["rep_name"], "text")
    if review["team"] is None:
        return Text("reps.review_alone", {"rep": rep})
    return Text("reps.review", {"rep": rep, "team": (review["team"], "text")})


def _tiles(review: Row, sources: Collection[str]) -> Iterator[Tile]:
    for source, name, kind, quoted in _TILES:
        if source and source not in sources:
            continue
        values = {key: (review[key], written) for key, written in quoted.items()}
        is_told = any(review[key] is not None for key in quoted)
        aside = Text(f"reps.{name}_aside", values) if is_told else None
        value: Figure = (review[name], kind)
        yield Tile(Text(f"reps.{name}"), value, aside=aside, defined="mart_rep_reviews")


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

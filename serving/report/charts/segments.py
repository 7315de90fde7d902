"""Charts of the page of segments and marketing."""

from typing import Any

import altair as alt

from serving.report.charts.drawing import (
    ACCENT,
    ALONG,
    AMOUNTS,
    BAD,
    GOOD,
    INK,
    SOFT,
    STEP,
    TIMES,
    folded,
    named,
    rows,
    specification,
)

_SHARES = alt.Axis(format=".0%", tickCount=5, grid=True)


def economics() -> dict[str, Any]:
    """What each segment brings above what it costs, side by side."""
    parts = ("margin", "acquisition_cost")
    scale = named(parts, (GOOD, BAD))
    # Costs of no segment would dwarf all others; the title tells them.
    ranked = folded(parts).transform_filter("datum.net_rank !== null")
    bars = ranked.mark_bar(tooltip=True).encode(
        y=alt.Y("segment_id:N", sort=None, title=None),
        yOffset=alt.YOffset("part:N", sort=scale.domain),
        x=alt.X("figure:Q", title=None, axis=AMOUNTS),
        color=alt.Color("part:N", scale=scale),
    )
    return specification(bars, height=alt.Step(2 * STEP))


def effort() -> dict[str, Any]:
    """How many appointments a win takes, by segment."""
    y = alt.Y("segment_id:N", sort=None, title=None)
    x = alt.X("appointments_per_win:Q", title="@axis.appointments", axis=TIMES)
    bars = rows().mark_bar(height=16, tooltip=True).encode(y=y, x=x)
    texts = rows().mark_text(align="left", dx=6)
    texts = texts.encode(y=y, x=x, text="appointments_per_win_text:N")
    return specification(bars, texts, height=alt.Step(STEP + 6))


def channels() -> dict[str, Any]:
    """Conversion of leads by where they came from, with its interval."""
    y = alt.Y("member:N", sort=None, title=None)
    x = alt.X("value:Q", title=None, axis=_SHARES)
    spans = rows().mark_rule(strokeWidth=2, color=SOFT)
    spans = spans.encode(y=y, x="value_low:Q", x2="value_high:Q")
    points = rows().mark_point(size=80, color=ACCENT, tooltip=True).encode(y=y, x=x)
    return specification(spans, points, height=alt.Step(STEP))


def cohorts() -> dict[str, Any]:
    """The share of a quarter's leads that became opportunities within so many days."""
    x = alt.X("quarter:O", sort=None, title=None, axis=ALONG)
    y = alt.Y("horizon_days:O", sort=None, title="@axis.days_after")
    scale = alt.Scale(domainMin=0, range=[0.06, 0.75])
    depth = alt.FillOpacity("opportunity_rate:Q", scale=scale, legend=None)
    told = rows().transform_filter("datum.opportunity_rate !== null")
    cells = told.mark_rect(color=ACCENT, cornerRadius=2, tooltip=True)
    cells = cells.encode(x=x, y=y, fillOpacity=depth)
    texts = rows().mark_text(color=INK).encode(x=x, y=y, text="opportunity_rate_text:N")
    return specification(cells, texts, height=alt.Step(STEP + 10))


def scores() -> dict[str, Any]:
    """How many leads have which score, those that became opportunities apart; the threshold."""
    parts = ("converted_count", "unconverted_count")
    colour = alt.Color("part:N", scale=named(parts, (ACCENT, SOFT)))
    x = alt.X("band_from:Q", title="@axis.score", axis=alt.Axis(tickCount=8, grid=False))
    y = alt.Y("sum(figure):Q", title=None, axis=alt.Axis(tickCount=4, grid=True))
    bars = folded(parts).mark_bar(tooltip=True).encode(x=x, x2="band_to:Q", y=y, color=colour)
    threshold = rows().mark_rule(color=BAD, strokeWidth=2).encode(x="mean(threshold):Q")
    return specification(bars, threshold, height=220)

"""Charts of the flash page."""

from typing import Any

import altair as alt

from serving.report.charts.drawing import (
    ACCENT,
    ALONG,
    AMOUNTS,
    BAD,
    GOOD,
    INK,
    MUTED,
    STEP,
    WARN,
    rows,
    specification,
)

# What is covered more often is drawn at the upper edge, or nothing else could be told apart.
_MOST_COVERAGE = 6
_QUADRANTS = ("attained_and_full", "attained_but_dry", "behind_but_full", "behind_and_dry")


def month_against_target() -> dict[str, Any]:
    """One bar per team: what was reached; a tick where it should be by now."""
    y = alt.Y("member:N", sort=None, title=None)
    x = alt.X("reached:Q", title=None, axis=AMOUNTS)
    bars = rows().mark_bar(height=12, tooltip=True).encode(y=y, x=x)
    ticks = rows().mark_tick(thickness=3, size=22, color=INK).encode(y=y, x="target_to_date:Q")
    return specification(bars, ticks, height=alt.Step(STEP + 4))


def days_of_the_month() -> dict[str, Any]:
    """Revenue of each day."""
    x = alt.X("flash_date:O", sort=None, title=None, axis=ALONG)
    y = alt.Y("revenue:Q", title=None, axis=AMOUNTS)
    return specification(rows().mark_bar(tooltip=True).encode(x=x, y=y), height=200)


def perspective() -> dict[str, Any]:
    """Result so far against what is in sight, one point per rep; beyond the cross both suffice."""
    quadrants = [f"@quadrant.{quadrant}" for quadrant in _QUADRANTS]
    colours = alt.Scale(domain=quadrants, range=[GOOD, WARN, ACCENT, BAD])
    shapes = alt.Scale(domain=quadrants, range=["circle", "square", "diamond", "triangle-down"])
    x = alt.X("attainment:Q", title="@axis.attainment", axis=alt.Axis(format=".0%", tickCount=6))
    y = alt.Y(
        "coverage_next_1:Q",
        title="@axis.coverage_next",
        axis=alt.Axis(format=".0f", tickCount=5),
        scale=alt.Scale(domain=[0, _MOST_COVERAGE], clamp=True),
    )
    enough = rows().mark_rule(color=MUTED).encode(y="mean(required_coverage):Q")
    attained = rows().mark_rule(color=MUTED).encode(x=alt.XDatum(1))
    colour, shape = alt.Color("quadrant:N", scale=colours), alt.Shape("quadrant:N", scale=shapes)
    points = rows().mark_point(opacity=0.85, tooltip=True, clip=False)
    points = points.encode(x=x, y=y, color=colour, shape=shape)
    return specification(enough, attained, points, height=320)

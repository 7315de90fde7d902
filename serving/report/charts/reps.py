"""Charts of the reps page."""

from functools import cache
from typing import Any

import altair as alt

from serving.report.charts.drawing import (
    ACCENT,
    ALONG,
    AMOUNTS,
    BAD,
    INK,
    MUTED,
    SOFT,
    STEP,
    folded,
    named,
    rows,
    specification,
)

_SHARES = alt.Axis(format=".0%", tickCount=5, grid=True)
_POINTS = alt.Axis(format="+.0%", tickCount=5, grid=True)
_VERDICTS = ["@judged.judged", "@judged.few", "@judged.alone"]


def conversions() -> dict[str, Any]:
    """Each rep's conversion with its interval, and that of the team's others as a mark."""
    y = alt.Y("rep_name:N", sort=None, title=None)
    x = alt.X("conversion:Q", title=None, axis=_SHARES)
    spans = rows().mark_rule(strokeWidth=2, color=SOFT)
    spans = spans.encode(y=y, x="conversion_low:Q", x2="conversion_high:Q")
    peers = rows().mark_tick(thickness=2, size=14, color=INK).encode(y=y, x="peer_conversion:Q")
    colours = alt.Scale(domain=_VERDICTS, range=[ACCENT, MUTED, MUTED])
    shapes = alt.Scale(domain=_VERDICTS, range=["circle", "cross", "triangle-up"])
    colour, shape = alt.Color("verdict:N", scale=colours), alt.Shape("verdict:N", scale=shapes)
    points = rows().mark_point(size=70, tooltip=True)
    points = points.encode(y=y, x=x, color=colour, shape=shape)
    return specification(spans, peers, points, height=alt.Step(STEP - 6))


def gaps() -> dict[str, Any]:
    """What parts the gap to the team's others: the deals, the way of working them, the unknown."""
    parts = ("mix_effect", "residual", "unmatched_effect")
    colour = alt.Color("part:N", scale=named(parts, (SOFT, ACCENT, MUTED)))
    y = alt.Y("rep_name:N", sort=None, title=None)
    x = alt.X("figure:Q", title="@axis.points", axis=_POINTS)
    is_judged = f"datum.verdict === '{_VERDICTS[0]}'"
    faded = alt.condition(is_judged, alt.value(1), alt.value(0.35))
    bars = folded(parts).mark_bar(height=12, tooltip=True)
    bars = bars.encode(y=y, x=x, color=colour, opacity=faded)
    none = rows().mark_rule(color=MUTED).encode(x=alt.XDatum(0))
    whole = rows().mark_tick(thickness=2, size=16, color=BAD).encode(y=y, x="gap:Q")
    return specification(bars, none, whole, height=alt.Step(STEP - 6))


@cache
def months(*, has_target: bool) -> dict[str, Any]:
    """A rep's revenue of each month, and its target as a mark."""
    x = alt.X("month:O", sort=None, title=None, axis=ALONG)
    y = alt.Y("attained_amount:Q", title=None, axis=AMOUNTS)
    bars = rows().mark_bar(tooltip=True).encode(x=x, y=y)
    marks = rows().mark_tick(thickness=3, color=INK).encode(x=x, y="target:Q")
    return specification(bars, *([marks] if has_target else []), height=160)

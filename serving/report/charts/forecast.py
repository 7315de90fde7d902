"""Charts of the forecast page."""

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
    SOFT,
    STEP,
    WARN,
    folded,
    named,
    rows,
    specification,
)

_SHARES = alt.Axis(format=".0%", tickCount=5, grid=True)


def periods() -> dict[str, Any]:
    """Bars: what was won. Marks: what was said of it."""
    x = alt.X("month:O", sort=None, title=None, axis=ALONG)
    bars = rows().mark_bar(color=SOFT, tooltip=True)
    bars = bars.encode(x=x, y=alt.Y("actual_amount:Q", title=None, axis=AMOUNTS))
    parts = ("submission", "stated_probability", "calibrated")
    shapes = alt.Scale(
        domain=[f"@col.{part}" for part in parts], range=["circle", "triangle-up", "diamond"]
    )
    points = folded(parts).mark_point(size=80, tooltip=True)
    points = points.encode(
        x=x,
        y="figure:Q",
        color=alt.Color("part:N", scale=named(parts, (INK, BAD, ACCENT))),
        shape=alt.Shape("part:N", scale=shapes),
    )
    return specification(bars, points, height=260)


def calibration() -> dict[str, Any]:
    """What was said against what came; on the diagonal, both are equal."""
    across = alt.Scale(domain=[0, 1])
    x = alt.X("mean_stated:Q", title="@axis.stated", scale=across, axis=_SHARES)
    y = alt.Y("won_share:Q", title="@axis.won", scale=across, axis=_SHARES)
    names = alt.Scale(domain=["@chance.stated", "@chance.calibrated"], range=[BAD, ACCENT])
    shapes = alt.Scale(domain=["@chance.stated", "@chance.calibrated"], range=["circle", "diamond"])
    # The share itself is told from min_n cases on; its interval always.
    told = rows().transform_calculate(
        won_share="datum.observed === null ? (datum.observed_low + datum.observed_high) / 2"
        " : datum.observed"
    )
    equal = rows().mark_rule(color=MUTED, strokeDash=[4, 4])
    equal = equal.encode(x=alt.XDatum(0), y=alt.YDatum(0), x2=alt.X2Datum(1), y2=alt.Y2Datum(1))
    colour = alt.Color("method:N", scale=names)
    spans = told.mark_rule(opacity=0.45).encode(
        x=x, y=alt.Y("observed_low:Q", title="@axis.won"), y2="observed_high:Q", color=colour
    )
    points = told.transform_filter("datum.observed !== null").mark_point(size=80, tooltip=True)
    points = points.encode(x=x, y=y, color=colour, shape=alt.Shape("method:N", scale=shapes))
    return specification(equal, spans, points, height=280)


def rep_bias() -> dict[str, Any]:
    """How far each rep is from what came, with the interval that says whether it is chance."""
    y = alt.Y("rep_name:N", sort=None, title=None)
    directions = ["optimist", "cautious", "reliable", "unclear", "untold"]
    names = alt.Scale(
        domain=[f"@direction_of.{direction}" for direction in directions],
        range=[BAD, WARN, GOOD, ACCENT, MUTED],
    )
    none = rows().mark_rule(color=MUTED).encode(x=alt.XDatum(0))
    x = alt.X("bias:Q", title="@axis.bias", axis=_SHARES)
    spans = (
        rows().mark_rule(strokeWidth=2, color=SOFT).encode(y=y, x="bias_low:Q", x2="bias_high:Q")
    )
    points = rows().mark_point(size=70, tooltip=True)
    points = points.encode(y=y, x=x, color=alt.Color("direction:N", scale=names))
    return specification(none, spans, points, height=alt.Step(STEP - 6))


def slips() -> dict[str, Any]:
    """How late deals close: half by the bar's end, four in five by the mark."""
    y = alt.Y("horizon_days:O", sort=None, title="@axis.horizon")
    x = alt.X("median_slip_days:Q", title="@axis.slip", axis=alt.Axis(grid=True, tickCount=6))
    bars = rows().mark_bar(height=14, color=SOFT, tooltip=True).encode(y=y, x=x)
    marks = rows().mark_tick(thickness=3, size=20, color=INK).encode(y=y, x="p80_slip_days:Q")
    return specification(bars, marks, height=alt.Step(STEP + 4))

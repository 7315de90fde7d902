"""Charts of the objectives page."""

from typing import Any

import altair as alt

from serving.report.charts.drawing import ACCENT, GOOD, INK, SOFT, STEP, rows, specification

_SHARES = alt.Axis(format=".0%", tickCount=5, grid=True)


def bullets() -> dict[str, Any]:
    """Each rep's weighted attainment; the mark is where all objectives are attained."""
    y = alt.Y("rep_name:N", sort=None, title=None)
    x = alt.X("attainment:Q", title=None, axis=_SHARES)
    colour = alt.condition("datum.attainment >= 1", alt.value(GOOD), alt.value(SOFT))
    bars = rows().mark_bar(height=12, tooltip=True).encode(y=y, x=x, color=colour)
    marks = rows().mark_tick(thickness=2, size=18, color=INK).encode(y=y, x="whole:Q")
    return specification(bars, marks, height=alt.Step(STEP - 6))


def sensitivities() -> dict[str, Any]:
    """The share that would have attained a scheme, by what its targets are multiplied by."""
    x = alt.X(
        "target_factor:Q",
        title="@axis.factor",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(format=".2f", tickCount=6),
    )
    y = alt.Y("attaining_share:Q", title="@axis.attaining", axis=_SHARES)
    dash = alt.StrokeDash("scheme_id:N", sort=None, legend=alt.Legend(symbolType="stroke"))
    lines = rows().mark_line(color=ACCENT, point=True, tooltip=True)
    lines = lines.encode(x=x, y=y, strokeDash=dash)
    today = rows().mark_rule(color=INK).encode(x=alt.XDatum(1))
    return specification(today, lines, height=260)

"""What all charts share: colours, letters, and the step from Altair to a specification."""

from collections.abc import Sequence
from typing import Any

import altair as alt

# Colours are the page's, so that charts follow it into the dark and onto paper.
INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
ACCENT, SOFT = "var(--accent)", "var(--accent-soft)"
GOOD, BAD, WARN = "var(--good)", "var(--bad)", "var(--warn)"
STEP = 26
# Axes of amounts, of ratios, and of days or periods, which leave out names that would touch.
AMOUNTS = alt.Axis(format="~s", tickCount=5, grid=True)
TIMES = alt.Axis(format=".1f", tickCount=5, grid=True)
ALONG = alt.Axis(labelOverlap=True, labelAngle=0)

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# Read by report.js. aria: the table beside a chart is what screen readers read.
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": False,
        "labelColor": MUTED,
        "labelFontSize": 12,
        "labelPadding": 6,
        "labelLimit": 220,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": LINE,
    },
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 260,
        "columns": 3,
        "symbolType": "square",
        "symbolSize": 90,
        "padding": 0,
        "offset": 10,
    },
    "text": {"color": INK, "fontSize": 12, "font": _FONT},
    "bar": {"color": ACCENT},
    "line": {"color": ACCENT, "strokeWidth": 2},
    "point": {"color": ACCENT, "filled": True, "size": 60},
    "rule": {"color": MUTED},
    "rect": {"color": ACCENT},
}


def rows() -> alt.Chart:
    """A chart of the rows of its table."""
    return alt.Chart(alt.NamedData("rows"))


def folded(parts: Sequence[str]) -> alt.Chart:
    """A row of its own for each of these columns: `part`, what the column is called, and `figure`.

    Rows without a figure are left out.
    """
    part = f"'@col.{parts[-1]}'"
    for name in reversed(parts[:-1]):
        part = f"datum.column == '{name}' ? '@col.{name}' : {part}"
    return (
        rows()
        .transform_fold([*parts], as_=["column", "figure"])
        .transform_calculate(part=part)
        .transform_filter("datum.figure !== null")
    )


def named(parts: Sequence[str], colours: Sequence[str]) -> alt.Scale:
    """The colours of these columns."""
    return alt.Scale(domain=[f"@col.{part}" for part in parts], range=[*colours])


def specification(*layers: alt.Chart, height: int | alt.Step) -> dict[str, Any]:
    """The layers as the page takes them: without data, which the table gives, and without theme."""
    chart = alt.layer(*layers) if len(layers) > 1 else layers[0]
    spec: dict[str, Any] = chart.properties(height=height).to_dict()
    for part in (spec, *spec.get("layer", ())):
        part.pop("data", None)
    return {key: value for key, value in spec.items() if key not in ("$schema", "config")}

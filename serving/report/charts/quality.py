"""Charts of the page of data quality."""

from typing import Any

import altair as alt

from serving.report.charts.drawing import ACCENT, ALONG, BAD, INK, STEP, rows, specification


def completeness() -> dict[str, Any]:
    """Fields by month: the redder, the more of what is due is missing."""
    x = alt.X("month:O", sort=None, title=None, axis=ALONG)
    y = alt.Y("field:N", sort=None, title=None)
    told = rows().transform_calculate(lacking="datum.fill_rate === null ? 0 : 1 - datum.fill_rate")
    scale = alt.Scale(domain=[0, 0.5], range=[0.02, 0.7], clamp=True)
    depth = alt.FillOpacity("lacking:Q", scale=scale, legend=None)
    cells = told.mark_rect(color=BAD, cornerRadius=2, tooltip=True)
    cells = cells.encode(x=x, y=y, fillOpacity=depth)
    texts = rows().mark_text(color=INK, fontSize=11).encode(x=x, y=y, text="fill_rate_text:N")
    return specification(cells, texts, height=alt.Step(STEP))


def violations() -> dict[str, Any]:
    """Open violations by rule, those of severity error in red."""
    y = alt.Y("rule_name:N", sort=None, title=None)
    x = alt.X("open_count:Q", title=None, axis=None)
    names = alt.Scale(domain=["@severity.error", "@severity.warn"], range=[BAD, ACCENT])
    bars = rows().mark_bar(height=14, tooltip=True)
    bars = bars.encode(y=y, x=x, color=alt.Color("severity:N", scale=names))
    texts = rows().mark_text(align="left", dx=6).encode(y=y, x=x, text="open_count_text:N")
    return specification(bars, texts, height=alt.Step(STEP))

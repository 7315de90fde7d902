"""Charts of the pipeline page."""

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
    rows,
    specification,
)


def balances() -> dict[str, Any]:
    """Gross pipeline at the end of each month, and within it what is expected of it."""
    x = alt.X("month:O", sort=None, title=None, axis=ALONG)
    y = alt.Y("gross_amount:Q", title=None, axis=AMOUNTS)
    gross = rows().mark_bar(color=SOFT, tooltip=True).encode(x=x, y=y)
    weighted = rows().mark_bar(color=ACCENT, tooltip=True).encode(x=x, y="weighted_amount:Q")
    return specification(gross, weighted, height=220)


def waterfall() -> dict[str, Any]:
    """From the balance of one day to that of another, one step per movement."""
    y = alt.Y("bucket:N", sort=None, title=None)
    x = alt.X("from_amount:Q", title=None, axis=AMOUNTS)
    kinds = ["@kind.balance", "@kind.gain", "@kind.won", "@kind.loss"]
    scale = alt.Scale(domain=kinds, range=[ACCENT, SOFT, GOOD, BAD])
    colour = alt.Color("kind:N", scale=scale, legend=alt.Legend(columns=len(kinds)))
    bars = rows().mark_bar(height=16, tooltip=True).encode(y=y, x=x, x2="to_amount:Q", color=colour)
    # Whoever tells no colours apart reads by the sign what came in and what left.
    comes_in = "datum.amount > 0 && datum.kind !== '@kind.balance'"
    signed = rows().transform_calculate(signed=f"({comes_in} ? '+' : '') + datum.amount_text")
    texts = signed.mark_text(align="left", dx=6)
    texts = texts.encode(y=y, x="right_amount:Q", text="signed:N")
    return specification(bars, texts, height=alt.Step(STEP))


def funnel() -> dict[str, Any]:
    """How many deals reached each stage, and the share of them that went on."""
    y = alt.Y("stage_label:N", sort=None, title=None)
    x = alt.X("reached_count:Q", title=None, axis=None)
    bars = rows().mark_bar(height=18, tooltip=True).encode(y=y, x=x)
    went_on = "datum.went_on_share === null ? '' : '   → ' + datum.went_on_share_text"
    labelled = rows().transform_calculate(label=f"datum.reached_count_text + ({went_on})")
    texts = labelled.mark_text(align="left", dx=6).encode(y=y, x=x, text="label:N")
    return specification(bars, texts, height=alt.Step(STEP + 6))


def days_in_stage() -> dict[str, Any]:
    """Half of the deals stay up to the bar's end, four in five up to the mark."""
    y = alt.Y("stage_label:N", sort=None, title=None)
    x = alt.X("median_days:Q", title="@axis.days", axis=alt.Axis(grid=True, tickCount=5))
    bars = rows().mark_bar(height=14, color=SOFT, tooltip=True).encode(y=y, x=x)
    marks = rows().mark_tick(thickness=3, size=20, color=INK).encode(y=y, x="p80_days:Q")
    return specification(bars, marks, height=alt.Step(STEP + 6))


def ageing() -> dict[str, Any]:
    """Where the open deals stand, and for how long: the darker, the more."""
    in_order = alt.EncodingSortField("bucket_no", op="min")
    x = alt.X("age_bucket:O", sort=in_order, title="@axis.days_in_stage", axis=ALONG)
    y = alt.Y("stage_label:N", sort=None, title=None)
    scale = alt.Scale(domainMin=0, range=[0.06, 0.75])
    cells = rows().mark_rect(color=ACCENT, cornerRadius=2, tooltip=True)
    cells = cells.encode(
        x=x, y=y, fillOpacity=alt.FillOpacity("amount:Q", scale=scale, legend=None)
    )
    texts = rows().mark_text(color=INK).encode(x=x, y=y, text="deal_count_text:N")
    return specification(cells, texts, height=alt.Step(STEP + 10))


def coverage() -> dict[str, Any]:
    """How many times what is in sight covers what is asked, company and teams; the mark: needed."""
    y = alt.Y("scope:N", sort=None, title=None)
    x = alt.X("coverage_next_1:Q", title=None, axis=TIMES)
    bars = rows().mark_bar(height=14, tooltip=True).encode(y=y, x=x)
    needed = rows().mark_tick(thickness=3, size=22, color=INK).encode(y=y, x="required_coverage:Q")
    return specification(bars, needed, height=alt.Step(STEP))

"""What a publication says at a glance, in Markdown: for whoever looks at a run of Dagster's."""

import base64
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from serving.report.marts import Row, open_marts

STAGES = """
    select
        stage_label,
        count(*) as open_count,
        sum(deals.amount) as gross_amount,
        sum(deals.weighted_amount) as weighted_amount
    from pipeline_as_of((select date_day from dim_dates where is_as_of_day)) as deals
    left outer join dim_stages on deals.stage_id = dim_stages.stage_id
    group by stage_label, dim_stages.stage_position
    order by dim_stages.stage_position
"""
MOVES = """
    select bucket, deal_count, amount
    from pipeline_waterfall(
        (select date_day - 7 from dim_dates where is_as_of_day),
        (select date_day from dim_dates where is_as_of_day)
    )
    where scope = 'company'
    order by step, bucket
"""
KINDS = ("gross", "weighted")
MONTHS = """
    select
        cast(month_start_date as varchar) as month,
        cast(sum(gross_amount) as double) as gross,
        cast(sum(weighted_amount) as double) as weighted
    from mart_pipeline_months
    group by month_start_date
    order by month_start_date desc
    limit 24
"""


def glance(published: Path, currency: str) -> str:
    """The open pipeline by stage, its last 24 month ends as a picture, and the last seven days.

    A company without a deal has no month end, and is shown no picture.

    Raises duckdb.IOException where nothing is published that can be read.
    """
    with open_marts(published) as marts:
        day = marts.value("select date_day from dim_dates where is_as_of_day")
        stages, moves, months = marts.rows(STAGES), marts.rows(MOVES), marts.rows(MONTHS)
    return "\n\n".join(
        [
            f"Open pipeline at the end of {day}, in {currency}:",
            _table(stages, ("stage", "deals", "gross", "weighted")),
            "Since seven days before:",
            _table(moves, ("", "deals", "amount")),
            *([_picture(months)] if months else []),
        ]
    )


def _table(rows: Sequence[Row], heads: Sequence[str]) -> str:
    right = ["---:"] * (len(heads) - 1)
    lines = [heads, ["---", *right], *([_written(v) for v in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _written(value: Decimal | int | str | None) -> str:
    """A name as it is, a number with its thousands apart."""
    if value is None:
        return ""
    return value.replace("|", "\\|") if isinstance(value, str) else f"{value:,}"


def _picture(months: Sequence[Row]) -> str:
    from vl_convert import vegalite_to_png  # noqa: PLC0415 - loads a JavaScript engine

    spec = {
        "width": 480,
        "height": 160,
        "data": {"values": [{**row, "kind": k, "amount": row[k]} for row in months for k in KINDS]},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "month", "type": "temporal", "title": None},
            "y": {"field": "amount", "type": "quantitative", "title": None},
            "color": {"field": "kind", "type": "nominal", "title": None},
        },
    }
    png = base64.b64encode(vegalite_to_png(spec)).decode("ascii")
    return f"![gross and weighted pipeline at month ends](data:image/png;base64,{png})"

"""Forecast: what was said would be won, what was, and whom to believe."""

from datetime import date
from typing import Any

from serving.report.blocks import Chart, Column, Listing, Page, Table, Text
from serving.report.charts.forecast import calibration, periods, rep_bias, slips
from serving.report.marts import Marts, Row
from serving.report.namesakes import told_apart
from serving.report.sources import delivered, notices

# Days before the month's end; the first is shown first.
_HORIZONS = (14, 30, 7)
_MONTHS = 13
_STATED = """
    select
        period_start_date as month,
        stated_date,
        method,
        stated_amount,
        case when is_period_over then actual_amount end as actual_amount,
        case when is_period_over then stated_amount / nullif(actual_amount, 0) - 1 end as bias
    from fct_forecast_accuracy
    where level = 'company' and period_grain = 'month' and horizon_days = ?
        and not is_reconstructed and method in ('submission', 'stated_probability')
    order by month
"""


def forecast_page(marts: Marts) -> Page:
    """The page."""
    blocks: list[Any] = notices(delivered(marts), ("opportunities",))
    if not blocks:
        blocks = [
            _periods(marts),
            _calibration(marts),
            _methods(marts),
            _rep_bias(marts),
            _slips(marts),
            _scores(marts),
        ]
    return Page("forecast", Text("forecast.lead"), blocks)


def _periods(marts: Marts) -> Chart:
    rows = [row for horizon in _HORIZONS for row in _at_horizon(marts, horizon)]
    titles = {}
    for horizon in _HORIZONS:
        told = [r for r in rows if r["horizon"] == horizon and r["actual_amount"] is not None]
        if told:
            titles[str(horizon)] = _last_told(told[-1])
    return Chart(
        "forecast-periods",
        titles,
        Table(
            (
                Column("month", "month"),
                Column("stated_date", "date"),
                Column("submission", "money"),
                Column("stated_probability", "money"),
                Column("bias", "share", head="col.stated_bias"),
                Column("calibrated", "money"),
                Column("actual_amount", "money"),
            ),
            # Of a horizon at which no month has come to its end yet there is nothing to say.
            [{**r, "horizon": str(r["horizon"])} for r in rows if str(r["horizon"]) in titles],
            chosen_by="horizon",
        ),
        periods(),
        defined=("fct_forecast_accuracy", "forecast_bias"),
        note=Text("forecast.periods_note"),
        choices=list(titles),
        choice_terms="horizon",
        missing=Text("forecast.none"),
        is_wide=True,
    )


def _last_told(row: Row) -> Text:
    names = ("submission", "stated_probability", "calibrated", "actual_amount")
    values: dict[str, tuple[Any, str]] = {name: (row[name], "money_short") for name in names}
    values |= {
        "month": (row["month"], "month"),
        "horizon": (row["horizon"], "count"),
        "bias": (row["bias"], "share"),
    }
    is_said = row["submission"] is not None
    return Text("forecast.periods" if is_said else "forecast.periods_unsaid", values)


def _at_horizon(marts: Marts, horizon: int) -> list[Row]:
    """The last months, one row each: what was said so many days before the end, and what came."""
    months: dict[date, Row] = {}
    for said in marts.rows(_STATED, horizon):
        begun: Row = {"month": said["month"], "horizon": horizon, "submission": None}
        month = months.setdefault(said["month"], begun)
        month[said["method"]] = said["stated_amount"]
        if said["method"] == "stated_probability":
            # Beside a submission stands what those won who handed one in, which may be less.
            month |= {name: said[name] for name in ("stated_date", "actual_amount", "bias")}
    found = [month for month in months.values() if "stated_probability" in month][-_MONTHS:]
    for month in found:
        # What had been won by then, and what was due by what its chances had been worth.
        month["calibrated"] = marts.value(
            """
            select calibrated_forecast_amount
            from forecast_as_of(?)
            where level = 'company' and period_grain = 'month' and period_start_date = ?
            """,
            month["stated_date"],
            month["month"],
        )
    return found


def _calibration(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select calibration.*, bin_no / 10 as bin_from
        from fct_probability_calibration as calibration
        where level = 'company' and outcome = 'ever_won' and horizon_days = 30
            and method in ('stated', 'calibrated') and not is_reconstructed and case_count > 0
        order by method desc, bin_no
        """
    )
    scores = {
        row["method"]: row
        for row in marts.rows(
            """
            select method, brier, stated_brier, mean_stated, base_rate
            from mart_probability_scores
            where level = 'company' and outcome = 'ever_won' and horizon_days = 30
                and not is_reconstructed
            """
        )
    }
    stated, calibrated = scores.get("stated", {}), scores.get("calibrated", {})
    values = {
        "stated": (stated.get("mean_stated"), "share"),
        "won": (stated.get("base_rate"), "share"),
        "brier": (calibrated.get("brier"), "number4"),
        "stated_brier": (calibrated.get("stated_brier"), "number4"),
    }
    return Chart(
        "forecast-calibration",
        Text("forecast.calibration", values),
        Table(
            (
                Column("method", "term", terms="chance"),
                Column("bin_from", "share"),
                Column("mean_stated", "share"),
                Column(
                    "observed", "share", parts=("won_count", "case_count"), head="col.won_share"
                ),
                Column("observed_low", "share", head="col.low"),
                Column("observed_high", "share", head="col.high"),
                Column("case_count", "count", head="col.cases"),
                Column("unresolved_count", "count"),
            ),
            rows,
        ),
        calibration(),
        defined=("fct_probability_calibration", "mart_probability_scores"),
        note=Text("forecast.calibration_note"),
        missing=Text("forecast.none"),
    )


def _methods(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *
        from mart_forecast_errors
        where level = 'company' and period_grain = 'month' and horizon_days = 14
        order by wape nulls last
        """
    )
    return Listing(
        "forecast-methods",
        Text("forecast.methods"),
        Table(
            (
                Column("method", "term", terms="method"),
                Column("period_count", "count"),
                Column("bias", "share", parts=("error_amount", "actual_amount")),
                Column("wape", "share", parts=("absolute_error_amount", "actual_amount")),
                Column("mase", "number"),
                Column("skill", "share"),
            ),
            rows,
        ),
        defined=("mart_forecast_errors", "forecast_error"),
        note=Text("forecast.methods_note"),
        missing=Text("forecast.none"),
        is_wide=False,
    )


def _rep_bias(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        with newest as (
            select *
            from mart_forecast_reliability
            where horizon_days = 14
            qualify quarter_start_date = max(quarter_start_date) over ()
        )
        select
            newest.* replace (coalesce(direction, 'untold') as direction),
            dim_reps.rep_name
        from newest
        inner join dim_reps using (rep_id)
        where bias is not null
        -- What the rep hands in; of a company without submissions, the chances stated.
        qualify method = max(method) over ()
        order by bias desc, rep_name
        """
    )
    source = {"source": (rows[0]["method"] if rows else None, "term:method")}
    counts = {
        direction: (sum(row["direction"] == direction for row in rows), "count")
        for direction in ("optimist", "cautious", "reliable")
    }
    return Chart(
        "forecast-reps",
        Text("forecast.reps", counts),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("direction", "term", terms="direction_of"),
                Column("bias", "share", parts=("error_amount", "actual_amount")),
                Column("bias_low", "share", head="col.low"),
                Column("bias_high", "share", head="col.high"),
                Column("stated_amount", "money"),
                Column("actual_amount", "money"),
                Column("month_count", "count"),
            ),
            told_apart(rows),
        ),
        rep_bias(),
        defined=("mart_forecast_reliability", "forecast_bias"),
        note=Text("forecast.reps_note", source),
        missing=Text("forecast.none"),
    )


def _slips(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select *
        from mart_close_date_slips
        where level = 'company'
        order by horizon_days desc
        """
    )
    month = next((row for row in rows if row["horizon_days"] == 30), {})
    values = {
        "median": (month.get("median_slip_days"), "whole_days"),
        "p80": (month.get("p80_slip_days"), "whole_days"),
        "pushed": (month.get("pushed_share"), "share"),
    }
    return Chart(
        "forecast-slips",
        Text("forecast.slips", values),
        Table(
            (
                Column("horizon_days", "count"),
                Column("median_slip_days", "whole_days"),
                Column("p80_slip_days", "whole_days"),
                Column("pushed_share", "share", parts=("pushed_count", "case_count")),
                Column("case_count", "count", head="col.cases"),
                Column("censored_count", "count"),
            ),
            rows,
        ),
        slips(),
        defined=("mart_close_date_slips",),
        note=Text("forecast.slips_note"),
        missing=Text("forecast.none"),
    )


def _scores(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *
        from mart_probability_scores
        where level = 'company' and horizon_days = 30 and not is_reconstructed
        order by outcome, brier
        """
    )
    return Listing(
        "forecast-scores",
        Text("forecast.scores"),
        Table(
            (
                Column("outcome", "term", terms="outcome"),
                Column("method", "term", terms="chance"),
                Column("case_count", "count", head="col.cases"),
                Column("mean_stated", "share"),
                Column("base_rate", "share", parts=("won_count", "case_count")),
                Column("brier", "number4"),
                Column("stated_brier", "number4"),
                Column("calibration_error", "share"),
                Column("value_ratio", "number", parts=("stated_value", "won_value")),
            ),
            rows,
        ),
        defined=("mart_probability_scores",),
        note=Text("forecast.scores_note"),
        missing=Text("forecast.none"),
    )

"""Objectives: who attains what, and what other schemes would have done."""

from typing import Any

from serving.report.blocks import Chart, Column, Figure, Listing, Page, Table, Text
from serving.report.charts.objectives import bullets, sensitivities
from serving.report.marts import Marts
from serving.report.namesakes import told_apart
from serving.report.sources import delivered, missing, notices

# The grain that is shown first comes first.
_GRAINS = ("fiscal_year", "quarter", "month")


def objectives_page(marts: Marts) -> Page:
    """The page."""
    blocks: list[Any] = notices(delivered(marts), ("targets",))
    blocks += [_bullets(marts), _sensitivities(marts), _simulations(marts), _criteria(marts)]
    refused = _refused(marts)
    if refused.table.rows:
        blocks.append(refused)
    return Page("objectives", Text("objectives.lead"), blocks)


def _bullets(marts: Marts) -> Chart:
    """The newest period of each grain."""
    rows = marts.rows(
        """
        select attainments.*, rep_name, 1 as whole
        from mart_attainments as attainments
        inner join dim_reps using (rep_id)
        where is_employed
        qualify period_start_date = max(period_start_date) over (partition by period_grain)
        order by period_grain, attainment desc, rep_name
        """
    )
    titles = {}
    for grain in _GRAINS:
        told = [row for row in rows if row["period_grain"] == grain]
        if told:
            attaining = sum(row["is_attained"] for row in told)
            values: dict[str, Figure] = {
                "attaining": (attaining, "count"),
                "reps": (len(told), "count"),
                "share": (attaining / len(told), "share"),
                "day": (told[0]["period_start_date"], "date"),
            }
            titles[grain] = Text("objectives.bullets", values)
    return Chart(
        "objectives-reps",
        titles,
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("team"),
                Column("attainment", "share"),
                Column("whole", "share", head="col.target", is_hidden=True),
                Column("attained_count", "count"),
                Column("criterion_count", "count"),
                Column("period_start_date", "date", head="col.since"),
                Column("is_over", "term", terms="yes"),
            ),
            told_apart(rows),
            chosen_by="period_grain",
        ),
        bullets(),
        defined=("attaining_share", "mart_attainments"),
        note=Text("objectives.bullets_note"),
        choices=list(titles),
        choice_terms="grain",
        missing=missing("targets"),
    )


def _criteria(marts: Marts) -> Listing:
    """Each rep's criteria in the newest fiscal year."""
    rows = marts.rows(
        """
        select
            objectives.*,
            rep_name,
            coalesce(criterion_label, criterion) as criterion_label,
            coalesce(reached / nullif(reached_of, 0), reached) as reached_value
        from fct_objectives as objectives
        inner join dim_reps using (rep_id)
        left join (
            select criterion, criterion_label from mart_scheme_criteria where scheme_id = 'current'
        ) using (criterion)
        where period_grain = 'fiscal_year' and is_employed
        qualify period_start_date = max(period_start_date) over ()
        order by rep_name, weight desc, criterion
        """
    )
    return Listing(
        "objectives-criteria",
        Text("objectives.criteria"),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("criterion_label"),
                Column("reached_value", "number", head="col.reached"),
                Column("target_to_date", "number"),
                Column("attainment", "share"),
                Column("weight", "share"),
                Column("score", "share"),
            ),
            told_apart(rows),
        ),
        defined=("fct_objectives",),
        note=Text("objectives.criteria_note"),
        missing=missing("targets"),
    )


def _simulations(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select *
        from mart_scheme_simulations
        order by
            scheme_id <> 'current',
            scheme_id,
            list_position(['month', 'quarter', 'fiscal_year'], period_grain)
        """
    )
    return Listing(
        "objectives-simulations",
        Text("objectives.simulations"),
        Table(
            (
                Column("scheme_id", "term", terms="scheme"),
                Column("period_grain", "term", terms="grain"),
                Column("attaining_share", "share", ("attaining_count", "case_count")),
                Column("attaining_share_low", "share", head="col.low"),
                Column("attaining_share_high", "share", head="col.high"),
                Column("verdict", "term", terms="verdict"),
                Column("mean_payout", "share"),
                Column("p50_payout", "share"),
                Column("mean_deviation", "points"),
                Column("newly_attaining_count", "count"),
                Column("no_longer_attaining_count", "count"),
                Column("advised_factor", "number"),
            ),
            rows,
        ),
        defined=("mart_scheme_simulations",),
        note=Text("objectives.simulations_note"),
        missing=Text("objectives.no_simulation"),
    )


def _sensitivities(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select *
        from mart_scheme_sensitivities
        where target_factor between 0.5 and 1.5
        order by scheme_id, target_factor
        """
    )
    today = {
        row["period_grain"]: row
        for row in rows
        if row["scheme_id"] == "current" and row["target_factor"] == 1
    }
    titles = {
        grain: Text(
            "objectives.sensitivities",
            {
                "share": (today[grain]["attaining_share"], "share"),
                "attaining": (today[grain]["attaining_count"], "count"),
                "cases": (today[grain]["case_count"], "count"),
            },
        )
        for grain in reversed(_GRAINS)
        if grain in today
    }
    return Chart(
        "objectives-sensitivities",
        titles,
        Table(
            (
                Column("scheme_id", "term", terms="scheme"),
                Column("target_factor", "number"),
                Column("attaining_share", "share", ("attaining_count", "case_count")),
                Column("mean_payout", "share"),
            ),
            [row for row in rows if row["period_grain"] in titles],
            chosen_by="period_grain",
        ),
        sensitivities(),
        defined=("mart_scheme_sensitivities",),
        note=Text("objectives.sensitivities_note"),
        choices=list(titles),
        choice_terms="grain",
        missing=Text("objectives.no_simulation"),
    )


def _refused(marts: Marts) -> Listing:
    rows = marts.rows(
        "select * from mart_scheme_criteria where not is_used order by scheme_id, criterion"
    )
    return Listing(
        "objectives-refused",
        Text("objectives.refused"),
        Table(
            (
                Column("scheme_id", "term", terms="scheme"),
                Column("criterion_label"),
                Column("refusal", "english"),
            ),
            rows,
        ),
        defined=("mart_scheme_criteria",),
    )

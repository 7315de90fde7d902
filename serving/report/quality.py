"""Data quality, for those who run it: what is filled and open, what came, what is published."""

from serving.report.blocks import Chart, Column, Figure, Listing, Page, Table, Text, Tile, Tiles
from serving.report.charts.quality import completeness, violations
from serving.report.deliveries import delivery_blocks
from serving.report.marts import Marts, Row
from serving.report.namesakes import told_apart
from serving.report.runs import run_blocks

_LIVING = ("open", "acknowledged", "snoozed", "pending")


def quality_page(marts: Marts) -> Page:
    """The page."""
    blocks = [
        _tiles(marts),
        _completeness(marts),
        _violations(marts),
        _owners(marts),
        _alerts(marts),
        *delivery_blocks(marts),
        *run_blocks(marts),
    ]
    return Page("quality", Text("quality.lead"), blocks)


def _tiles(marts: Marts) -> Tiles:
    records = marts.row(
        """
        select
            sum(weight_filled)::int as filled,
            sum(weight_due)::int as due,
            sum(weight_filled) / nullif(sum(weight_due), 0) as completeness
        from fct_record_completeness
        """
    )
    violations_open = marts.row(
        """
        select
            case when exists (select 1 from mart_field_quality) then count(*) end as open_count,
            count(*) filter (where severity = 'error') as error_count
        from fct_field_violations
        where is_open
        """
    )
    rows = marts.row(
        """
        select
            sum(quarantined_rows)::int as quarantined,
            sum(delivered_rows)::int as delivered,
            count(*) filter (where status = 'refused') as refused_count
        from fct_loads
        """
    )
    alerts = marts.value(
        "select count(*) from fct_alerts where state in ('open', 'acknowledged', 'snoozed')"
    )
    quoted: dict[str, Figure] = {"errors": (violations_open["error_count"], "count")}
    refused: dict[str, Figure] = {
        "delivered": (rows["delivered"], "count"),
        "refused": (rows["refused_count"], "count"),
    }
    at_risk = marts.value(
        "select value from kpi_values"
        " where kpi_id = 'money_at_risk' and level = 'company' and period_grain = 'day'"
    )
    parts = (records["filled"], records["due"]) if records["due"] else None
    tiles = [
        Tile(
            Text("quality.completeness"),
            (records["completeness"], "share"),
            parts=parts,
            defined="record_completeness",
        ),
        Tile(
            Text("quality.open_violations"),
            (violations_open["open_count"], "count"),
            aside=Text("quality.open_violations_aside", quoted),
            defined="open_violations",
        ),
        Tile(
            Text("quality.at_risk"),
            (at_risk, "money_short"),
            aside=Text("quality.at_risk_aside"),
            defined="money_at_risk",
        ),
        Tile(Text("quality.alerts"), (alerts, "count"), defined="fct_alerts"),
        Tile(
            Text("quality.quarantined"),
            (rows["quarantined"], "count"),
            aside=Text("quality.quarantined_aside", refused),
            defined="fct_loads",
        ),
    ]
    return Tiles(Text("quality.tiles"), tiles)


def _completeness(marts: Marts) -> Chart:
    """Fields that were not always full in the last twelve months, the worst first."""
    rows = marts.rows(
        """
        with filled as (
            select
                member as field,
                period_start_date as month,
                numerator::int as filled_count,
                denominator::int as due_count,
                value as fill_rate
            from kpi_values
            where kpi_id = 'fill_rate' and level = 'field' and period_grain = 'month'
                and period_start_date > (
                    select date_day - interval 12 month from dim_dates where is_as_of_day
                )
        )
        select *
        from filled
        where field in (select field from filled where filled_count < due_count)
        order by last_value(fill_rate ignore nulls) over (
            partition by field order by month
            rows between unbounded preceding and unbounded following
        ), field, month
        """
    )
    newest = max((row["month"] for row in rows), default=None)
    last = [row for row in rows if row["month"] == newest and row["fill_rate"] is not None]
    worst: Row = min(last, key=lambda row: row["fill_rate"]) if last else {}
    values: dict[str, Figure] = {
        "field": (worst.get("field"), "text"),
        "rate": (worst.get("fill_rate"), "share"),
        "fields": (len({row["field"] for row in rows}), "count"),
    }
    return Chart(
        "quality-completeness",
        Text("quality.fields", values),
        Table(
            (
                Column("field"),
                Column("month", "month"),
                Column("fill_rate", "share", ("filled_count", "due_count")),
            ),
            rows,
        ),
        completeness(),
        defined=("fill_rate",),
        note=Text("quality.fields_note"),
        missing=Text("quality.no_fields"),
        is_wide=True,
    )


def _violations(marts: Marts) -> Chart:
    rows = marts.rows(
        """
        select
            rule_id,
            replace(rule_id, '_', ' ') as rule_name,
            severity,
            owner,
            accountable,
            count(*) as open_count,
            sum(amount_at_risk) as deal_amount,
            max(open_days) as oldest_days
        from fct_field_violations
        where is_open
        group by all
        order by open_count desc
        """
    )
    first: Row = rows[0] if rows else {}
    values: dict[str, Figure] = {
        "count": (sum(row["open_count"] for row in rows), "count"),
        "rules": (len(rows), "count"),
        "rule": (first.get("rule_name"), "text"),
    }
    return Chart(
        "quality-violations",
        Text("quality.violations", values),
        Table(
            (
                Column("rule_name", head="col.rule"),
                Column("severity", "term", terms="severity"),
                Column("owner"),
                Column("accountable", "term", terms="accountable"),
                Column("open_count", "count"),
                Column("deal_amount", "money"),
                Column("oldest_days", "whole_days"),
                Column("rule_id"),
            ),
            rows,
        ),
        violations(),
        defined=("open_violations", "fct_field_violations"),
        note=Text("quality.violations_note"),
        missing=Text("quality.no_violations"),
    )


def _owners(marts: Marts) -> Listing:
    rows = marts.rows(
        """
        select
            violations.rep_id_current as rep_id,
            coalesce(rep_name, violations.rep_id_current) as rep_name,
            replace(rule_id, '_', ' ') as rule_name,
            count(*) as open_count,
            sum(amount_at_risk) as deal_amount,
            -- As the KPI: what lacks a field by a mere warning is at no risk.
            sum(amount_at_risk) filter (where severity = 'error') as amount_at_risk
        from fct_field_violations as violations
        left join dim_reps on violations.rep_id_current = dim_reps.rep_id
        where is_open
        group by all
        order by amount_at_risk desc nulls last, deal_amount desc nulls last, open_count desc
        """
    )
    return Listing(
        "quality-owners",
        Text("quality.owners"),
        Table(
            (
                Column("rep_name", "rep", head="col.rep"),
                Column("rule_name", head="col.rule"),
                Column("open_count", "count"),
                Column("amount_at_risk", "money"),
                Column("deal_amount", "money"),
            ),
            told_apart(rows),
        ),
        defined=("money_at_risk", "fct_field_violations"),
        note=Text("quality.owners_note"),
        missing=Text("quality.no_violations"),
        is_wide=False,
    )


def _alerts(marts: Marts) -> Listing:
    rows = marts.rows(
        f"""
        select *
        from fct_alerts
        where state in {_LIVING}
        order by
            list_position({list(_LIVING)}, state),
            severity,
            money_at_risk desc nulls last,
            title
        """
    )
    told = sum(row["state"] != "pending" for row in rows)
    return Listing(
        "quality-alerts",
        Text("quality.alerts_told", {"open": (told, "count"), "all": (len(rows), "count")}),
        Table(
            (
                Column("state", "term", terms="alert"),
                Column("severity", "term", terms="severity"),
                Column("title", "english"),
                Column("owner"),
                Column("money_at_risk", "money", head="col.deal_amount"),
                Column("since_date", "date"),
                Column("opened_date", "date"),
            ),
            rows,
        ),
        defined=("fct_alerts",),
        note=Text("quality.alerts_note"),
        missing=Text("quality.no_alerts"),
    )

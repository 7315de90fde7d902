"""What there is to tell at the end of a day: the rules and thresholds of the desk, observed."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from pathlib import Path

from expectations.alerts.observation import Observation
from expectations.desk.kpis import limited_kpis
from expectations.desk.mandatory_fields import read_mandatory_fields
from expectations.desk.stages import read_stages
from expectations.desk.thresholds import METRICS, Threshold, list_thresholds
from expectations.desk.waivers import read_waivers
from expectations.observed.deliveries import observe_deliveries
from expectations.observed.kpis import observe_kpis
from expectations.observed.rates import observe_rates
from expectations.observed.registers import (
    observe_checks,
    observe_custom_fields,
    observe_drift,
)
from expectations.observed.shares import observe_shares
from expectations.observed.strays import stray_types
from expectations.observed.views import View
from expectations.observed.violations import observe_open_violations, observe_rules
from expectations.observed.waivers import (
    observe_waivers,
    stray_waiver_text,
    stray_waivers,
    waivers_rule,
)
from expectations.sql import connected

_OBSERVERS: dict[str, Callable[[View, Threshold], list[Observation]]] = {
    "fill_rate": observe_rates,
    "fill_rate_drop": observe_rates,
    "default_share": observe_rates,
    "open_violations": observe_open_violations,
    "stale_share": observe_shares,
    "duplicate_share": observe_shares,
}


def observe(
    warehouse: Path,
    desk: Path,
    as_of_at: datetime,
    as_of_date: date,
    day: date | None = None,
    sources: Collection[str] = (),
) -> list[Observation]:
    """Observe every rule and threshold of the desk at the end of a local day.

    warehouse: a file with the schema marts, opened read-only. desk: folder of the company's CSV
    files, already held against the tables (check_quality_desk).
    as_of_at: UTC without zone, exclusive, and as_of_date: what the marts stand at.
    day: that day by default, or an earlier one. What has no history (stale and duplicate records,
    custom fields, checks) is observed for as_of_date alone.
    sources: those that the company enables: a table of theirs that never came is not fresh.

    One Observation per rule, per threshold and member, per custom field, per KPI with a limit and
    per check; is_bad is None where nobody can tell. What has no mart yet is not observed.
    """
    with connected(warehouse, read_only=True) as con:
        stages = read_stages(desk)
        view = View(con, day or as_of_date, as_of_at, as_of_date, stages, sources)
        return list(_observations(view, desk))


def waivers_for_nobody(
    warehouse: Path, desk: Path, as_of_at: datetime, as_of_date: date
) -> list[str]:
    """One text per waiver for what is not there: whom or what it names, file and line."""
    rules = read_mandatory_fields(desk)
    waivers = read_waivers(desk, rules)
    with connected(warehouse, read_only=True) as con:
        view = View(con, as_of_date, as_of_at, as_of_date, read_stages(desk))
        return [stray_waiver_text(waiver) for waiver in stray_waivers(view, rules, waivers)]


def rules_for_nothing(
    warehouse: Path, desk: Path, as_of_at: datetime, as_of_date: date
) -> list[str]:
    """One text per record type that a mandatory field names and that is not there, and where."""
    with connected(warehouse, read_only=True) as con:
        view = View(con, as_of_date, as_of_at, as_of_date, read_stages(desk))
        return [told for rule in read_mandatory_fields(desk) for told in stray_types(view, rule)]


def desk_rules(desk: Path) -> dict[str, set[str]]:
    """Family -> the rules and thresholds that the desk has; none of a family: an empty set."""
    rules = {"mandatory_fields": {rule.rule_id for rule in read_mandatory_fields(desk)}}
    rules["waivers"] = {waivers_rule(name) for name in rules["mandatory_fields"]}
    rules["custom_fields"] = {"custom_fields"}
    # Not on the desk either: a drift that is told no more was accepted by a changed declaration.
    rules["drift"] = {"drift"}
    rules["kpi"] = limited_kpis(desk)
    for metric in METRICS:
        rules[metric] = {t.threshold_id for t in list_thresholds(desk) if t.metric == metric}
    return rules


def _observations(view: View, desk: Path) -> Iterator[Observation]:
    rules = read_mandatory_fields(desk)
    thresholds = list_thresholds(desk)
    yield from observe_rules(view, rules)
    for threshold in thresholds:
        if threshold.metric in _OBSERVERS:
            yield from _OBSERVERS[threshold.metric](view, threshold)
    yield from observe_deliveries(view, [each for each in thresholds if each.is_delivery])
    yield from observe_waivers(view, rules, read_waivers(desk, rules))
    yield from observe_custom_fields(view)
    yield from observe_kpis(view)
    yield from observe_drift(view)
    yield from observe_checks(view)

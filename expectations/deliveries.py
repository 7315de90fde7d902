"""Deliveries: what came in is about as much as usual, and not too old."""

from collections.abc import Sequence
from datetime import datetime

from expectations.desk.thresholds import Threshold
from expectations.rules import Rule, Suite
from expectations.sql import instant_literal, text_literal
from expectations.verdicts import Check

# Deliveries that must lie in a window before what is usual can be told.
LEAST_DELIVERIES = 3
# A limit that is not given.
_LEAST, _MOST = 0.0, 1e12


def deliveries_suite(check: Check, thresholds: Sequence[Threshold], as_of_at: datetime) -> Suite:
    """Build the suite of one delivered table: a row, and per threshold a figure within its limits.

    as_of_at: UTC without zone, exclusive. A figure is NULL, and the rule not evaluated, where there
    is no delivery to measure or nothing to hold it against; a table that is awaited and never came
    while others did is infinitely old.
    """
    mine = [each for each in thresholds if each.entity == check.entity]
    rules = tuple(_rule(threshold, f"figure_{n}") for n, threshold in enumerate(mine, 1))
    figures = [
        f"({_figure(threshold, as_of_at, check.is_awaited)}) as figure_{n}"
        for n, threshold in enumerate(mine, 1)
    ]
    name = text_literal(check.entity)
    return Suite(check, f"select {', '.join([f'{name} as record_id', *figures])}", rules)


def _rule(threshold: Threshold, column: str) -> Rule:
    return Rule(
        "within",
        threshold.metric,
        (column,),
        threshold.severity,
        threshold.reason or f"The {threshold.metric} of {threshold.entity} is as the desk asks.",
        lowest=_LEAST if threshold.minimum is None else float(threshold.minimum),
        highest=_MOST if threshold.maximum is None else float(threshold.maximum),
        rule_id=threshold.threshold_id,
    )


def _figure(threshold: Threshold, as_of_at: datetime, is_awaited: bool) -> str:
    if threshold.metric == "freshness":
        return freshness_query(threshold.entity, as_of_at, is_awaited)
    return volume_query(threshold, as_of_at)


def freshness_query(entity: str, as_of_at: datetime, is_awaited: bool) -> str:
    """A select of the hours since the newest extraction of <source>.<table>.

    Without any: infinity for one that is awaited once another table has come, else NULL.
    """
    newest = f"max(extracted_at) filter (where {_loaded(entity, as_of_at)})"
    instant = instant_literal(as_of_at)
    age = f"date_diff('microsecond', {newest}, {instant}) / 3600000000.0"
    if is_awaited:
        age = f"coalesce({age}, case when count(*) > 0 then cast('infinity' as double) end)"
    return f"select {age} from raw.loads where status = 'landed' and extracted_at < {instant}"


def volume_query(threshold: Threshold, as_of_at: datetime) -> str:
    """A select of the newest delivery's rows over the median of those of the window before it.

    Not the mean: the first export holds everything, and would make each later day look empty.
    NULL where fewer than LEAST_DELIVERIES lie in the window, or their median is below min_records.
    """
    loaded = _loaded(threshold.entity, as_of_at)
    days = threshold.window_days or 0
    return (
        "select cast(newest.delivered_rows as double) / usual.median_rows from ("
        f"select delivered_rows, extracted_at from raw.loads where {loaded}"
        " order by extracted_at desc, load_id desc limit 1) as newest,"
        " lateral (select nullif(median(delivered_rows), 0) as median_rows"
        f" from raw.loads where {loaded} and extracted_at < newest.extracted_at"
        f" and extracted_at >= newest.extracted_at - to_days({days})"
        f" having count(*) >= {LEAST_DELIVERIES}) as usual"
        f" where usual.median_rows >= {threshold.min_records}"
    )


def _loaded(entity: str, as_of_at: datetime) -> str:
    source, _, table = entity.partition(".")
    return (
        f"source_name = {text_literal(source)} and table_name = {text_literal(table)}"
        f" and extracted_at < {instant_literal(as_of_at)}"
        # What was refused at first and landed later is no delivery of its own, and what was refused
        # whole has not come.
        " and mode <> 'replay' and status = 'landed'"
    )

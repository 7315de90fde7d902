"""How old a source's tables may become, by the words that dbt reads too (`freshness`)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import dagster as dg
import yaml
from dagster._check import CheckError

from ingest.contract import Source
from ingest.errors import ContractError

PERIODS = {"minute", "hour", "day"}
Policies = Mapping[str, dg.FreshnessPolicy]


def freshness_policies(source: Source) -> Policies:
    """Table -> Dagster's policy, for those that declare `error_after`; where a table says anything
    of its own, what the source says does not count for it.

    A table that is not landed for so long is late; `warn_after` warns before. Raises ContractError
    where the words say no span.
    """
    (declared,) = yaml.safe_load(source.path.read_text(encoding="utf-8"))["sources"]
    told = {table["name"]: _words(table, _words(declared, {})) for table in declared["tables"]}
    return {
        name: _policy(words, f"{source.path}, table {name}")
        for name, words in told.items()
        if words.get("error_after")
    }


def _policy(words: Mapping[str, Any], where: str) -> dg.FreshnessPolicy:
    try:
        fails = _span(words["error_after"])
        warns = _span(words["warn_after"]) if words.get("warn_after") else None
        # Dagster wants to warn before; dbt also takes both at once.
        warns = warns if warns and warns < fails else None
        return dg.FreshnessPolicy.time_window(fail_window=fails, warn_window=warns)
    except (AttributeError, KeyError, TypeError, ValueError, CheckError) as error:
        raise ContractError(
            "Its freshness cannot be followed.",
            where=where,
            remedy="Write error_after and warn_after as {count: 26, period: hour}; period is "
            "minute, hour or day.",
        ) from error


def _words(declared: Mapping[str, Any], otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
    """`freshness`, by itself or under `config`; `null` takes back what the source says."""
    for place in (declared, declared.get("config") or {}):
        if "freshness" in place:
            return place["freshness"] or {}
    return otherwise


def _span(words: Mapping[str, Any]) -> timedelta:
    """dbt's `{count: 26, period: hour}`."""
    if words["period"] not in PERIODS:
        raise ValueError(words["period"])
    return timedelta(**{f"{words['period']}s": words["count"]})

"""What a notice says, as one JSON document: the body of a webhook, the source of every text."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from expectations.alerts.entries import Alert
from expectations.alerts.instants import stamp
from expectations.alerts.observation import Observation

RUNBOOK = "docs/alerts.md"
TREND_POINTS = 8
RECORD_IDS = 5
_LONGEST_TITLE = 300
_LONGEST_NAME = 100
_LONGEST_REMEDY = 500
_LONGEST_QUERY = 2000


@dataclass(frozen=True)
class Source:
    """Who tells: the company, the book, and the run that found it (a link or an id, or nothing)."""

    company: str
    book_id: str
    run_link: str = ""

    def thread_key(self, fingerprint: str) -> str:
        """What holds the notices of one alert together, also where books share a channel."""
        return f"{self.book_id[:8]}-{fingerprint}"

    def idempotency_key(self, fingerprint: str, number: int | str, channel: str) -> str:
        """The same notice has the same key however often it is sent. 32 hex digits."""
        named = json.dumps([self.book_id, fingerprint, number, channel])
        return hashlib.sha256(named.encode()).hexdigest()[:32]


def tidy(seen: Observation) -> Observation:
    """The observation with texts of one line and bounded length, and numbers that JSON can hold."""
    trend = None if seen.trend is None else tuple(map(_finite, seen.trend[-TREND_POINTS:]))
    return replace(
        seen,
        is_bad=None if seen.is_bad is None else bool(seen.is_bad),
        title=one_line(seen.title, _LONGEST_TITLE),
        failed_count=int(seen.failed_count),
        evaluated_count=int(seen.evaluated_count),
        trend=trend,
        rows_query=seen.rows_query.strip()[:_LONGEST_QUERY],
        remedy=one_line(seen.remedy, _LONGEST_REMEDY),
        record_ids=tuple(one_line(key, _LONGEST_NAME) for key in seen.record_ids[:RECORD_IDS]),
    )


def one_line(text: str, longest: int = _LONGEST_NAME) -> str:
    """The text without line breaks and control characters, cut to its length."""
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Cf"} else c for c in text)
    told = re.sub(r"\s+", " ", visible).strip()
    return told if len(told) <= longest else told[: longest - 1] + "…"


def alert_document(alert: Alert) -> dict[str, Any]:
    """What is known of an alert, in types that JSON has. Shares are 0 to 1, instants UTC."""
    seen, life = alert.seen, alert.life
    return {
        "alert_id": alert.fingerprint,
        "family": seen.family,
        "rule": one_line(seen.rule),
        "entity": one_line(seen.entity),
        "field": one_line(seen.field),
        "scope": one_line(seen.scope),
        "severity": seen.severity,
        "state": life.state,
        "owner": one_line(seen.owner),
        "title": seen.title,
        "failed_count": seen.failed_count,
        "evaluated_count": seen.evaluated_count,
        "failed_share": failed_share(seen),
        "trend": None if seen.trend is None else list(seen.trend),
        "since": None if seen.since is None else seen.since.isoformat(),
        "money_at_risk": None if seen.money_at_risk is None else str(seen.money_at_risk),
        "rows_query": seen.rows_query,
        "record_ids": list(seen.record_ids),
        "remedy": seen.remedy,
        "reopened_n": life.reopened_n,
        "is_flapping": alert.is_flapping,
        "not_evaluated_since": _stamped(life.stale_since),
        "opened_at": _stamped(life.opened_at),
        "acknowledged_at": _stamped(life.acknowledged_at),
        "snoozed_until": _stamped(life.snoozed_until),
        "resolved_at": _stamped(life.resolved_at),
        "runbook": f"{RUNBOOK}#{seen.family}",
    }


def digest_document(
    source: Source, day: date, now: datetime, items: Mapping[str, Sequence[Alert]]
) -> dict[str, Any]:
    """One day's warnings; items: new, open, resolved -> the alerts."""
    return {
        "kind": "digest",
        "company": source.company,
        "thread_key": source.thread_key("digest"),
        "day": day.isoformat(),
        "told_at": stamp(now),
        "items": {name: [alert_document(alert) for alert in items[name]] for name in items},
        "runbook": RUNBOOK,
    }


def failed_share(seen: Observation) -> float | None:
    """failed / evaluated, None where nothing was evaluated."""
    return seen.failed_count / seen.evaluated_count if seen.evaluated_count else None


def _finite(point: float | None) -> float | None:
    return None if point is None or not math.isfinite(point) else float(point)


def _stamped(instant: datetime | None) -> str | None:
    return None if instant is None else stamp(instant)

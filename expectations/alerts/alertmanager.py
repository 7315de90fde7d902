"""Prometheus Alertmanager by its v2 API: firing and resolved alerts instead of messages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from expectations.alerts.delivery import Outcome
from expectations.alerts.http_post import SECONDS, NoAnswerError, Target, outcome, post
from expectations.alerts.instants import stamp
from expectations.alerts.messages import message
from expectations.alerts.outbox import Notice

# Alertmanager resolves by itself what has no end and is not sent again within minutes.
_FIRES_FOR = timedelta(days=365)
_DIGEST_FIRES_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Alertmanager:
    """Posts alerts to /api/v2/alerts below one address. secret: a bearer token, if it wants one."""

    target: Target
    secret: str | None = field(repr=False)
    seconds: float = SECONDS

    def deliver(self, notice: Notice, now: datetime) -> Outcome:
        """Post what the notice means; the same notice again changes nothing there."""
        headers = {"Idempotency-Key": notice.key}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        body = json.dumps(alerts_of(notice.document, now), ensure_ascii=False).encode()
        try:
            return outcome(post(self.target, body, headers, self.seconds), now)
        except NoAnswerError as error:
            return Outcome("later", str(error), is_channel_down=True)


def alerts_of(document: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The postable alerts of a notice. One that changes its severity ends under its old labels."""
    if document["kind"] == "digest":
        labels = {"alertname": "digest", "severity": "warn", "alert_id": document["thread_key"]}
        return [_alert(document, labels, document["told_at"], now + _DIGEST_FIRES_FOR)]
    begin, severity = document["opened_at"], document["severity"]
    before = document["previous_severity"]
    if document["kind"] == "resolved":
        # The labels under which it was told, whatever the severity is by now.
        return [_alert(document, _labels(document, before or severity), begin, now)]
    alerts = [_alert(document, _labels(document, severity), begin, now + _FIRES_FOR)]
    if before and before != severity:
        alerts.append(_alert(document, _labels(document, before), begin, now))
    return alerts


def _labels(document: Mapping[str, Any], severity: str) -> dict[str, str]:
    """What identifies the alert there, so nothing that may change while it fires but the severity.

    An empty label is no label.
    """
    names = ("family", "entity", "field", "scope")
    labels = {name: document[name] for name in names if document[name]}
    return {
        "alertname": document["rule"],
        **labels,
        "severity": severity,
        "alert_id": document["thread_key"],
    }


def _alert(
    document: Mapping[str, Any], labels: dict[str, str], begin: str, end: datetime
) -> dict[str, Any]:
    told = message(document)
    return {
        "labels": labels,
        "annotations": {
            "summary": told.headline,
            "description": told.text,
            "company": document["company"],
            "owner": document.get("owner", ""),
            "runbook": document["runbook"],
            "key": document["key"],
        },
        "startsAt": begin,
        "endsAt": stamp(end),
    }

"""Alertmanager's v2 API: what we post is what its schema asks for, and incidents begin and end."""

import json
import re
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from alert_book import CANARY, ERROR, POLICY, PROMPT, Told, at, seen
from receivers import Receiver, status

from expectations.alerts.book import open_book
from expectations.alerts.digest import digest
from expectations.alerts.policy import Policy
from expectations.alerts.sending import SendReport, send_due

# openapi.yaml of Alertmanager's API v2, definition postableAlerts: an array of postableAlert, which
# is alert (labels required: labelSet; generatorURL: uri) and startsAt, endsAt (date-time) and
# annotations (labelSet: string to string). Names of labels as Prometheus has them.
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KNOWN = {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}


def complaint(body: Any) -> str | None:
    """What Alertmanager would refuse, None for nothing."""
    if not isinstance(body, list):
        return "no array"
    for alert in body:
        if not isinstance(alert, dict) or "labels" not in alert or set(alert) - KNOWN:
            return f"no postable alert: {alert}"
        for texts in (alert["labels"], alert.get("annotations", {})):
            for name, value in texts.items():
                if not LABEL.fullmatch(name) or not isinstance(value, str):
                    return f"no label: {name}"
        if not all(alert["labels"].values()) or "alertname" not in alert["labels"]:
            return "an empty label, or no alertname"
        begin, end = alert.get("startsAt", ""), alert.get("endsAt", "")
        if not (INSTANT.fullmatch(begin) and INSTANT.fullmatch(end)) or end < begin:
            return f"no period: {begin} to {end}"
    return None


def strict(receiver: Receiver) -> None:
    """Answer as Alertmanager does: 200, or 400 for what is not in its schema."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        post = receiver.posts[-1]
        is_known = post.path == "/am/api/v2/alerts"
        refused = complaint(json.loads(post.body)) if is_known else "path"
        status(400 if refused else 200)(handler)

    receiver.answer = answer


def firing(receiver: Receiver, hour: float) -> set[tuple[str, str]]:
    """(alertname, severity) of what Alertmanager holds as firing: per label set the last word."""
    last: dict[str, tuple[tuple[str, str], str]] = {}
    for post in receiver.posts:
        for alert in json.loads(post.body):
            labels = alert["labels"]
            named = (labels["alertname"], labels["severity"])
            last[json.dumps(labels, sort_keys=True)] = (named, alert["endsAt"])
    return {named for named, end in last.values() if end > f"{at(hour).isoformat()}Z"}


@pytest.fixture
def manager(receiver: Receiver) -> Receiver:
    strict(receiver)
    return receiver


def send(told: Told, receiver: Receiver, hour: float, path: str = "/am/") -> SendReport:
    address = receiver.url.replace("http://", "alertmanager+http://") + path
    environment = {f"PILOTAGE_CHANNEL_{name}": address for name in ("PAGER", "CHAT", "OPS")} | {
        "PILOTAGE_CHANNEL_PAGER_SECRET": CANARY
    }
    with open_book(told.path) as book:
        return send_due(book, environment, at(hour))


@pytest.mark.parametrize("path", ["/am", "/am/", "/am/api/v2/alerts"])
def test_an_alert_fires_until_it_is_resolved(tmp_path: Path, manager: Receiver, path: str) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    told.hear(0, seen())
    assert send(told, manager, 0, path) == SendReport(sent=1)
    assert manager.posts[0].headers["Authorization"] == f"Bearer {CANARY}"
    (alert,) = json.loads(manager.posts[0].body)
    assert alert["startsAt"] == "2026-01-01T00:00:00Z"
    assert alert["annotations"]["runbook"] == "docs/alerts.md#mandatory_fields"
    assert firing(manager, 24 * 300) == {("next_step", "error")}
    told.hear(1, seen(False))
    assert send(told, manager, 1, path).sent == 1
    assert firing(manager, 1) == set()


def test_a_graver_alert_replaces_the_milder_one(tmp_path: Path, manager: Receiver) -> None:
    settings = {"error": ERROR, "warn": replace(ERROR, open_after=1)}
    policy: Policy = replace(POLICY, settings=settings)
    told = Told(tmp_path / "b.sqlite", policy)
    told.hear(0, seen(severity="warn"))
    send(told, manager, 0)
    assert firing(manager, 0) == {("next_step", "warn")}
    told.hear(1, seen())
    send(told, manager, 1)
    assert firing(manager, 1) == {("next_step", "error")}
    # It becomes milder without a word, and ends under the labels that it was told under.
    told.hear(2, seen(False, severity="warn"))
    told.hear(3, seen(False, severity="warn"))
    assert send(told, manager, 3).failed == 0
    assert firing(manager, 3) == set()


def test_no_field_makes_no_label(tmp_path: Path, manager: Receiver) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    told.hear(0, seen(field=""))
    assert send(told, manager, 0).sent == 1


def test_a_digest_is_an_alert_of_one_day(told: Told, manager: Receiver) -> None:
    told.hear(0, seen(severity="warn"))
    with open_book(told.path) as book:
        digest(book, at(5), POLICY)
    assert send(told, manager, 5).sent == 1
    assert firing(manager, 6) == {("digest", "warn")}
    assert firing(manager, 30) == set()


def test_the_schema_of_this_test_refuses() -> None:
    good = {"labels": {"alertname": "x"}, "startsAt": "2026-01-01T00:00:00Z"}
    good["endsAt"] = good["startsAt"]
    assert complaint([good]) is None
    for bad in ({}, [{}], [{**good, "x": 1}], [{**good, "labels": {"a-b": "x"}}]):
        assert complaint(bad)

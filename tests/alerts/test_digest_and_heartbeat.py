"""What is told without an evaluation: the day's warnings, a missed run, a dead notifier."""

import json
from dataclasses import replace
from datetime import timedelta

from alert_book import POLICY, SEEN, Told, at, seen
from receivers import Mailbox, Receiver, status

from expectations.alerts.book import open_book
from expectations.alerts.decisions import Person, snooze
from expectations.alerts.digest import digest
from expectations.alerts.heartbeat import heartbeat
from expectations.alerts.messages import message
from expectations.alerts.sending import send_due

WARN = seen(severity="warn")


def write_digest(told: Told, hour: float) -> int:
    with open_book(told.path) as book:
        return digest(book, at(hour), POLICY)


def digests(told: Told) -> list[dict]:
    rows = told.rows("select body from outbox where kind = 'digest' order by notice_id")
    return [json.loads(row["body"]) for row in rows]


def items(document: dict) -> dict[str, list[str]]:
    return {name: [item["rule"] for item in found] for name, found in document["items"].items()}


def test_a_warning_is_told_by_the_digest_only(told: Told) -> None:
    told.hear(0, WARN)
    assert told.notices() == []
    assert write_digest(told, 5) == 1
    assert told.notices() == [("digest", "chat")]
    assert items(digests(told)[0]) == {"new": ["next_step"], "open": [], "resolved": []}


def test_one_digest_per_local_day_and_channel(told: Told) -> None:
    told.hear(0, WARN, replace(WARN, rule="other", owner="finance"))
    assert write_digest(told, 5) == 2
    assert write_digest(told, 6) == 0
    # 22:59 UTC is 23:59 in Paris; a minute later the next local day begins.
    assert write_digest(told, 22 + 59 / 60) == 0
    assert write_digest(told, 23) == 2
    assert sorted(channel for _, channel in told.notices()) == ["chat", "chat", "ops", "ops"]
    keys = told.rows("select distinct idempotency_key from outbox")
    assert len(keys) == 4


def test_a_digest_tells_new_from_open_and_what_was_resolved(told: Told) -> None:
    old, new = replace(WARN, rule="old"), replace(WARN, rule="new")
    told.hear(0, old)
    write_digest(told, 5)
    told.hear(24, old, new)
    write_digest(told, 30)
    told.hear(48, replace(old, is_bad=False), replace(new, is_bad=None))
    write_digest(told, 54)
    told.hear(72, replace(new, is_bad=False))
    write_digest(told, 78)
    write_digest(told, 102)
    assert [items(document) for document in digests(told)] == [
        {"new": ["old"], "open": [], "resolved": []},
        {"new": ["new"], "open": ["old"], "resolved": []},
        {"new": [], "open": ["new"], "resolved": ["old"]},
        {"new": [], "open": [], "resolved": ["new"]},
    ]


def test_errors_and_snoozed_warnings_are_not_in_the_digest(told: Told) -> None:
    told.hear(0, seen(rule="grave"), WARN)
    told.hear(1, seen(rule="grave"), WARN)
    with open_book(told.path) as book:
        snooze(book, SEEN.fingerprint, Person("ada", at(2)), at(100))
    assert write_digest(told, 5) == 0


def test_what_was_resolved_at_once_is_not_told_again_by_the_digest(told: Told) -> None:
    told.hear(0, seen())
    told.hear(1, seen())
    told.hear(2, WARN)
    assert write_digest(told, 3) == 1
    assert items(digests(told)[0])["new"] == ["next_step"]
    told.hear(4, replace(WARN, is_bad=False))
    assert told.notices()[-1] == ("resolved", "pager")
    assert write_digest(told, 30) == 0


def test_a_digest_is_read_as_a_list(told: Told, mailbox: Mailbox) -> None:
    told.hear(0, WARN)
    write_digest(told, 5)
    read = message(digests(told)[0])
    assert read.headline == "[Acme] Warnings of 2026-01-01: 1 new, 0 open, 0 resolved"
    assert f"  {SEEN.title}" in read.text.splitlines()
    with open_book(told.path) as book:
        sent = send_due(book, {"PILOTAGE_CHANNEL_CHAT": mailbox.address}, at(6))
    assert sent.sent == 1


def beat(told: Told, hour: float, longest_wait: float = 2) -> dict:
    wait = timedelta(hours=longest_wait)
    with open_book(told.path) as book:
        done = heartbeat(book, at(hour), timedelta(hours=26), POLICY, wait)
    return dict(done.moved)


def test_a_missed_run_is_an_alert_until_the_run_is_back(told: Told) -> None:
    told.hear(0, seen(False))
    assert beat(told, 26) == {}
    assert beat(told, 26.01) == {"opened": 1}
    assert beat(told, 27) == {}
    assert told.notices() == [("opened", "ops")]
    told.hear(28, seen(False))
    assert beat(told, 29, longest_wait=4) == {"resolved": 1}
    assert told.notices() == [("opened", "ops"), ("resolved", "ops")]


def test_runs_that_go_on_without_deliveries_are_an_alert(told: Told) -> None:
    """All deliveries stop at hour 0: each day's run then judges the same as_of, and looks well."""
    for hour in (0, 24, 48):
        told.hear(hour, seen(False), as_of_hour=0)
        assert beat(told, hour + 2) == {}
    told.hear(49, seen(False), as_of_hour=0)
    assert beat(told, 50) == {}
    assert beat(told, 50.1) == {"opened": 1}
    (row,) = told.rows("select title, since from alerts where rule = 'missed_run'")
    assert row["title"] == (
        "Runs judge no day after 2026-01-01, which ended 50 h ago, 50 h are allowed:"
        " no deliveries come, or AS_OF is an old day."
    )
    # A run for an older day is no sign of life.
    told.hear(51, seen(False), as_of_hour=-24)
    assert beat(told, 51.5, longest_wait=9) == {}
    told.hear(52, seen(False), as_of_hour=48)
    assert beat(told, 53, longest_wait=9) == {"resolved": 1}


def test_without_any_evaluation_silence_counts_from_the_first_heartbeat(told: Told) -> None:
    assert beat(told, 1000) == {}
    assert beat(told, 1026) == {}
    assert beat(told, 1027) == {"opened": 1}


def test_a_notice_that_waits_too_long_is_an_alert_of_its_own(
    told: Told, receiver: Receiver
) -> None:
    told.hear(0, seen())
    told.hear(1, seen())
    assert beat(told, 3) == {}
    assert beat(told, 3.1) == {"opened": 1}
    hook = receiver.url.replace("http", "webhook+http")
    environment = {"PILOTAGE_CHANNEL_PAGER": hook, "PILOTAGE_CHANNEL_OPS": hook}
    with open_book(told.path) as book:
        assert send_due(book, environment, at(4)).sent == 2
    assert beat(told, 5) == {"resolved": 1}


def test_a_dead_letter_is_an_alert(told: Told, receiver: Receiver) -> None:
    told.hear(0, seen())
    told.hear(1, seen())
    receiver.answer = status(404)
    environment = {"PILOTAGE_CHANNEL_PAGER": receiver.url.replace("http", "webhook+http")}
    with open_book(told.path) as book:
        assert send_due(book, environment, at(1)).dead == 1
    assert beat(told, 1.5) == {"opened": 1}
    (row,) = told.rows("select title from alerts where rule = 'dead_notifier'")
    assert row["title"] == "Notices do not get through: 1 given up, 0 waiting for over 2 h."


def test_the_heartbeat_leaves_evaluations_alone(told: Told) -> None:
    told.hear(0, seen())
    beat(told, 500)
    assert told.hear(1, seen()).moved == {"opened": 1}

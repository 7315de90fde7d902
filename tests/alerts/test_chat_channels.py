"""What apprise delivers: mails, pages and chats, against real servers."""

import json
from dataclasses import replace

import pytest
from alert_book import SEEN, Told, at, seen
from passes import BAD, GOOD, send
from receivers import Mailbox, Receiver, status

from expectations.alerts.book import open_book
from expectations.alerts.digest import digest


def test_mails_of_one_alert_form_a_thread(prompt: Told, mailbox: Mailbox) -> None:
    prompt.hear(0, BAD)
    prompt.hear(1, replace(BAD, failed_count=80))
    prompt.hear(2, GOOD)
    assert send(prompt, 3, {"PILOTAGE_CHANNEL_PAGER": mailbox.address}).sent == 3
    mails = mailbox.mails
    assert len({mail["Subject"] for mail in mails}) == 1
    assert len({mail["References"] for mail in mails}) == 1
    assert SEEN.fingerprint in mails[0]["References"]
    assert len(set(mailbox.sent_keys())) == 3
    texts = [mail.get_payload(decode=True).decode() for mail in mails]
    assert [text.split()[0] for text in texts] == ["New", "Worse", "Resolved"]
    assert "40 of 262 (15.3%)" in texts[0]


def test_a_mail_server_that_says_no_is_asked_again(prompt: Told, mailbox: Mailbox) -> None:
    prompt.hear(0, BAD)
    mailbox.is_down = True
    report = send(prompt, 1, {"PILOTAGE_CHANNEL_PAGER": mailbox.address})
    assert (report.sent, report.failed) == (0, 1)
    mailbox.is_down = False
    assert send(prompt, 2, {"PILOTAGE_CHANNEL_PAGER": mailbox.address}).sent == 1


@pytest.mark.parametrize(("code", "dead"), [(404, 1), (500, 0), (429, 0)])
def test_apprise_tells_a_refusal_from_a_passing_trouble(
    prompt: Told, receiver: Receiver, code: int, dead: int
) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(code)
    environment = {"PILOTAGE_CHANNEL_PAGER": receiver.url.replace("http://", "json://")}
    report = send(prompt, 1, environment)
    assert (report.dead, report.failed) == (dead, 1 - dead)
    assert report.errors["pager"].startswith(f"answered {code}")


def test_apprise_follows_no_redirect(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(307, Location=f"{receiver.url}/elsewhere")
    environment = {"PILOTAGE_CHANNEL_PAGER": receiver.url.replace("http://", "json://")}
    assert send(prompt, 1, environment).failed == 1
    assert len(receiver.posts) == 1


def test_a_pagerduty_incident_has_one_key_and_is_resolved(
    prompt: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PagerDuty's address is fixed in apprise, so that is led to our receiver."""
    from apprise.plugins import pagerduty

    monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", receiver.url)
    prompt.hear(0, replace(BAD, rows_query="select 1 " * 200))
    prompt.hear(1, GOOD)
    environment = {"PILOTAGE_CHANNEL_PAGER": "pagerduty://integration@apikey"}
    assert send(prompt, 2, environment).sent == 2
    events = [json.loads(post.body) for post in receiver.posts]
    assert [event["event_action"] for event in events] == ["trigger", "resolve"]
    assert len({event["dedup_key"] for event in events}) == 1
    assert SEEN.fingerprint in events[0]["dedup_key"]
    summary = events[0]["payload"]["summary"]
    assert SEEN.title in summary
    assert len(summary) <= 1024
    details = events[0]["payload"]["custom_details"]
    assert details["rows_query"] == ("select 1 " * 200).strip()
    assert details["runbook"] == "docs/alerts.md#mandatory_fields"


def test_a_long_digest_is_split_where_the_channel_is_narrow(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.discord import NotifyDiscord

    monkeypatch.setattr(NotifyDiscord, "notify_url", receiver.url)
    monkeypatch.setattr(NotifyDiscord, "request_rate_per_sec", 0)
    told.hear(0, *(seen(rule=f"r{n}", severity="warn") for n in range(20)))
    with open_book(told.path) as book:
        assert digest(book, at(1), told.policy) == 1
    address = {"PILOTAGE_CHANNEL_CHAT": f"discord://{'1' * 18}/{'x' * 68}"}
    assert send(told, 2, address).sent == 1
    texts = [json.loads(post.body)["content"] for post in receiver.posts]
    assert len(texts) > 1
    assert max(map(len, texts)) <= 2000
    assert sum(text.count(SEEN.title) for text in texts) >= 19

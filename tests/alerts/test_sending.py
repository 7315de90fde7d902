"""The sender against real receivers that answer, fail, hang, redirect and ask for patience."""

import hashlib
import json
import logging
import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from alert_book import CANARY, PROMPT, SEEN, Told, at, dump, seen
from receivers import Mailbox, Receiver, status

from expectations.alerts import outbox
from expectations.alerts.book import open_book
from expectations.alerts.channels import open_channel
from expectations.alerts.delivery import Channel, ChannelError, Outcome
from expectations.alerts.digest import digest
from expectations.alerts.policy import Route
from expectations.alerts.sending import SendReport, send_due
from expectations.alerts.webhook import Webhook, signature

BAD, GOOD = seen(True), seen(False)


@pytest.fixture
def prompt(tmp_path: Path) -> Told:
    """A book whose errors open and resolve with the first verdict."""
    return Told(tmp_path / "alerts.sqlite", PROMPT)


def send(told: Told, hour: float, environment: dict[str, str], **options: object) -> SendReport:
    """One pass of the sender."""
    with open_book(told.path) as book:
        return send_due(book, environment, at(hour), **options)  # type: ignore[arg-type]


def to(receiver: Receiver, kind: str = "webhook", path: str = "/hook") -> dict[str, str]:
    """The environment that leads the pager there."""
    address = receiver.url.replace("http://", f"{kind}+http://") + path
    return {"PILOTAGE_CHANNEL_PAGER": address, "PILOTAGE_CHANNEL_PAGER_SECRET": CANARY}


def minutes_until_due(told: Told, hour: float) -> float:
    due = told.rows("select due_at from outbox")[0]["due_at"]
    return (datetime.fromisoformat(due) - at(hour)) / timedelta(minutes=1)


def test_a_webhook_gets_a_signed_document_with_a_key(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    assert send(prompt, 1, to(receiver)) == SendReport(sent=1)
    (post,) = receiver.posts
    assert post.path == "/hook"
    stamp = post.headers["X-Pilotage-Timestamp"]
    assert stamp == "1767229200"  # 2026-01-01 01:00 UTC
    assert post.headers["X-Pilotage-Signature"] == f"sha256={signature(CANARY, stamp, post.body)}"
    document = json.loads(post.body)
    assert document["key"] == post.headers["Idempotency-Key"]
    assert document["kind"] == "opened"
    assert document["failed_count"] == 40
    assert document["money_at_risk"] == "1200.50"
    assert document["record_ids"] == ["o1", "o2"]
    assert document["run_link"] == "run-1"
    assert document["runbook"] == "docs/alerts.md#mandatory_fields"


def test_the_signature_is_the_one_of_rfc_2104() -> None:
    inner = bytes(b ^ 0x36 for b in b"key".ljust(64, b"\0"))
    outer = bytes(b ^ 0x5C for b in b"key".ljust(64, b"\0"))
    by_hand = hashlib.sha256(outer + hashlib.sha256(inner + b"1.The quick").digest()).hexdigest()
    assert signature("key", "1", b"The quick") == by_hand


def test_what_is_sent_is_not_sent_again(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    for hour in (1, 2, 3):
        send(prompt, hour, to(receiver))
    assert len(receiver.posts) == 1


def test_500_is_tried_again_with_growing_pauses_and_the_same_body(
    prompt: Told, receiver: Receiver
) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(500)
    hour, pauses = 1.0, []
    for _ in range(7):
        report = send(prompt, hour, to(receiver))
        assert (report.sent, report.failed, report.dead) == (0, 1, 0)
        assert send(prompt, hour, to(receiver)) == SendReport()  # not due yet
        pauses.append(minutes_until_due(prompt, hour))
        hour += pauses[-1] / 60
    assert pauses == pytest.approx([1, 2, 5, 15, 60, 60, 60])
    receiver.answer = None
    assert send(prompt, hour, to(receiver)).sent == 1
    assert len(set(receiver.sent_keys())) == 1
    assert len({post.body for post in receiver.posts}) == 1


def test_the_24th_failure_makes_a_dead_letter_that_can_be_queued_again(
    prompt: Told, receiver: Receiver
) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(500)
    reports = [send(prompt, 10 * n, to(receiver)) for n in range(1, 26)]
    assert [r.dead for r in reports] == [0] * 23 + [1, 0]
    (letter,) = prompt.rows("select status, attempts, last_error from outbox")
    assert tuple(letter) == ("dead", 24, "given up after 24 attempts: answered 500")
    receiver.answer = None
    with open_book(prompt.path) as book:
        assert outbox.requeue_dead(book, at(300)) == (1, 0)
    assert send(prompt, 300, to(receiver)).sent == 1
    assert len(set(receiver.sent_keys())) == 1


@pytest.mark.parametrize("code", [400, 401, 404, 410, 422])
def test_a_refusal_is_dead_at_once(prompt: Told, receiver: Receiver, code: int) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(code)
    assert send(prompt, 1, to(receiver)).dead == 1


@pytest.mark.parametrize("code", [408, 425, 429, 502, 503])
def test_a_passing_trouble_is_tried_again(prompt: Told, receiver: Receiver, code: int) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(code)
    assert send(prompt, 1, to(receiver)).failed == 1


def test_retry_after_is_honoured_in_both_forms(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    prompt.hear(0.5, BAD, replace(BAD, scope="team:North"))
    receiver.answer = status(429, Retry_After="1800")
    assert send(prompt, 1, to(receiver)).failed == 1
    # The receiver asked for patience with the channel, so the other notice waits as well.
    assert send(prompt, 1.49, to(receiver)) == SendReport()
    when = format_datetime(at(3).replace(tzinfo=UTC), usegmt=True)
    receiver.answer = status(503, Retry_After=when)
    assert send(prompt, 1.5, to(receiver)).failed == 1
    assert send(prompt, 2.99, to(receiver)) == SendReport()
    receiver.answer = None
    assert send(prompt, 3, to(receiver)).sent == 2


def test_an_absurd_retry_after_does_not_silence_for_good(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(429, Retry_After="999999999")
    send(prompt, 1, to(receiver))
    receiver.answer = None
    assert send(prompt, 25, to(receiver)).sent == 1


def test_a_redirect_is_not_followed(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(307, Location=f"{receiver.url}/elsewhere")
    report = send(prompt, 1, to(receiver))
    assert report.errors == {"pager": "answered 307: a redirect, which is not followed"}
    assert [post.path for post in receiver.posts] == ["/hook"]


@pytest.mark.parametrize("style", ["silent", "dripping"])
def test_a_receiver_that_hangs_is_left_in_time(
    prompt: Told, receiver: Receiver, style: str
) -> None:
    """Also one that sends a byte now and then, which resets the time limit of a socket."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if style == "silent":
            receiver.stop.wait(30)
            return
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(300):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            if receiver.stop.wait(0.1):
                return

    def impatient(name: str, environment: object) -> Webhook:
        found = open_channel(name, environment)  # type: ignore[arg-type]
        assert isinstance(found, Webhook)
        return replace(found, seconds=0.4)

    prompt.hear(0, BAD)
    receiver.answer = answer
    began = time.monotonic()
    report = send(prompt, 1, to(receiver), channel_opener=impatient)
    assert report.errors == {"pager": "no answer within 0.4 s"}
    assert time.monotonic() - began < 20, "30 s is what the receiver wants"


def test_an_endless_answer_is_not_read_to_its_end(prompt: Told, receiver: Receiver) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not receiver.stop.is_set():
            handler.wfile.write(b"x" * 65536)

    prompt.hear(0, BAD)
    receiver.answer = answer
    assert send(prompt, 1, to(receiver)).sent == 1


def test_an_answer_that_is_cut_short_counts_by_its_status(prompt: Told, receiver: Receiver) -> None:
    def cut_body(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf")

    def cut_status(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 20")

    prompt.hear(0, BAD)
    receiver.answer = cut_status
    assert send(prompt, 1, to(receiver)).failed == 1
    receiver.answer = cut_body
    assert send(prompt, 2, to(receiver)).sent == 1
    assert len(set(receiver.sent_keys())) == 1


def test_a_receiver_that_is_down_is_asked_once_per_pass(prompt: Told) -> None:
    scopes = [replace(BAD, scope=f"team:{n}") for n in range(5)]
    prompt.hear(0, *scopes)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        address = {"PILOTAGE_CHANNEL_PAGER": f"webhook+http://127.0.0.1:{port}/"}
        report = send(prompt, 1, address)
    assert (report.failed, report.errors) == (1, {"pager": "connection refused"})


class Faulty:
    """A channel with a fault of its own: the first attempt raises, naming what it should not."""

    def __init__(self, sound: Channel) -> None:
        self._sound = sound
        self.attempts: list[str] = []

    def deliver(self, notice: outbox.Notice, now: datetime) -> Outcome:
        """Raise once, then deliver."""
        self.attempts.append(notice.key)
        if len(self.attempts) == 1:
            raise ZeroDivisionError(CANARY)
        return self._sound.deliver(notice, now)


def test_a_fault_of_a_channel_is_tried_again_under_the_same_key(
    prompt: Told, receiver: Receiver
) -> None:
    prompt.hear(0, BAD)
    faulty = Faulty(open_channel("pager", to(receiver)))
    first = send(prompt, 1, {}, channel_opener=lambda *_: faulty)
    assert (first.failed, first.dead) == (1, 0)
    assert first.errors == {"pager": "the channel failed (ZeroDivisionError)"}
    with open_book(prompt.path) as book:
        assert CANARY not in "\n".join(dump(book))
    assert send(prompt, 3, {}, channel_opener=lambda *_: faulty).sent == 1
    assert len(receiver.posts) == 1
    assert len(set(faulty.attempts)) == 1


def test_a_channel_that_cannot_be_made_fails_for_its_own_notices_only(
    tmp_path: Path, receiver: Receiver
) -> None:
    """A fault that nobody foresaw, such as a library that is not there: tried again, then dead."""

    def opener(name: str, environment: Mapping[str, str]) -> Channel:
        if name == "broken":
            raise ImportError(CANARY)
        return open_channel(name, environment)

    routes = (Route("*", "*", "accounts", "broken"), Route("*", "*", "*", "pager"))
    told = Told(tmp_path / "b.sqlite", replace(PROMPT, routes=routes))
    told.hear(0, replace(BAD, entity="accounts"), BAD)

    first = send(told, 1, to(receiver), channel_opener=opener)
    assert (first.sent, first.failed, first.dead) == (1, 1, 0)
    assert first.errors == {"broken": "the channel could not be made (ImportError)"}
    later = [send(told, 10 * n, to(receiver), channel_opener=opener) for n in range(1, 25)]
    assert [report.dead for report in later] == [0] * 22 + [1, 0]
    with open_book(told.path) as book:
        assert CANARY not in "\n".join(dump(book))


def test_a_notice_without_an_address_waits_and_says_for_what(
    prompt: Told, receiver: Receiver
) -> None:
    prompt.hear(0, BAD)
    for hour in range(1, 40):
        report = send(prompt, hour, {})
    assert "PILOTAGE_CHANNEL_PAGER" in report.complaints["pager"]
    (waiting,) = prompt.rows("select status, attempts, waits_for from outbox")
    assert waiting["status"] == "pending"
    assert waiting["attempts"] == 0
    assert "PILOTAGE_CHANNEL_PAGER" in waiting["waits_for"]
    assert send(prompt, 41, to(receiver)).sent == 1


@pytest.mark.parametrize(
    "address",
    [
        f"webhook+ftp://{CANARY}",
        f"webhook+http://:{CANARY}",
        f"webhook+http://h:{CANARY}/",
        f"webhook+https://user:{CANARY}@[::1/",
        f"webhook+http://host/{CANARY} with blanks",
        f"webhook+http://host/{CANARY}\r\nX-Evil: 1",
        f"alertmanager+{CANARY}",
        f"nosuchscheme://{CANARY}",
        CANARY,
        f"slack://{CANARY}",
    ],
)
def test_a_bad_address_is_told_by_its_variable_only(
    prompt: Told, address: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    prompt.hear(0, BAD)
    with pytest.raises(ChannelError, match="PILOTAGE_CHANNEL_PAGER") as caught:
        open_channel("pager", {"PILOTAGE_CHANNEL_PAGER": address})
    report = send(prompt, 1, {"PILOTAGE_CHANNEL_PAGER": address})
    assert report.complaints.keys() == {"pager"}
    with open_book(prompt.path) as book:
        kept = "\n".join(dump(book))
    captured = capfd.readouterr()
    shown = (str(caught.value), str(report), kept, caplog.text, captured.out, captured.err)
    assert not any(CANARY in text for text in shown)


def test_no_secret_in_logs_errors_or_the_book(
    prompt: Told,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    """Whatever the receiver answers, and with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    prompt.hear(0, BAD)
    host = receiver.url.removeprefix("http://")
    addresses = (
        f"webhook+http://user:{CANARY}@{host}/{CANARY}?token={CANARY}",
        f"alertmanager+http://user:{CANARY}@{host}/{CANARY}",
        f"json://user:{CANARY}@{host}/{CANARY}",
        f"mailto://user:{CANARY}@127.0.0.1:1/?from=x@example.com&to={CANARY}@example.com",
        f"webhook+https://{CANARY}.invalid/",
        f"webhook+https://{host}/{CANARY}",
    )
    reports = []
    for hour, address in enumerate(addresses * 2, start=1):
        receiver.answer = status(500, X_Echo=CANARY)
        environment = {
            "PILOTAGE_CHANNEL_PAGER": address,
            "PILOTAGE_CHANNEL_PAGER_SECRET": f"{CANARY}-hmac",
        }
        reports.append(send(prompt, hour * 2, environment))
        assert reports[-1].failed == 1, address
    captured = capfd.readouterr()
    shown = (str(reports), caplog.text, captured.out, captured.err)
    assert not any(CANARY in text for text in shown)
    files = [p for p in prompt.path.parent.iterdir() if p.is_file()]
    assert not any(CANARY.encode() in path.read_bytes() for path in files)
    assert any(CANARY in post.path for post in receiver.posts), "the canary was in use"
    assert not any(CANARY.encode() in post.body for post in receiver.posts)


def test_a_later_notice_waits_for_an_earlier_one_of_its_alert(
    prompt: Told, receiver: Receiver
) -> None:
    prompt.hear(0, BAD)
    receiver.answer = status(500)
    send(prompt, 0.5, to(receiver))
    send(prompt, 0.6, to(receiver))
    prompt.hear(0.61, GOOD, replace(BAD, scope="team:North"))
    # The opening is due again at 0.633; what is due before is only the other alert's.
    receiver.answer = None
    assert send(prompt, 0.62, to(receiver)).sent == 1
    assert json.loads(receiver.posts[-1].body)["scope"] == "team:North"
    assert send(prompt, 1, to(receiver)).sent == 2
    kinds = [json.loads(post.body)["kind"] for post in receiver.posts[-2:]]
    assert kinds == ["opened", "resolved"]


def test_a_later_notice_goes_once_the_earlier_one_is_dead(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    prompt.hear(1, GOOD)
    receiver.answer = status(404)
    report = send(prompt, 2, to(receiver))
    assert report.dead == 2
    with open_book(prompt.path) as book:
        outbox.requeue_dead(book, at(3))
    receiver.answer = None
    assert send(prompt, 3, to(receiver)).sent == 2


def test_a_dead_opening_is_not_sent_after_its_resolution(prompt: Told, receiver: Receiver) -> None:
    """An incident would open again that nobody closes."""
    prompt.hear(0, BAD)
    receiver.answer = status(404)
    send(prompt, 1, to(receiver))
    prompt.hear(2, GOOD)
    receiver.answer = None
    assert send(prompt, 3, to(receiver)).sent == 1
    with open_book(prompt.path) as book:
        assert outbox.requeue_dead(book, at(4)) == (0, 1)
    assert send(prompt, 5, to(receiver)) == SendReport()


def test_one_channel_that_is_down_does_not_hold_up_another(
    tmp_path: Path, receiver: Receiver
) -> None:
    routes = (Route("*", "*", "accounts", "down"), Route("*", "*", "*", "up"))
    told = Told(tmp_path / "b.sqlite", replace(PROMPT, routes=routes))
    told.hear(0, replace(BAD, entity="accounts"), BAD)
    address = receiver.url.replace("http", "webhook+http")
    report = send(told, 1, {"PILOTAGE_CHANNEL_UP": address})
    assert report.sent == 1
    assert report.complaints.keys() == {"down"}


def test_only_one_sender_works_at_a_time(prompt: Told, receiver: Receiver) -> None:
    prompt.hear(0, BAD)
    inner = []

    def meanwhile(handler: BaseHTTPRequestHandler) -> None:
        inner.append(send(prompt, 1, to(receiver)))
        status(200)(handler)

    receiver.answer = meanwhile
    assert send(prompt, 1, to(receiver)).sent == 1
    assert [report.is_busy for report in inner] == [True]
    assert len(receiver.posts) == 1


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


def test_two_books_share_a_channel_without_sharing_keys(tmp_path: Path, receiver: Receiver) -> None:
    for name in ("one", "two"):
        told = Told(tmp_path / name / "alerts.sqlite", PROMPT)
        told.hear(0, BAD)
        send(told, 1, to(receiver))
    assert len(set(receiver.sent_keys())) == 2
    assert len({json.loads(post.body)["thread_key"] for post in receiver.posts}) == 2

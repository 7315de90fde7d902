"""Real web receivers that answer, refuse, hang, redirect and ask for patience."""

import hashlib
import json
import time
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest
from alert_book import CANARY, Told, at
from passes import BAD, send, to
from receivers import Receiver, status

from expectations.alerts.channels import open_channel
from expectations.alerts.sending import SendReport
from expectations.alerts.webhook import Webhook, signature


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

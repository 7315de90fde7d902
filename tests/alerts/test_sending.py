"""The sender: nothing lost, nothing sent twice under another key, nobody held up by others."""

import json
import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from alert_book import CANARY, PROMPT, Told, at, dump
from passes import BAD, GOOD, minutes_until_due, send, to
from receivers import Receiver, status

from expectations.alerts import outbox
from expectations.alerts.book import open_book
from expectations.alerts.channels import open_channel
from expectations.alerts.delivery import Channel, Outcome
from expectations.alerts.policy import Route
from expectations.alerts.sending import SendReport


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


def test_two_books_share_a_channel_without_sharing_keys(tmp_path: Path, receiver: Receiver) -> None:
    for name in ("one", "two"):
        told = Told(tmp_path / name / "alerts.sqlite", PROMPT)
        told.hear(0, BAD)
        send(told, 1, to(receiver))
    assert len(set(receiver.sent_keys())) == 2
    assert len({json.loads(post.body)["thread_key"] for post in receiver.posts}) == 2

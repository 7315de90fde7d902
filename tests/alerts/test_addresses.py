"""Addresses that are missing or wrong, and secrets that are told to nobody."""

import logging

import pytest
from alert_book import CANARY, Told, dump
from passes import BAD, send, to
from receivers import Receiver, status

from expectations.alerts.book import open_book
from expectations.alerts.channels import open_channel
from expectations.alerts.delivery import ChannelError


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

"""Thirty days of flapping alerts, receivers that are down, and a notifier that is killed."""

import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from alert_book import Told
from month import MONTH, expected_changes, observations
from receivers import Mailbox, Receiver

HERE = Path(__file__).parent
DRAIN_HOURS = 6

Order = Callable[[float, dict | None], str]


@dataclass
class Month:
    """What a run of the month has left behind."""

    seed: int
    hours: int
    told: Told
    kills: Counter = field(default_factory=Counter)


@contextmanager
def notifier(month: Month, environment: dict[str, str]) -> Iterator[Order]:
    """The notifier in a process of its own; order(hour, kill) -> done or killed."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "notifier.py")],
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "ignore"},
        cwd=HERE.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def order(hour: float, kill: dict | None) -> str:
        told = {
            "hour": hour,
            "book": str(month.told.path),
            "environment": environment,
            "seed": month.seed,
            "hours": month.hours,
            "kill": kill,
        }
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        yield order
    finally:
        process.stdin.close()
        assert process.wait() == 0


def live_through(month: Month, receiver: Receiver, mailbox: Mailbox, kills: int) -> None:
    """Hour by hour: evaluate, send, be killed and started again, until everything is through."""
    chance = random.Random(month.seed)
    down = chance.randrange(month.hours // 4, month.hours // 2)
    kill_every = max(1, month.hours // (kills + 1))
    environment = {
        "PILOTAGE_CHANNEL_HOOK": f"webhook+{receiver.url}/hook",
        "PILOTAGE_CHANNEL_MAIL": mailbox.address,
    }
    with notifier(month, environment) as order:
        for hour in range(month.hours + DRAIN_HOURS):
            is_down = down <= hour < down + 6
            receiver.answer = break_off if is_down else None
            mailbox.is_down = is_down
            if month.kills.total() < kills and hour % kill_every == 0:
                kill_once(month, order, hour, chance)
            assert order(hour, None) == "done"
    assert month.kills.total() == kills


def kill_once(month: Month, order: Order, hour: int, chance: random.Random) -> None:
    """Kill the notifier of this hour, at a step or at a moment by chance."""
    step = chance.choice(["statement", "statement", "answered", "after"])
    at = chance.uniform(0, 0.08) if step == "after" else 1 + chance.randrange(120)
    if step == "answered":
        at = 1
    ended = order(hour, {step: at})
    if ended == "done":  # there were fewer steps than that in this hour
        step, ended = "statement", order(hour, {"statement": 1 + chance.randrange(12)})
    assert ended == "killed"
    month.kills[step] += 1


def break_off(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and say nothing."""
    handler.close_connection = True


def arrivals(receiver: Receiver, mailbox: Mailbox) -> list[tuple[str, str]]:
    """(key, channel) of everything that came in, in the order of each channel."""
    return [(key, "hook") for key in receiver.sent_keys()] + [
        (key, "mail") for key in mailbox.sent_keys()
    ]


def check(month: Month, receiver: Receiver, mailbox: Mailbox) -> None:
    """Nothing missed, nothing twice under two keys, nothing out of order, books agree."""
    outbox = month.told.rows(
        "select idempotency_key as key, fingerprint, number, kind, channel, status from outbox"
    )
    assert {row["status"] for row in outbox} == {"sent"}
    named = {row["key"]: (row["fingerprint"], row["number"], row["channel"]) for row in outbox}
    assert len(set(named.values())) == len(named)

    came = arrivals(receiver, mailbox)
    assert {key for key, _ in came} == set(named)
    assert all(named[key][2] == channel for key, channel in came)
    # Killed after the answer and before it was noted: told again, and by the same key.
    assert len(came) - len(set(came)) >= month.kills["answered"]
    assert_in_order(came, named)
    assert_openings(month, {key for key, _ in came})
    assert_as_if_undisturbed(month)


def assert_in_order(came: list, named: dict) -> None:
    """The first arrivals of an alert in a channel are in the order of its transitions."""
    first = defaultdict(list)
    for key, channel in dict.fromkeys(came):
        fingerprint, number, _ = named[key]
        first[fingerprint, channel].append(number)
    assert all(numbers == sorted(numbers) for numbers in first.values())


def assert_openings(month: Month, keys: set[str]) -> None:
    """Every opening and resolution of an independent count was told, once."""
    rows = month.told.rows(
        "select t.fingerprint, t.kind, t.as_of, o.idempotency_key as key from transitions as t"
        " join outbox as o using (fingerprint, number)"
        " where t.kind in ('opened', 'reopened', 'resolved') order by t.fingerprint, t.number"
    )
    found = defaultdict(list)
    for row in rows:
        assert row["key"] in keys
        kind = row["kind"].replace("reopened", "opened")
        found[row["fingerprint"]].append((kind, row["as_of"]))
    expected = {
        fingerprint: [(kind, stamp(hour)) for kind, hour in changes]
        for fingerprint, changes in expected_changes(month.seed, month.hours).items()
        if changes
    }
    assert found == expected


def stamp(hour: int) -> str:
    return f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00.000000"


def assert_as_if_undisturbed(month: Month) -> None:
    """A book that nobody disturbed has the same alerts and the same transitions."""
    calm = Told(month.told.path.with_name("calm.sqlite"), MONTH)
    for hour in range(month.hours):
        calm.hear(hour, *observations(month.seed, month.hours, hour))
    for sql in (
        "select * from alerts order by fingerprint",
        "select * from transitions order by fingerprint, number",
        "select fingerprint, number, kind, channel from outbox order by 1, 2, 4",
    ):
        assert [tuple(r) for r in month.told.rows(sql)] == [tuple(r) for r in calm.rows(sql)]


@pytest.mark.parametrize(
    ("days", "kills"),
    [(6, 25), pytest.param(30, 100, marks=pytest.mark.long)],
    ids=["six days", "thirty days"],
)
def test_a_month_of_flapping_with_a_notifier_that_is_killed(
    tmp_path: Path, receiver: Receiver, mailbox: Mailbox, days: int, kills: int
) -> None:
    seed = int(os.environ.get("ALERTS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"ALERTS_SEED={seed}")
    month = Month(seed, days * 24, Told(tmp_path / "alerts.sqlite", MONTH))
    live_through(month, receiver, mailbox, kills)
    print(f"kills {dict(month.kills)}, arrivals {len(receiver.posts)} + {len(mailbox.mails)}")
    check(month, receiver, mailbox)

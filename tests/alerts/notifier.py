"""The notifier that is killed: reads orders, one JSON a line, and forks a process for each.

An order: {"hour", "book", "environment", "seed", "hours", "kill"}. kill is null,
{"after": seconds}, {"statement": n} (before the n-th SQL statement) or {"answered": n} (between the
n-th answer of a receiver and its being noted). Answers "killed" or "done", a line each. The fork is
a real process with a real SIGKILL; it only saves the imports.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from alert_book import at
from month import MONTH, observations

from expectations.alerts.book import open_book
from expectations.alerts.channels import open_channel
from expectations.alerts.delivery import Outcome
from expectations.alerts.evaluation import evaluate
from expectations.alerts.sending import send_due


class Countdown:
    """Kills its own process at the n-th call."""

    def __init__(self, n: int | None) -> None:
        self.left = n

    def __call__(self, *_: object) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """A channel that may be killed once the receiver has answered."""

    def __init__(self, channel: Any, answered: Countdown) -> None:
        self.channel = channel
        self.answered = answered

    def deliver(self, notice: Any, now: Any) -> Outcome:
        """Deliver, and perhaps die before anybody knows."""
        outcome: Outcome = self.channel.deliver(notice, now)
        self.answered()
        return outcome


def tick(order: dict[str, Any]) -> None:
    """One evaluation and one pass of the sender."""
    kill = order["kill"] or {}
    answered = Countdown(kill.get("answered"))
    now = at(order["hour"])
    with open_book(Path(order["book"])) as book:
        book.connection.set_trace_callback(Countdown(kill.get("statement")))
        if order["hour"] < order["hours"]:
            seen = observations(order["seed"], order["hours"], int(order["hour"]))
            evaluate(book, seen, as_of=now, now=now, policy=MONTH)
        send_due(
            book,
            order["environment"],
            now,
            lambda name, environment: Watched(open_channel(name, environment), answered),
        )


def main() -> None:
    """Serve orders until the input ends. apprise's plugins are loaded once, before the forks."""
    open_channel("warm", {"PILOTAGE_CHANNEL_WARM": "mailto://127.0.0.1?from=a@b.org&to=c@d.org"})
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            tick(order)
            os._exit(0)
        if (order["kill"] or {}).get("after") is not None:
            time.sleep(order["kill"]["after"])
            os.kill(child, signal.SIGKILL)
        _, ended = os.waitpid(child, 0)
        if os.WIFSIGNALED(ended):
            print("killed", flush=True)
        else:
            print("done" if os.WEXITSTATUS(ended) == 0 else "failed", flush=True)


if __name__ == "__main__":
    main()

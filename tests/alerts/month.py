"""A month of hourly evaluations of rules that flap, by a seed; and what must come of it."""

import random
from dataclasses import replace
from datetime import timedelta
from functools import cache

from alert_book import ERROR, POLICY, SEEN, START

from expectations.alerts.observation import Observation
from expectations.alerts.policy import Policy, Route

RULES = 10
MONTH: Policy = replace(
    POLICY,
    settings={"error": ERROR, "warn": replace(ERROR, open_after=1, resolve_after=1)},
    routes=(Route("marketing", "*", "*", "mail"), Route("*", "*", "*", "hook")),
)


@cache
def verdicts(seed: int, hours: int) -> dict[int, list[bool | None]]:
    """Rule -> verdict per hour: calm, flapping and sometimes not evaluated."""
    chance = random.Random(seed)
    found = {}
    for rule in range(RULES):
        restless = chance.choice([0.02, 0.1, 0.5])
        bad, told = False, []
        for _ in range(hours):
            if chance.random() < restless:
                bad = not bad
            told.append(None if chance.random() < 0.03 else bad)
        found[rule] = told
    return found


def observations(seed: int, hours: int, hour: int) -> list[Observation]:
    """What the evaluation of that hour says."""
    return [
        replace(
            SEEN,
            rule=f"rule_{rule}",
            owner="marketing" if rule % 2 else "sales_ops",
            severity="warn" if rule % 3 == 0 else "error",
            is_bad=told[hour],
        )
        for rule, told in verdicts(seed, hours).items()
    ]


def expected_changes(seed: int, hours: int) -> dict[str, list[tuple[str, int]]]:
    """Fingerprint -> (opened or resolved, hour), by counting verdicts in a row."""
    found = {}
    for rule, told in verdicts(seed, hours).items():
        needed = 1 if rule % 3 == 0 else 2
        fingerprint = replace(SEEN, rule=f"rule_{rule}").fingerprint
        heard: list[bool] = []
        changes: list[tuple[str, int]] = []
        is_open = False
        for hour, verdict in enumerate(told):
            if verdict is None:
                continue
            heard.append(verdict)
            if heard[-needed:] == [not is_open] * needed:
                is_open = not is_open
                changes.append(("opened" if is_open else "resolved", hour))
        found[fingerprint] = changes
    return found


def moment(hour: float) -> object:
    """The instant of an hour of the month."""
    return START + timedelta(hours=hour)

"""What is told again of an alert that stays open: repeats, growth, another severity or route."""

from dataclasses import replace
from pathlib import Path

import pytest
from alert_book import ERROR, POLICY, WARN, Told, seen

from expectations.alerts.policy import Route

BAD, GOOD, UNKNOWN = seen(True), seen(False), seen(None)


def test_repeats_every_24_hours_and_not_much_before(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(22.99, BAD)
    assert told.story() == ["opened"]
    told.hear(25, BAD)
    told.hear(25, BAD)
    told.hear(46.9, BAD)
    assert told.story() == ["opened", "repeated"]
    told.hear(49, UNKNOWN)
    assert told.story() == ["opened", "repeated", "repeated"]


def test_daily_runs_that_start_a_little_earlier_each_day_repeat_every_day(told: Told) -> None:
    """At 6:00, 5:57, 6:20 ...: by the clock less than 24 hours after each other."""
    for day, minutes in enumerate((0, -3, 20, -15, 5, 0, -30)):
        told.hear(24 * day + 6 + minutes / 60, BAD, as_of_hour=24 * day + 24)
    assert told.story() == ["opened", *["repeated"] * 5]


def test_an_error_that_cannot_be_judged_repeats_as_an_error(prompt: Told) -> None:
    """A KPI without cases enough has no severity of its own, and says warn."""
    prompt.hear(0, BAD)
    for day in (1, 2, 3):
        prompt.hear(24 * day, replace(UNKNOWN, severity="warn"))
    assert prompt.story() == ["opened", *["repeated"] * 3]
    assert prompt.alert().seen.severity == "error"


def test_an_error_resolves_as_an_error_though_nothing_good_is_grave(tmp_path: Path) -> None:
    slow_warnings = replace(WARN, resolve_after=5)
    prompt_errors = replace(ERROR, open_after=1, resolve_after=1)
    policy = replace(POLICY, settings={"error": prompt_errors, "warn": slow_warnings})
    told = Told(tmp_path / "alerts.sqlite", policy)
    told.hear(0, BAD)
    told.hear(24, replace(GOOD, severity="warn"))
    assert told.story() == ["opened", "resolved"]
    assert told.alert().seen.severity == "error"


def test_does_not_repeat_while_it_mends(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(30, GOOD)
    told.hear(31, UNKNOWN)
    assert told.story() == ["opened"]


@pytest.mark.parametrize(
    ("count", "story"),
    [(49, ["opened"]), (50, ["opened", "escalated"])],
    ids=["by less than 25 %", "by exactly 25 %"],
)
def test_escalates_when_the_count_grows(told: Told, count: int, story: list[str]) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(2, replace(BAD, failed_count=count))
    assert told.story() == story


def test_growth_counts_from_the_last_notice(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    for hour, count in ((2, 50), (3, 62), (4, 30), (5, 62), (6, 63)):
        told.hear(hour, replace(BAD, failed_count=count))
    assert told.story() == ["opened", "escalated", "escalated"]
    assert told.alert().life.told_count == 63


def test_growth_from_nothing_escalates(told: Told) -> None:
    told.hear(0, replace(BAD, failed_count=0))
    told.hear(1, replace(BAD, failed_count=0))
    told.hear(2, replace(BAD, failed_count=1))
    assert told.story() == ["opened", "escalated"]


def test_a_warning_that_becomes_an_error_is_told_where_errors_go(told: Told) -> None:
    told.hear(0, replace(BAD, severity="warn"))
    assert told.story() == ["opened"]
    assert told.notices() == []
    told.hear(1, BAD)
    assert told.story() == ["opened", "escalated"]
    assert told.notices() == [("escalated", "pager")]


def test_an_escalation_keeps_the_old_thread_and_opens_the_graver_one(tmp_path: Path) -> None:
    at_once = replace(POLICY, settings={"error": ERROR, "warn": replace(WARN, notify="at_once")})
    told = Told(tmp_path / "b.sqlite", at_once)
    told.hear(0, replace(BAD, severity="warn"))
    told.hear(1, BAD)
    told.hear(2, GOOD)
    told.hear(3, GOOD)
    assert told.notices() == [
        ("opened", "chat"),
        ("escalated", "chat"),
        ("escalated", "pager"),
        ("resolved", "chat"),
        ("resolved", "pager"),
    ]


def test_an_error_that_becomes_a_warning_still_resolves_where_it_was_told(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(2, replace(BAD, severity="warn", failed_count=90))
    told.hear(3, replace(GOOD, severity="warn"))
    assert told.notices() == [("opened", "pager"), ("resolved", "pager")]


def test_a_changed_route_does_not_tear_the_thread(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.policy = replace(POLICY, routes=(Route("*", "*", "*", "elsewhere"),))
    told.hear(2, replace(BAD, failed_count=50))
    told.hear(30, BAD)
    told.hear(31, GOOD)
    told.hear(32, GOOD)
    assert {channel for _, channel in told.notices()} == {"pager"}
    told.hear(33, BAD)
    told.hear(34, BAD)
    assert told.notices()[-1] == ("reopened", "elsewhere")

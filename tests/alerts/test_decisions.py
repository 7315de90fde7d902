"""What people decide about an alert: acknowledged, snoozed, resolved by hand."""

from dataclasses import replace

import pytest
from alert_book import SEEN, Told, at, seen

from expectations.alerts.book import open_book
from expectations.alerts.decisions import Person, acknowledge, resolve, snooze
from expectations.errors import ExpectationsError

BAD, GOOD = seen(True), seen(False)


def decide(told: Told, hour: float, what: str, until: float = 0) -> None:
    """A person acknowledges, snoozes or resolves."""
    by = Person("ada", at(hour), "looking")
    with open_book(told.path) as book:
        if what == "acknowledged":
            acknowledge(book, SEEN.fingerprint[:6], by)
        elif what == "snoozed":
            snooze(book, SEEN.fingerprint, by, at(until))
        else:
            resolve(book, SEEN.fingerprint, by, "Acme")


def test_acknowledged_is_not_repeated_but_escalates_and_resolves(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "acknowledged")
    told.hear(50, BAD)
    assert told.story() == ["opened", "acknowledged"]
    told.hear(51, replace(BAD, failed_count=50))
    assert told.story() == ["opened", "acknowledged", "escalated"]
    assert told.alert().life.state == "acknowledged"
    told.hear(52, GOOD)
    told.hear(53, GOOD)
    assert told.notices() == [("opened", "pager"), ("escalated", "pager"), ("resolved", "pager")]


def test_snoozed_is_silent_until_then_and_told_again_if_still_bad(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "snoozed", until=40)
    told.hear(39, replace(BAD, failed_count=45))
    assert told.story() == ["opened", "snoozed"]
    told.hear(40, replace(BAD, failed_count=45))
    assert told.story() == ["opened", "snoozed", "repeated"]
    assert told.alert().life.state == "open"
    assert told.alert().life.snoozed_until is None


def test_a_snooze_hides_a_growth_until_it_ends(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "snoozed", until=40)
    told.hear(39, replace(BAD, failed_count=400))
    told.hear(41, replace(BAD, failed_count=400))
    assert told.story() == ["opened", "snoozed", "escalated"]


def test_a_resolution_during_the_snooze_resolves(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "snoozed", until=400)
    told.hear(3, GOOD)
    told.hear(4, GOOD)
    assert told.story() == ["opened", "snoozed", "resolved"]
    assert told.notices() == [("opened", "pager"), ("resolved", "pager")]


def test_a_snooze_that_ends_while_it_mends_says_nothing(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "snoozed", until=10)
    told.hear(11, GOOD)
    assert told.story() == ["opened", "snoozed"]
    told.hear(12, BAD)
    assert told.story() == ["opened", "snoozed", "repeated"]


def test_resolved_by_hand_closes_the_thread_and_comes_back_after_n(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "resolved")
    assert told.notices() == [("opened", "pager"), ("resolved", "pager")]
    told.hear(3, BAD, as_of_hour=1)
    assert told.alert().life.state == "resolved"
    told.hear(4, BAD)
    assert told.alert().life.state == "pending"
    told.hear(5, BAD)
    assert told.story() == ["opened", "resolved", "reopened"]


def test_what_people_decide_is_kept(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    decide(told, 2, "acknowledged")
    decide(told, 3, "snoozed", until=9)
    decide(told, 4, "resolved")
    kept = told.rows("select decision, decided_by, decided_at, until, note, number from decisions")
    assert [tuple(row) for row in kept] == [
        ("acknowledged", "ada", "2026-01-01T02:00:00.000000", None, "looking", 2),
        (
            "snoozed",
            "ada",
            "2026-01-01T03:00:00.000000",
            "2026-01-01T09:00:00.000000",
            "looking",
            3,
        ),
        ("resolved", "ada", "2026-01-01T04:00:00.000000", None, "looking", 4),
    ]
    assert told.story() == ["opened", "acknowledged", "snoozed", "resolved"]


def test_there_is_nothing_to_decide_about_what_is_not_open(told: Told) -> None:
    told.hear(0, BAD)
    with pytest.raises(ExpectationsError, match="is pending"):
        decide(told, 1, "acknowledged")
    with (
        pytest.raises(ExpectationsError, match="No alerts have an id"),
        open_book(told.path) as book,
    ):
        acknowledge(book, "ffff0000", Person("ada", at(1)))
    assert told.story() == []

"""How an alert opens, resolves and comes back, with the answer worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from alert_book import CANARY, POLICY, PROMPT, SEEN, Told, at, seen

from expectations.alerts.book import open_book
from expectations.alerts.evaluation import tell
from expectations.errors import ExpectationsError

BAD, GOOD, UNKNOWN = seen(True), seen(False), seen(None)


def test_opens_after_n_bad_and_resolves_after_m_good(told: Told) -> None:
    told.hear(0, BAD)
    assert told.alert().life.state == "pending"
    assert told.hear(1, BAD).moved == {"opened": 1}
    assert told.alert().life.state == "open"
    told.hear(2, GOOD)
    assert told.alert().life.state == "open"
    assert told.hear(3, GOOD).moved == {"resolved": 1}
    assert told.story() == ["opened", "resolved"]
    assert told.notices() == [("opened", "pager"), ("resolved", "pager")]


def test_a_good_one_between_starts_the_count_anew(told: Told) -> None:
    for hour, what in enumerate((BAD, GOOD, BAD, GOOD, BAD)):
        told.hear(hour, what)
    assert told.alert().life.state == "pending"
    assert told.story() == []
    told.hear(5, BAD)
    told.hear(6, GOOD)
    told.hear(7, BAD)
    told.hear(8, GOOD)
    assert told.story() == ["opened"]


def test_what_was_never_bad_leaves_no_entry(told: Told) -> None:
    told.hear(0, GOOD)
    told.hear(1, UNKNOWN)
    assert told.rows("select * from alerts") == []


def test_comes_back_as_reopened(told: Told) -> None:
    for hour, what in enumerate((BAD, BAD, GOOD, GOOD, BAD)):
        told.hear(hour, what)
    assert told.alert().life.state == "pending"
    told.hear(5, BAD)
    assert told.story() == ["opened", "resolved", "reopened"]
    assert told.alert().life.reopened_n == 1
    assert told.alert().life.first_bad_as_of == at(4)
    told.hear(6, GOOD)
    told.hear(7, GOOD)
    told.hear(8, BAD)
    told.hear(9, GOOD)
    assert told.alert().life.state == "resolved"


def test_the_same_as_of_counts_once_and_updates_details(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, replace(BAD, failed_count=44), as_of_hour=0)
    assert told.alert().life.state == "pending"
    assert told.alert().seen.failed_count == 44
    told.hear(2, BAD)
    told.hear(3, GOOD)
    told.hear(4, GOOD, as_of_hour=3)
    assert told.alert().life.state == "open"


def test_the_same_as_of_corrects_its_verdict(told: Told) -> None:
    """A run that failed and was mended is repeated for the same as_of: the newer verdict holds."""
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(2, GOOD)
    told.hear(3, BAD, as_of_hour=2)
    assert told.alert().life.bad_streak == 3
    told.hear(4, GOOD, as_of_hour=2)
    told.hear(5, GOOD)
    assert told.story() == ["opened", "resolved"]


def test_an_older_as_of_changes_nothing_and_says_so(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(5, BAD)
    before = told.rows("select * from alerts")[0]
    late = told.hear(6, replace(GOOD, failed_count=0), as_of_hour=4)
    assert late.is_ignored
    assert "2026-01-01T05:00:00Z has been heard" in late.message
    assert tuple(told.rows("select * from alerts")[0]) == tuple(before)


def test_a_day_that_has_not_come_changes_nothing_and_mutes_no_day_before_it(told: Told) -> None:
    """A year mistyped would be the newest day for a year, and all others older."""
    mistyped = told.hear(0, BAD, as_of_hour=24 * 300)
    assert mistyped.is_ignored
    assert "has not come" in mistyped.message
    assert told.rows("select * from evaluations") == []
    told.hear(1, BAD)
    told.hear(2, BAD)
    assert told.story() == ["opened"]


@pytest.mark.parametrize("silence", [(UNKNOWN,), ()], ids=["not evaluated", "not observed"])
def test_not_evaluated_neither_opens_nor_resolves(told: Told, silence: tuple) -> None:
    told.hear(0, BAD)
    told.hear(1, *silence)
    assert told.alert().life.state == "pending"
    told.hear(2, BAD)
    assert told.alert().life.state == "open"
    for hour in range(3, 10):
        told.hear(hour, *silence)
    assert told.alert().life.state == "open"
    assert told.alert().life.stale_since == at(3)
    told.hear(10, GOOD)
    assert told.alert().life.stale_since is None
    told.hear(11, *silence)
    assert told.alert().life.state == "open"
    told.hear(12, GOOD)
    assert told.alert().life.state == "resolved"


def test_a_rule_that_left_the_desk_takes_its_alert_with_it(told: Told) -> None:
    other = replace(BAD, family="keys", rule="keys__accounts")
    for hour in (0, 1):
        told.hear(hour, BAD, other)
    still_there = {"mandatory_fields": {"next_step"}, "fill_rate": set()}
    told.hear(2, desk_rules=still_there)
    told.hear(3, desk_rules=still_there)
    assert told.alert().life.state == "open"
    deleted = {"mandatory_fields": {"competitor"}, "fill_rate": set()}
    told.hear(4, desk_rules=deleted)
    assert told.alert().life.state == "open"
    told.hear(5, desk_rules=deleted)
    assert told.alert().life.state == "resolved"
    assert told.story() == ["opened", "resolved"]
    # What does not stand on the desk cannot be taken off it.
    assert told.alert(other).life.state == "open"


def test_a_threshold_that_asks_otherwise_takes_its_old_alerts_with_it(told: Told) -> None:
    team = replace(BAD, family="fill_rate", rule="filling", scope="team:North")
    for hour in (0, 1):
        told.hear(hour, team)
    rules = {"fill_rate": {"filling"}}
    # A team of which nothing can be told this time is not one that is asked no more.
    for hour in (2, 3):
        told.hear(hour, replace(team, scope="team:South", is_bad=False), desk_rules=rules)
    assert told.alert(team).life.state == "open"
    for hour in (4, 5):
        told.hear(hour, replace(team, scope="company", is_bad=False), desk_rules=rules)
    assert told.alert(team).life.state == "resolved"


def test_not_evaluated_keeps_the_details(told: Told) -> None:
    told.hear(0, BAD)
    told.hear(1, BAD)
    told.hear(2, replace(UNKNOWN, failed_count=0, title="not judged"))
    assert told.alert().seen.failed_count == 40
    assert told.alert().seen.title == SEEN.title


def test_flaps_when_it_changes_too_often_within_the_window(tmp_path: Path) -> None:
    told = Told(tmp_path / "b.sqlite", PROMPT)
    flags = []
    for hour, what in enumerate((BAD, GOOD, BAD, GOOD, BAD)):
        told.hear(hour, what)
        flags.append(told.alert().is_flapping)
    assert flags == [False, False, False, True, True]
    # The window is 48 h, open at its beginning: at 49 h the changes at 2, 3 and 4 h are left.
    told.hear(48.5, BAD)
    assert told.alert().is_flapping
    told.hear(49, BAD)
    assert not told.alert().is_flapping


def test_the_same_call_twice_writes_nothing_twice(told: Told) -> None:
    for _ in range(2):
        told.hear(0, BAD)
        told.hear(1, BAD)
    told.hear(1, BAD)
    assert told.notices() == [("opened", "pager")]


def test_a_rule_that_is_judged_twice_is_refused(told: Told) -> None:
    with pytest.raises(ExpectationsError, match="judged twice"):
        told.hear(0, BAD, replace(BAD, severity="warn"))
    assert told.rows("select * from evaluations") == []


def test_a_failed_run_opens_at_once_and_leaves_the_evaluations_alone(told: Told) -> None:
    run = seen(
        True, family="run", rule="run", entity="run", field="", owner="data", title="Failed."
    )
    with open_book(told.path) as book:
        assert tell(book, [run], now=at(0), policy=POLICY).moved == {"opened": 1}
    told.hear(1, BAD)
    told.hear(2, BAD)
    assert told.alert(run).life.stale_since is None
    assert told.alert().life.state == "open"
    with open_book(told.path) as book:
        mended = replace(run, is_bad=False)
        assert tell(book, [mended], now=at(3), policy=POLICY).moved == {"resolved": 1}


def test_details_are_bounded_and_of_one_line(told: Told) -> None:
    wild = replace(
        BAD,
        title="a\r\nBcc: x@y.z\u202e" + "x" * 400,
        trend=tuple(range(12)),
        record_ids=tuple("abcdefgh"),
    )
    told.hear(0, replace(wild, trend=(float("nan"), 1.0)))
    assert told.alert().seen.trend == (None, 1.0)
    told.hear(1, wild)
    kept = told.alert().seen
    assert kept.title.startswith("a Bcc: x@y.z x")
    assert len(kept.title) == 300
    assert kept.trend == (4, 5, 6, 7, 8, 9, 10, 11)
    assert kept.record_ids == ("a", "b", "c", "d", "e")


def test_a_fingerprint_knows_neither_day_nor_severity() -> None:
    other = replace(SEEN, severity="warn", since=date(2026, 1, 1), title="x", owner="y", family="z")
    assert other.fingerprint == SEEN.fingerprint
    assert {
        replace(SEEN, **{name: "x"}).fingerprint for name in ("rule", "entity", "field", "scope")
    }.isdisjoint({SEEN.fingerprint})
    assert replace(SEEN, rule="a", entity="bc").fingerprint != (
        replace(SEEN, rule="ab", entity="c").fingerprint
    )


def test_what_was_seen_comes_back_as_it_was(told: Told) -> None:
    full = replace(BAD, since=date(2025, 9, 18), money_at_risk=Decimal("0.10"))
    told.hear(0, full)
    assert told.alert().seen == full
    assert CANARY not in str(told.rows("select * from alerts")[0])

"""AS_OF: the end of a local day, never the clock's."""

from datetime import date, datetime

import pytest

from orchestration.as_of import AsOfError, end_of_day, resolve_as_of

FIRST = datetime(2025, 1, 10, 21, 30)  # noqa: DTZ001 - UTC without zone, as everywhere
LAST = datetime(2025, 12, 31, 23, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2025-12-31", "Europe/Paris", "2025-12-31 23:00:00"),
        ("2025-07-14", "Europe/Paris", "2025-07-14 22:00:00"),
        # The nights in which the clocks change: the day has 23 or 25 hours.
        ("2025-03-29", "Europe/Paris", "2025-03-29 23:00:00"),
        ("2025-03-30", "Europe/Paris", "2025-03-30 22:00:00"),
        ("2025-10-26", "Europe/Paris", "2025-10-26 23:00:00"),
        ("2025-12-31", "America/New_York", "2026-01-01 05:00:00"),
        ("2025-12-31", "UTC", "2026-01-01 00:00:00"),
    ],
)
def test_a_day_ends_at_the_next_local_midnight(day, zone, instant):
    assert end_of_day(date.fromisoformat(day), zone).as_of_at == instant


def test_without_as_of_a_run_stands_at_the_end_of_the_newest_deliverys_local_day():
    # 23:30 in UTC is half past midnight of the new year in Paris.
    assert resolve_as_of("", "Europe/Paris", FIRST, LAST).day == date(2026, 1, 1)
    assert resolve_as_of("", "UTC", FIRST, LAST).day == date(2025, 12, 31)


def test_the_day_of_the_first_delivery_can_be_asked_for():
    assert resolve_as_of("2025-01-10", "UTC", FIRST, LAST).as_of_at == "2025-01-11 00:00:00"


@pytest.mark.parametrize(
    "text", ["31/12/2025", "2025-13-01", "2025-02-29", "20251231", "yesterday", "2025-12-31 "]
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(AsOfError, match="no day") as caught:
        resolve_as_of(text, "UTC", FIRST, LAST)
    assert "YYYY-MM-DD" in str(caught.value)


def test_the_last_day_of_the_calendar_has_no_end():
    with pytest.raises(AsOfError, match="9999-12-31 is the last day") as caught:
        end_of_day(date(9999, 12, 31), "Europe/Paris")
    assert "what to do" in str(caught.value)


def test_a_day_before_the_first_load_is_refused():
    with pytest.raises(AsOfError, match="before the first load") as caught:
        resolve_as_of("2025-01-09", "UTC", FIRST, LAST)
    assert "2025-01-10" in str(caught.value)


def test_a_day_more_than_a_year_after_the_newest_delivery_is_refused():
    assert resolve_as_of("2027-01-01", "UTC", FIRST, LAST).day == date(2027, 1, 1)
    for text in ("2027-01-02", "9999-12-31"):
        with pytest.raises(AsOfError, match="after the newest delivery") as caught:
            resolve_as_of(text, "UTC", FIRST, LAST)
        assert "2025-12-31" in str(caught.value)

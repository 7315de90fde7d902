"""AS_OF: the one instant that a run stands at. Never taken from the clock."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.errors import PilotageError

LONGEST_SILENCE = timedelta(days=366)


class AsOfError(PilotageError):
    """An AS_OF that is no day, or that lies before anything was known."""


@dataclass(frozen=True)
class AsOf:
    """The end of a local day. `instant` is UTC without zone, and exclusive."""

    day: date
    instant: datetime

    @property
    def as_of_at(self) -> str:
        """The instant as dbt's var gives it."""
        return self.instant.strftime("%Y-%m-%d %H:%M:%S")


def end_of_day(day: date, business_tz: str) -> AsOf:
    """The instant at which the local day ends: the next local midnight.

    Raises AsOfError for the last day of the calendar, which has none.
    """
    if day == date.max:
        raise AsOfError(
            f"AS_OF {day} is the last day that can be written: it has no end.",
            where="AS_OF (--as-of)",
            remedy="Give a day of your own time, for example 2025-12-31.",
        )
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(business_tz))
    return AsOf(day, midnight.astimezone(UTC).replace(tzinfo=None))


def read_day(text: str, name: str = "AS_OF", option: str = "--as-of") -> date:
    """A day written YYYY-MM-DD, nothing else. Raises AsOfError, which names what was asked for."""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise AsOfError(
            f"{name} is {text!r}, which is no day.",
            where=f"{name} ({option})",
            remedy="Write the day as YYYY-MM-DD, for example 2025-12-31.",
        ) from error


def resolve_as_of(text: str | None, business_tz: str, oldest: datetime, newest: datetime) -> AsOf:
    """The end of the day asked for; none asked: of the day of the newest delivery.

    oldest, newest: instants of the first and last extraction (UTC, without zone).
    Raises AsOfError for what is no day, for a day that ends before the first load, and for one that
    lies more than a year after the last: it would be a slip of the keyboard.
    """
    last = local_day(newest, business_tz)
    day = read_day(text) if text else last
    if day > last + LONGEST_SILENCE:
        raise AsOfError(
            f"AS_OF {day} is more than a year after the newest delivery: nothing is known of then.",
            where="AS_OF (--as-of)",
            remedy=f"Give {last} (the day of the newest delivery) or a day of the year after it.",
        )
    as_of = end_of_day(day, business_tz)
    if as_of.instant <= oldest:
        first = local_day(oldest, business_tz)
        raise AsOfError(
            f"AS_OF {as_of.day} is before the first load: nothing was known then.",
            where="AS_OF (--as-of)",
            remedy=f"Give {first} (the day of the first delivery) or a later day.",
        )
    return as_of


def local_day(instant: datetime, business_tz: str) -> date:
    """The local day on which an instant (UTC, without zone) falls."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(business_tz)).date()

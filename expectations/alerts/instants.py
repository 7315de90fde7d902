"""Instants as the book keeps them, and the local days that people read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc(instant: datetime) -> datetime:
    """The instant as UTC without zone; one without zone is taken to be UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def kept(instant: datetime | None) -> str | None:
    """The instant as text of one width, so that the order of texts is the order of time."""
    return None if instant is None else utc(instant).isoformat(timespec="microseconds")


def read_kept(text: str | None) -> datetime | None:
    """The inverse of `kept`."""
    return None if text is None else datetime.fromisoformat(text)


def stamp(instant: datetime) -> str:
    """The instant as RFC 3339 writes it, to the second: 2026-01-31T08:00:00Z."""
    return f"{utc(instant).isoformat(timespec='seconds')}Z"


def local_day(instant: datetime, zone: str) -> date:
    """The local day on which an instant falls."""
    return utc(instant).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def day_before(as_of: datetime, zone: str) -> date:
    """The last local day that ends at or lies before an exclusive instant."""
    return local_day(utc(as_of) - timedelta(microseconds=1), zone)


def end_of_day(day: date, zone: str) -> datetime:
    """The instant (UTC) at which a local day ends: the next local midnight."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return utc(midnight)

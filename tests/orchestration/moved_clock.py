"""`pilotage` with another clock: moved_clock.py <instant> <arguments>. The instant is that of the
start; from then on the clock goes on.

What is moved is what the product itself reads, wherever its code asks `datetime.now`: nobody moves
the clock of the system without rights of root, or a library that need not be there. File times are
those of the system, and dbt and other libraries are left alone.
"""

import importlib
import sys
from datetime import UTC, datetime, timedelta, tzinfo

from orchestration.places import ROOT

ROOMS = ("ingest", "expectations", "serving", "orchestration")


def moved(by: timedelta) -> type[datetime]:
    """A datetime whose `now` is so much away from the system's."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return (datetime.now(UTC) + by).astimezone(tz)

    return Moved


def move_clock(by: timedelta) -> int:
    """Give each module that asks for the time the moved one; how many these are."""
    readers = [
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "datetime.now(" in path.read_text(encoding="utf-8")
    ]
    for path in readers:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        importlib.import_module(name).datetime = moved(by)  # type: ignore[attr-defined]
    return len(readers)


if __name__ == "__main__":
    start = datetime.fromisoformat(sys.argv.pop(1))
    assert move_clock(start - datetime.now(UTC)), "nothing of the product asks for the time"
    from orchestration.cli import app

    app()

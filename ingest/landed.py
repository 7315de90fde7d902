"""What has landed of a table's deliveries, and which of those that lie there are corrections.

A file that is overwritten under its name is a correction of what landed under it. It lands a
microsecond after all that has landed of its instant: so it stays on its day, it is the last word
there, and however often a file is corrected, no two loads share an instant that tells them apart.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ingest.delivery import Delivery
from ingest.lake import Load
from ingest.tables import Table

CORRECTION = "CORRECTION"
# Paths tell instants to the second: what lies between two of them are corrections.
FINEST = timedelta(seconds=1)


class Landed:
    """The loads of one table; replays are none, what they read again stands under its load."""

    def __init__(self, table: Table, loads: Iterable[Load]) -> None:
        self.is_full = table.terms.mode == "full"
        self.newest: datetime | None = None
        self.loads: list[Load] = []
        self.by_name: dict[str, list[Load]] = defaultdict(list)
        self.by_content: dict[str, list[Load]] = defaultdict(list)
        for load in loads:
            if not load.replay_of:
                self.add(load)

    def add(self, load: Load) -> None:
        """Take note of one more."""
        self.loads.append(load)
        self.by_name[load.source_file].append(load)
        self.by_content[load.content_sha256].append(load)
        self.newest = max(self.newest or load.extracted_at, load.extracted_at)

    def load_of(self, delivery: Delivery, content_sha256: str) -> Load | None:
        """The load of a delivery that has landed: the last under its name, if that holds the same.

        Under a new name it has landed where the same did at the same instant.
        """
        under_name = self._last_under_name(delivery)
        if self.is_undecided(delivery) and not self._is_over(delivery):
            return None
        found = under_name or _of_instant(delivery, self.by_content[content_sha256])
        return next((load for load in found if load.content_sha256 == content_sha256), None)

    def is_undecided(self, delivery: Delivery) -> bool:
        """Whether nothing tells which load under its name was the last: until corrections had an
        instant of their own, two of one name shared theirs."""
        return len(self._last_under_name(delivery)) > 1

    def as_it_lands(self, delivery: Delivery) -> Delivery:
        """The delivery as it is, or, of a name that has landed, as the correction that it is."""
        if not self._last_under_name(delivery):
            return delivery
        newest = max(load.extracted_at for load in _of_instant(delivery, self.loads))
        at = newest + timedelta(microseconds=1)
        return replace(delivery, extracted_at=at, is_correction=True)

    def _last_under_name(self, delivery: Delivery) -> list[Load]:
        found = _of_instant(delivery, self.by_name[delivery.name])
        last = max((load.extracted_at for load in found), default=None)
        return [load for load in found if load.extracted_at == last]

    def _is_over(self, delivery: Delivery) -> bool:
        """Whether a newer full export has told since what is so: it could only be refused."""
        after = delivery.extracted_at + FINEST
        return self.is_full and self.newest is not None and self.newest >= after


def _of_instant(delivery: Delivery, loads: Iterable[Load]) -> list[Load]:
    """Those that a delivery's own instant, or a correction of it, has brought."""
    first = delivery.extracted_at
    return [load for load in loads if first <= load.extracted_at < first + FINEST]

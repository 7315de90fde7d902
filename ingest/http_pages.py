"""The pages of one endpoint put together: what moves between two is noticed where it can be, and as
many items came as the API says it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.http_answers import AnswerError, pick

# Ways of paging that do not tell by themselves which page is the last.
COUNTED = ("page", "offset")


@dataclass
class Pages:
    """What came so far, by a kind of paging.

    keys: dotted paths to what an item is known by; whoever gives them notices what comes twice.
    """

    kind: str
    keys: Sequence[str]
    count: int = 0
    first_total: int | None = None
    total: int | None = None
    ended_with: list[Any] = field(default_factory=list)

    def add(self, found: list[Any], total: int | None) -> list[Any]:
        """Return what the next page brings. AnswerError where items moved meanwhile.

        What is gone let others move up into a page that had been read. What is new moves them down:
        they come twice, which can be seen where they have keys.
        """
        before, self.total = self.total, total
        if self.first_total is None:
            self.first_total = total
        has_grown = before is not None and total is not None and total > before
        if before not in (None, total) and not (has_grown and self.keys):
            raise AnswerError(
                f"the API said that it has {before} items, then {total}:"
                " they changed while they were read; run again"
            )
        if self.kind == "offset":
            found = self._beyond_the_overlap(found)
        self.count += len(found)
        return found

    def _beyond_the_overlap(self, found: list[Any]) -> list[Any]:
        """The total may be the same: one item went, another came, and a third moved up unread."""
        if not self.ended_with:
            self.ended_with = found[-1:]
            return found
        if self._known_by(found[:1]) != self._known_by(self.ended_with):
            raise AnswerError(
                f"the page after {self.count} items does not begin with the last of them: they"
                " moved while they were read, then run again; or the API takes only multiples of"
                " limit as offset, then declare `kind: page`"
            )
        self.ended_with = found[-1:]
        return found[1:]

    def _known_by(self, items: list[Any]) -> list[Any]:
        try:
            return [[pick(item, key) for key in self.keys] or item for item in items]
        except KeyError:
            return items

    def is_last(self) -> bool:
        """Whether all are there, where only their number tells it."""
        return self.kind in COUNTED and self.total is not None and self.count >= self.total

    def check_whole(self) -> None:
        """AnswerError where fewer came than the API says it has."""
        # A cursor may have passed the place where an item was added; a page meets it, or another.
        promised = self.total if self.kind in COUNTED else self.first_total
        if promised is not None and self.count < promised:
            raise AnswerError(f"the API says it has {promised} items, but gave {self.count}")

"""The pages of one endpoint put together: as many items came as the API says it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.http_answers import AnswerError

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

    def add(self, found: list[Any], total: int | None) -> list[Any]:
        """Return what the next page brings. AnswerError where the total tells that items moved.

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
        self.count += len(found)
        return found

    def is_last(self) -> bool:
        """Whether all are there, where only their number tells it."""
        return self.kind in COUNTED and self.total is not None and self.count >= self.total

    def check_whole(self) -> None:
        """AnswerError where fewer came than the API says it has."""
        # A cursor may have passed the place where an item was added; a page meets it, or another.
        promised = self.total if self.kind in COUNTED else self.first_total
        if promised is not None and self.count < promised:
            raise AnswerError(f"the API says it has {promised} items, but gave {self.count}")

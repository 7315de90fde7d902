"""placeholders.csv: what people type to get past a form. It counts as empty."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from expectations.desk_files import read_day, read_rows
from expectations.kinds import Kind
from expectations.texts import comparable_text


@dataclass(frozen=True)
class Placeholders:
    """The texts that say nothing, comparable; numbers and days among them as such, too."""

    texts: tuple[str, ...]

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """Those that are numbers, each once: 0 and 0.00 are one."""
        found = {number for number in map(number_of, self.texts) if number is not None}
        return tuple(sorted(found))

    @property
    def days(self) -> tuple[date, ...]:
        """Those that are days."""
        found = {day for day in map(day_of, self.texts) if day is not None}
        return tuple(sorted(found))

    def hold(self, text: str, kind: Kind) -> bool:
        """Whether a value of that kind, written so, counts as empty."""
        if kind == "number":
            return number_of(text) in self.numbers
        if kind in {"day", "instant"}:
            return day_of(text) in self.days
        number = number_of(text)
        return comparable_text(text) in self.texts or (
            number is not None and number in self.numbers
        )


def read_placeholders(desk: Path) -> Placeholders:
    """The placeholders of a desk, each once, in order."""
    rows = read_rows(desk / "placeholders.csv", ("placeholder",))
    return Placeholders(
        tuple(sorted({comparable_text(r["placeholder"].text) for r in rows} - {""}))
    )


def number_of(text: str) -> Decimal | None:
    """The number that a text writes; None where it writes none."""
    try:
        number = Decimal(comparable_text(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def day_of(text: str) -> date | None:
    """The day that a text writes as 2025-01-31; None where it writes none."""
    try:
        return read_day(comparable_text(text))
    except ValueError:
        return None

"""The shape of the desk's CSV files: rows of cells that know where they stand."""

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from expectations.errors import ExpectationsError

Value = TypeVar("Value")

# File -> columns that it had once, and where they belong now: who deletes them loses what they say.
_MOVED = {
    "segments.csv": (
        ("industries", "criteria_since"),
        "segment_criteria.csv, a line segment_id,industries,since per segment (see CHANGELOG.md)",
    )
}

# What a complaint does not quote, as it goes out with the alert of a run: who pastes an address
# (of a channel, say) into a desk file may paste a secret with it.
_ADDRESS = re.compile(r"\S*://\S*")


@dataclass(frozen=True)
class Cell:
    """One value of a desk file, trimmed, and where it stands; line 1 is the header."""

    path: Path
    line: int
    column: str
    text: str

    @property
    def where(self) -> str:
        """File, line and column."""
        return f"{self.path}, line {self.line}, column {self.column}"

    @property
    def items(self) -> tuple[str, ...]:
        """The texts of a list written a|b|c, each once, in the order given."""
        return tuple(dict.fromkeys(filter(None, (part.strip() for part in self.text.split("|")))))

    def wrong(self, complaint: str, remedy: str) -> ExpectationsError:
        """The error that says what is wrong with the value, where, and what to do."""
        return ExpectationsError(
            f"{shown(self.text)} {_ADDRESS.sub('an address', complaint)}.", self.where, remedy
        )

    def read(self, read: Callable[[str], Value], kind: str, remedy: str) -> Value | None:
        """The value, None where the cell is empty. Raises ExpectationsError where it is no such."""
        if not self.text:
            return None
        try:
            return read(self.text)
        except (ValueError, InvalidOperation):
            raise self.wrong(f"is no {kind}", remedy) from None

    def read_day(self) -> date | None:
        """The day written as 2025-01-31."""
        return self.read(read_day, "day", "Write it as 2025-01-31, or leave it empty.")

    def read_count(self) -> int | None:
        """A whole number from 0 to 99,999: days beyond it lie in no calendar."""
        return self.read(read_count, "whole number", "Write a number such as 3, or leave it empty.")

    def one_of(self, known: Sequence[str], what: str) -> str:
        """The text, which must be one of those known."""
        if self.text not in known:
            complaint = f"is no {what}{nearest(self.text, known)}"
            raise self.wrong(complaint, f"Use one of: {', '.join(known)}.")
        return self.text


def shown(text: str) -> str:
    """A text of the desk in quotes; an address is only called one."""
    return "An address" if _ADDRESS.search(text) else repr(text)


def read_day(text: str) -> date:
    """A day in its ISO form 2025-01-31 and no other. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def read_count(text: str) -> int:
    """A whole number from 0 to 99,999. Raises ValueError."""
    if not re.fullmatch(r"\d{1,5}", text):
        raise ValueError(text)
    return int(text)


def read_number(text: str) -> Decimal:
    """A number written with a decimal point and nothing else. Raises ValueError."""
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise ValueError(text)
    return Decimal(text)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint " (did you mean 'x'?)" where a known name resembles the one given, else nothing."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def read_rows(
    path: Path, columns: Sequence[str], *, only_these: bool = False
) -> Iterator[dict[str, Cell]]:
    """The rows of one desk file, column -> cell.

    Raises ExpectationsError for a file that is missing, not UTF-8 or lacks a column, for a line of
    another length than the header, and, if asked, for a column that is not among those named.
    """
    lines = _lines(path, _text(path, columns))
    _, first = next(lines, (1, []))
    header = [name.strip() for name in first]
    if len(header) == 1 and ";" in header[0]:
        raise ExpectationsError(
            "The columns are parted by semicolons.",
            f"{path}, line 1",
            "Part them by commas (in a spreadsheet with a decimal comma: save as 'CSV UTF-8', then "
            "replace the semicolons).",
        )
    _check_header(path, header, columns, only_these)
    for line, values in lines:
        if len(values) != len(header):
            raise ExpectationsError(
                f"The line has {len(values)} values, the header {len(header)}.",
                f"{path}, line {line}",
                "Put a text that holds a comma between double quotes.",
            )
        cells = zip(header, values, strict=True)
        yield {name: Cell(path, line, name, text.strip()) for name, text in cells}


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and values of each line that has any.

    A quote that is never closed would swallow the lines below it: no value has a line break.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for values in reader:
            if any("\n" in value or "\r" in value for value in values):
                raise csv.Error("a value has a line break")
            if values:
                yield reader.line_num, values
    except csv.Error as error:
        raise ExpectationsError(
            f"The quotes are not in order: {error}.",
            f"{path}, line {reader.line_num} or above",
            "Put a text between two double quotes, and write a quote within it twice.",
        ) from error


def _text(path: Path, columns: Sequence[str]) -> str:
    if not path.is_file():
        raise ExpectationsError(
            f"The desk file {path.name} is missing.",
            str(path),
            f"Add it with the header: {','.join(columns)}",
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExpectationsError(
            "The desk file is not UTF-8.",
            f"{path}, byte {error.start + 1}",
            "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
        ) from error


def _check_header(path: Path, header: list[str], columns: Sequence[str], only_these: bool) -> None:
    complaints = [
        f"The column {shown(name)} is unknown{nearest(name, columns)}."
        for name in header
        if only_these and name not in columns
    ]
    complaints += [f"The column {name!r} is missing." for name in columns if name not in header]
    if len(set(header)) < len(header):
        complaints.append("A column comes twice.")
    if complaints:
        remedy = f"{_moves(path, header)}Use exactly these columns: {','.join(columns)}"
        raise ExpectationsError(complaints[0], f"{path}, line 1", remedy)


def _moves(path: Path, header: list[str]) -> str:
    """Where to move what the columns of an older release say; nothing where there are none."""
    columns, place = _MOVED.get(path.name, ((), ""))
    names = [name for name in header if name in columns]
    return f"Move what {' and '.join(names)} say to {place}. " if names else ""

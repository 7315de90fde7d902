"""The slow, byte-accounting reader of delimited text.

It splits bytes into records so that every byte belongs to exactly one of them, and says of each
record whether it can be read. It is the independent count against which the fast reader is held,
and the reader itself when the two disagree.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

MAX_RECORD_BYTES = 2_000_000
QUOTES_DO_NOT_FIT = "quotes do not fit: unclosed, or text after a closing quote"


class Record(NamedTuple):
    """One record: its first physical line (1-based), its bytes, why it cannot be read if so."""

    line_number: int
    raw: bytes
    fault: str | None


# Records with their numbers in the delivery, from 1.
Numbered = Iterator[tuple[int, Record]]


class _Line(NamedTuple):
    number: int
    raw: bytes
    # A line that was swallowed by an unclosed quote and given back: trust no stray quote in it.
    is_suspect: bool


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart. `quote` may be empty: then nothing is quoted."""

    delimiter: str
    quote: str

    def fields(self, text: str, is_suspect: bool = False) -> list[str] | None:
        """Split one record without its line end; None when its quotes do not fit."""
        if not self.quote or self.quote not in text:
            return text.split(self.delimiter)
        bare = rf"[^{re.escape(self.delimiter)}]*"
        if is_suspect:
            bare = rf"[^{re.escape(self.delimiter + self.quote)}]*"
        mark = re.escape(self.quote)
        field = re.compile(rf"{mark}((?:[^{mark}]|{mark}{mark})*){mark}|((?!{mark}){bare})")
        return self._cut(text, field)

    def _cut(self, text: str, field: re.Pattern[str]) -> list[str] | None:
        found, position = [], 0
        while True:
            match = field.match(text, position)
            if match is None:
                return None
            quoted = match[1]
            found.append(match[2] if quoted is None else quoted.replace(self.quote * 2, self.quote))
            position = match.end()
            if position == len(text):
                return found
            if text[position] != self.delimiter:
                return None
            position += 1


def line_text(raw: bytes) -> str:
    """Return a record as text without its line end. UnicodeDecodeError when it is not UTF-8."""
    return raw.removesuffix(b"\n").removesuffix(b"\r").decode()


def split(file: BinaryIO, dialect: Dialect, width: int) -> Iterator[Record]:
    """Yield every record that is not blank. `width` is the number of fields of a good one.

    A record whose quotes do not fit costs its first line only: the lines after it are read anew,
    so that one unclosed quote does not take the rest of the file with it.
    """
    lines = _Lines(file)
    quote = dialect.quote.encode()
    while line := lines.take():
        if not line.raw.strip(b"\r\n"):
            continue
        if not quote or quote not in line.raw:
            yield Record(line.number, line.raw, fault_of(line.raw, dialect, width, line.is_suspect))
            continue
        whole = _joined(line, lines, quote)
        raw = b"".join(one.raw for one in whole)
        fault = fault_of(raw, dialect, width, line.is_suspect)
        if len(whole) > 1 and fault and not fault.startswith("field count"):
            lines.give_back(whole[1:])
            raw = line.raw
        yield Record(line.number, raw, fault)


def _joined(first: _Line, lines: "_Lines", quote: bytes) -> list[_Line]:
    """Add lines as long as a quote is open."""
    whole, marks, size = [first], first.raw.count(quote), len(first.raw)
    while marks % 2 and size <= MAX_RECORD_BYTES and (line := lines.take()):
        whole.append(line)
        marks += line.raw.count(quote)
        size += len(line.raw)
    return whole


def fault_of(raw: bytes, dialect: Dialect, width: int, is_suspect: bool = False) -> str | None:
    """Say why a record cannot be read; None when it can."""
    if len(raw) > MAX_RECORD_BYTES:
        return f"record of {len(raw)} bytes, the most is {MAX_RECORD_BYTES}"
    if b"\0" in raw:
        return "NUL byte"
    try:
        fields = dialect.fields(line_text(raw), is_suspect)
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{raw[error.start]:02x} at position {error.start}"
    if fields is None:
        return QUOTES_DO_NOT_FIT
    if len(fields) != width:
        return f"field count is {len(fields)}, the header has {width}"
    return None


class _Lines:
    """The physical lines of a file, some of which may be given back."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.number = 0
        self.returned: deque[_Line] = deque()

    def take(self) -> _Line | None:
        if self.returned:
            return self.returned.popleft()
        raw = self.file.readline()
        self.number += 1
        return _Line(self.number, raw, False) if raw else None

    def give_back(self, lines: list[_Line]) -> None:
        self.returned.extendleft(line._replace(is_suspect=True) for line in reversed(lines))

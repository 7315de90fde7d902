"""Rows of the quarantine as a person mended them in a file, and what became of each."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import PilotageError
from ingest.formulas import as_it_was

NEEDED = ("load_id", "row_number", "raw_text")
NOWHERE = (
    "no such row is in quarantine: it has landed by now, its file was corrected, or load_id and"
    " row_number are not as `pilotage quarantine --to` wrote them"
)
AS_IT_WAS_WRITTEN = "write it as `pilotage quarantine --to FILE` did; change raw_text only"

# A row by its load and its number in it.
Key = tuple[str, int]


@dataclass(frozen=True)
class MendedRow:
    """The text of a row, and the line of the file in which it begins."""

    text: str
    line: int


@dataclass
class Mended:
    """A file of mended rows; a replay notes in it which landed, which it refused again and why
    (without any value), and which were in the file as they had been refused before."""

    path: Path
    rows: dict[Key, MendedRow]
    landed: set[Key] = field(default_factory=set)
    refused: dict[Key, str] = field(default_factory=dict)
    unchanged: set[Key] = field(default_factory=set)

    def of_load(self, names: Sequence[str], texts: Iterable[tuple[int, str]]) -> "MendedLoad":
        """What the file says of a load's refused rows, by the load's own name and earlier ones."""
        keys, changed = {}, {}
        for number, text in texts:
            key = next((key for one in names if (key := (one, number)) in self.rows), None)
            if key is not None:
                keys[number] = key
                if self.rows[key].text != text:
                    changed[number] = self.rows[key].text
        return MendedLoad(self, keys, changed)

    def not_taken(self) -> Iterator[str]:
        """Place and reason of each row that was mended and did not land."""
        known = self.landed | self.unchanged
        for key, row in self.rows.items():
            if key not in known:
                yield f"{self.path}, line {row.line}: {self.refused.get(key, NOWHERE)}"


@dataclass(frozen=True)
class MendedLoad:
    """The rows of one load that a file of mended rows names, and the texts of those that were
    mended: what is as it was keeps its bytes, which may be in another encoding."""

    mended: Mended
    keys: Mapping[int, Key]
    changed: Mapping[int, str]

    def note(self, reasons: Mapping[int, str]) -> None:
        """Note what became of the rows; one without a reason landed."""
        for number, key in self.keys.items():
            if number not in reasons:
                self.mended.landed.add(key)
            elif number in self.changed:
                self.mended.refused[key] = f"still refused, {reasons[number]}"
            else:
                self.mended.unchanged.add(key)


def read_mended(path: Path) -> Mended:
    """Read a file that `write_refused_rows` wrote and a person changed. Raises PilotageError."""
    rows: dict[Key, MendedRow] = {}
    lines = _lines(path)
    header = [name.strip() for name in next(lines, (1, []))[1]]
    _check_header(path, header)
    for line, values in lines:
        if len(values) != len(header):
            raise _unreadable(
                f"the line has {len(values)} values, the header {len(header)}",
                f"{path}, line {line}",
                "put raw_text between double quotes, and write a quote within it twice",
            )
        cells = dict(zip(header, values, strict=True))
        if not cells["load_id"].strip():
            raise _unreadable("load_id is empty", f"{path}, line {line}", AS_IT_WAS_WRITTEN)
        key = (cells["load_id"], _number(cells["row_number"], path, line))
        if key in rows:
            again = f"the row stands in line {rows[key].line} already"
            raise _unreadable(again, f"{path}, line {line}", "keep one of the two lines")
        rows[key] = MendedRow(as_it_was(cells["raw_text"]), line)
    return Mended(path, rows)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The values of each line that has any; a text with line breaks begins in the line given."""
    end = 0
    try:
        # A spreadsheet writes a mark of the byte order first.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for values in reader:
                start, end = end + 1, reader.line_num
                if values:
                    yield start, values
    except OSError as error:
        remedy = "name the file that `pilotage quarantine --to FILE` wrote"
        raise _unreadable(str(error.strerror), str(path), remedy) from error
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
        raise _unreadable("it is not UTF-8", str(path), remedy) from error
    except csv.Error as error:
        raise _unreadable(
            f"the quotes are not in order: {error}",
            f"{path}, line {end + 1} or below",
            "put raw_text between double quotes, and write a quote within it twice",
        ) from error


def _check_header(path: Path, header: Sequence[str]) -> None:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise _unreadable(
            f"the header names no {', '.join(missing)}",
            f"{path}, line 1",
            "write them with `pilotage quarantine --to FILE`, then change raw_text only and save"
            " the file with commas between the values",
        )


def _number(text: str, path: Path, line: int) -> int:
    try:
        return int(text)
    except ValueError:
        raise _unreadable(
            "row_number is no number", f"{path}, line {line}", AS_IT_WAS_WRITTEN
        ) from None


def _unreadable(why: str, where: str, remedy: str) -> PilotageError:
    return PilotageError(f"the mended rows cannot be read: {why}", where=where, remedy=remedy)

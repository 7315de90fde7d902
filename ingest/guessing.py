"""Guesses: what a declaration leaves open with the word `detect`, settled by what the file holds.

What is declared is never guessed. A guess must read more of the file than every other candidate,
or read it the same; else the delivery is refused, for two readings of one figure are no reading.
Each guess is noted in the load, so that a person can see it and declare it.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, product
from typing import TypeVar

from ingest.casts import grouped_number
from ingest.errors import DeliveryError
from ingest.incoming import GUESSED, Incoming
from ingest.records import Dialect, line_text, split
from ingest.tables import DETECT, QUOTES, THOUSANDS, Table

DELIMITERS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d")
# Enough to tell; a row further down that does not fit is refused with its reason.
RECORDS_READ = 10_000

Candidate = TypeVar("Candidate")


@dataclass(frozen=True)
class Sample:
    """The first records of a file: its header and the fields of those that can be read."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def values(self, table: Table, *kinds: str) -> list[str]:
        """All values, not empty, of the columns of these kinds."""
        names = {column.name for column in table.columns if column.kind in kinds}
        positions = [index for index, name in enumerate(self.header) if name in names]
        return [row[index] for row in self.rows for index in positions if row[index]]


def settle(table: Table, incoming: Incoming, file_name: str) -> tuple[Table, Incoming]:
    """Return the table with every `detect` of a text file settled, the guesses noted.

    DeliveryError where nothing fits or where two readings differ and are as good.
    """
    declared = table.terms
    terms, sample = declared, None
    if DETECT in (declared.delimiter, declared.quote):
        dialect, sample = _dialect(table, incoming, file_name)
        terms = replace(terms, delimiter=dialect.delimiter, quote=dialect.quote)
    if DETECT in (declared.decimal, declared.thousands, declared.date_format):
        found = sample or _sample(incoming, Dialect(terms.delimiter, terms.quote))
        decimal, thousands = _number_marks(table, found, file_name)
        date_format = _date_format(table, found, file_name)
        terms = replace(terms, decimal=decimal, thousands=thousands, date_format=date_format)
    guesses = tuple(
        f"{GUESSED} {term} {getattr(terms, term)!r}"
        for term in ("delimiter", "quote", "decimal", "thousands", "date_format")
        if getattr(declared, term) == DETECT
    )
    settled = replace(table, terms=terms)
    return settled, replace(incoming, guesses=incoming.guesses + guesses)


def as_guessed(table: Table, notes: Sequence[str]) -> Table:
    """The table with every `detect` settled as the notes of an earlier load say."""
    told = [note.split(" ", 2)[1:] for note in notes if note.startswith(f"{GUESSED} ")]
    found = {term: ast.literal_eval(value) for term, value in told}
    still_open = {term: v for term, v in found.items() if getattr(table.terms, term) == DETECT}
    return replace(table, terms=replace(table.terms, **still_open))


def _dialect(table: Table, incoming: Incoming, file_name: str) -> tuple[Dialect, Sample]:
    """The delimiter under which the header holds what is declared; of quotes, the one that fits."""
    terms = table.terms
    delimiters = DELIMITERS if terms.delimiter == DETECT else (terms.delimiter,)
    quotes = QUOTES if terms.quote == DETECT else (terms.quote,)
    declared = {column.name for column in table.columns}
    found = []
    for dialect in (Dialect(*pair) for pair in product(delimiters, quotes)):
        sample = _sample(incoming, dialect)
        if declared <= set(sample.header):
            found.append((len(sample.rows), dialect, sample))
    if not found:
        marks = " ".join(map(repr, delimiters))
        raise DeliveryError(
            f"under no delimiter ({marks}) does the header hold the declared columns of {table}",
            where=f"{file_name}, line 1",
            remedy=f"export it with the columns {', '.join(sorted(declared))}, or mend their names",
        )
    _, dialect, sample = max(found, key=lambda one: one[0])
    return dialect, sample


def _sample(incoming: Incoming, dialect: Dialect) -> Sample:
    rows = _fields(incoming, dialect)
    header = next(rows, [])
    header[:1] = [name.removeprefix("\ufeff") for name in header[:1]]
    readable = (row for row in islice(rows, RECORDS_READ) if len(row) == len(header))
    return Sample(header, list(readable))


def _fields(incoming: Incoming, dialect: Dialect) -> Iterator[list[str]]:
    with incoming.path.open("rb") as file:
        for record in split(file, dialect, width=0):
            try:
                yield dialect.fields(line_text(record.raw)) or []
            except UnicodeDecodeError:
                yield []


def _number_marks(table: Table, sample: Sample, file_name: str) -> tuple[str, str]:
    terms = table.terms
    decimals = DECIMALS if terms.decimal == DETECT else (terms.decimal,)
    signs = THOUSANDS if terms.thousands == DETECT else (terms.thousands,)
    pairs = [(mark, sign) for mark, sign in product(decimals, signs) if mark != sign]
    values = sample.values(table, "bigint", "decimal", "double")
    return _best(pairs, values, lambda pair, text: _number(text, *pair), file_name, "number")


def _number(text: str, mark: str, sign: str) -> Decimal | None:
    return Decimal(found) if (found := grouped_number(text, mark, sign)) else None


def _date_format(table: Table, sample: Sample, file_name: str) -> str:
    if table.terms.date_format != DETECT:
        return table.terms.date_format
    values = sample.values(table, "date")
    return _best(list(DATE_FORMATS), values, _date, file_name, "date")


def _date(form: str, text: str) -> date | None:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return found.date() if found.strftime(form) == text else None


def _best(
    candidates: Sequence[Candidate],
    values: Sequence[str],
    read: Callable[[Candidate, str], object | None],
    file_name: str,
    what: str,
) -> Candidate:
    """The candidate that reads most values; the first of several that read the same."""
    readings = [[read(candidate, value) for value in values] for candidate in candidates]
    scores = [sum(value is not None for value in reading) for reading in readings]
    best = scores.index(max(scores))
    for index, reading in enumerate(readings):
        if scores[index] == scores[best] and reading != readings[best]:
            value = next(
                v for v, a, b in zip(values, reading, readings[best], strict=True) if a != b
            )
            raise DeliveryError(
                f"a {what} can be read in two ways: by {candidates[best]!r} and by"
                f" {candidates[index]!r}",
                where=file_name,
                excerpt=repr(value[:80]),
                remedy="declare what the export uses instead of `detect`",
            )
    return candidates[best]

"""Exports with known rows, and what may happen to them on their way: seeded, piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

HEADER = b"id,amount,closed_on,note\n"
COLUMNS = {"id": "varchar", "amount": "decimal(18,2)", "closed_on": "date", "note": "varchar"}
NOTES = ("", "x", "né", "a b", 'say "no"', "a,b", "two\nlines", "semi;colon", "#", "=1+1", ",lead")
NOISE = (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b";", b"'", b" ", b"7", b"-", b"\xc3", b"Z")
FOOTERS = (b"Total\n", b"Total,12,,\n", b"\n\n", b"(9 rows)\n", b',,,"\n', b"\x1a")


@dataclass(frozen=True)
class Piece:
    """A record of the file as its bytes; `row` are its values while nothing has touched it.

    `quoted`: there is a quote in it, or was before it was touched.
    """

    raw: bytes
    row: tuple[str, str, str, str | None] | None
    quoted: bool

    def changed(self, raw: bytes) -> "Piece":
        return Piece(raw, None, self.quoted or b'"' in raw)


@dataclass(frozen=True)
class Export:
    """A file after mutation. `moves_quotes`: a quote came or went, rows may hide in others."""

    pieces: tuple[Piece, ...]
    moves_quotes: bool

    @property
    def content(self) -> bytes:
        return HEADER + b"".join(piece.raw for piece in self.pieces)

    @property
    def untouched(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.row]


def export(draw: Random) -> Export:
    """A good export of a few rows with one to four mutations."""
    end = draw.choice((b"\n", b"\n", b"\r\n"))
    pieces = [_record(draw, number, end) for number in range(draw.randint(3, 12))]
    for _ in range(draw.randint(1, 4)):
        pieces = draw.choice(MUTATIONS)(draw, pieces)
    return Export(tuple(pieces), any(piece.quoted and not piece.row for piece in pieces))


def _record(draw: Random, number: int, end: bytes) -> Piece:
    cents, note = draw.randint(-99999, 99999), draw.choice(NOTES)
    amount = f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
    row = (f"k{number:03}", amount, f"2025-01-{draw.randint(1, 28):02}", note or None)
    quoted = draw.random() < 0.2 or any(mark in note for mark in '",\n')
    text = '"' + note.replace('"', '""') + '"' if quoted else note
    return Piece(",".join((*row[:3], text)).encode() + end, row, '"' in text)


def _touch(draw: Random, pieces: list[Piece], change: Callable[[bytes], bytes]) -> list[Piece]:
    at = draw.randrange(len(pieces)) if pieces else 0
    return [
        piece.changed(change(piece.raw)) if index == at else piece
        for index, piece in enumerate(pieces)
    ]


def _flipped(draw: Random, pieces: list[Piece]) -> list[Piece]:
    def flip(raw: bytes) -> bytes:
        # Its line end is another mutation's: without it the next record would be touched too.
        body = raw.rstrip(b"\r\n")
        at = draw.randrange(len(body) + 1)
        if at == len(body):
            return raw
        return raw[:at] + bytes([draw.randrange(256)]) + raw[at + 1 :]

    return _touch(draw, pieces, flip)


def _noised(draw: Random, pieces: list[Piece]) -> list[Piece]:
    def insert(raw: bytes) -> bytes:
        at = draw.randint(0, max(len(raw) - 1, 0))
        return raw[:at] + draw.choice(NOISE) * draw.randint(1, 2) + raw[at:]

    return _touch(draw, pieces, insert)


def _cut(draw: Random, pieces: list[Piece]) -> list[Piece]:
    """Bytes gone within a record; its line end stays."""

    def cut(raw: bytes) -> bytes:
        body = raw.rstrip(b"\r\n")
        first, last = sorted(draw.randint(0, len(body)) for _ in range(2))
        return body[:first] + body[last:] + b"\n"

    return _touch(draw, pieces, cut)


def _comma(draw: Random, pieces: list[Piece]) -> list[Piece]:
    return _touch(draw, pieces, lambda raw: raw.replace(b".", b",", 1))


def _truncated(draw: Random, pieces: list[Piece]) -> list[Piece]:
    if not pieces:
        return pieces
    *rest, last = pieces
    return [*rest, last.changed(last.raw[: draw.randint(0, len(last.raw))])]


def _twice(draw: Random, pieces: list[Piece]) -> list[Piece]:
    return [*pieces, draw.choice(pieces)] if pieces and pieces[-1].row else pieces


def _dropped(draw: Random, pieces: list[Piece]) -> list[Piece]:
    at = draw.randrange(len(pieces)) if pieces else 0
    return pieces[:at] + pieces[at + 1 :]


def _swapped(draw: Random, pieces: list[Piece]) -> list[Piece]:
    ended = all(piece.raw.endswith(b"\n") for piece in pieces)
    return draw.sample(pieces, len(pieces)) if ended else pieces


def _footed(draw: Random, pieces: list[Piece]) -> list[Piece]:
    footer = draw.choice(FOOTERS)
    return [*pieces, Piece(footer, None, b'"' in footer)]


def _unterminated(draw: Random, pieces: list[Piece]) -> list[Piece]:
    """A record whose line end is gone runs into the next, which is no longer itself."""
    if len(pieces) < 2:
        return pieces
    at = draw.randrange(len(pieces) - 1)
    first, second = pieces[at : at + 2]
    quoted = first.quoted or second.quoted
    joined = Piece(first.raw.rstrip(b"\r\n") + second.raw, None, quoted)
    return [*pieces[:at], joined, *pieces[at + 2 :]]


MUTATIONS = (
    _flipped, _noised, _noised, _cut, _comma, _truncated, _twice, _dropped, _swapped, _footed,
    _unterminated,
)  # fmt: skip

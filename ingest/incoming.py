"""The private copy of a delivered file: hashed while it is copied, then read under a safe name.

Reading the copy and not the original has three reasons: the file may change while it is read, its
name may be a pattern to DuckDB (`[ab]`, `*`), and text in another encoding becomes UTF-8 once.
"""

import codecs
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.delivery import Delivery
from ingest.errors import DeliveryError, UnsettledError
from ingest.tables import DETECT, QUOTES, Terms
from ingest.unpacking import is_packed, opened

CHUNK_BYTES = 1 << 20
TEXT_FORMATS = ("csv", "jsonl")
# Begins the note of a guess; term and value follow.
GUESSED = "GUESSED"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Incoming:
    """What was received: a copy (unpacked; text: UTF-8 without BOM), size and hash of the original.

    `guesses` says what was not declared but found out. `newlines` and `quotes` count bytes of the
    copy; `is_plain` says that neither a NUL nor a
    carriage return stands where a fast reader might take it for something else.
    """

    path: Path
    bytes: int
    sha256: str
    newlines: int = 0
    quotes: int = 0
    is_plain: bool = True
    ends_with_newline: bool = True
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A delivery as it lay there before it was read: what is refused is this, whatever comes."""

    delivery: Delivery
    found: os.stat_result
    sha256: str

    def refuse_change(self) -> None:
        """UnsettledError where the delivery has changed or gone since."""
        _refuse_change(self.delivery, self.found)


def look_at(delivery: Delivery) -> Seen:
    """Hash a delivery. UnsettledError where it goes meanwhile."""
    try:
        return Seen(delivery, delivery.path.stat(), content_hash(delivery.path))
    except FileNotFoundError as error:
        raise _unsettled(delivery, "is gone again") from error


def receive(delivery: Delivery, terms: Terms, folder: Path) -> Incoming:
    """Copy a delivery into folder. UnsettledError when it changes meanwhile, DeliveryError
    when it is no text."""
    before = delivery.path.stat()
    if before.st_size == 0:
        raise DeliveryError("the delivery is empty", where=delivery.name, remedy="export it again")
    # Never the same path twice: DuckDB keeps what it read of a path and its time of change, and two
    # deliveries a moment apart share both.
    name = hashlib.sha256(delivery.name.encode()).hexdigest()[:16]
    copy = folder / f"{name}.{terms.format}"
    is_text = terms.format in TEXT_FORMATS
    incoming = _copy_text(delivery, terms, copy) if is_text else _copy(delivery, copy)
    if is_packed(delivery.path):
        packed = content_hash(delivery.path)
        incoming = replace(incoming, bytes=before.st_size, sha256=packed)
    _refuse_change(delivery, before)
    return incoming


def content_hash(path: Path) -> str:
    """The SHA-256 of a file as it was delivered."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_change(delivery: Delivery, before: os.stat_result) -> None:
    try:
        after = delivery.path.stat()
    except FileNotFoundError as error:
        raise _unsettled(delivery, "went away while it was read") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _unsettled(delivery, "changed while it was read")


def _unsettled(delivery: Delivery, what: str) -> UnsettledError:
    return UnsettledError(
        f"the delivery {what}",
        where=delivery.name,
        remedy="wait until the export has finished, then run again",
    )


def _copy(delivery: Delivery, copy: Path) -> Incoming:
    digest, size = hashlib.sha256(), 0
    with opened(delivery.path, delivery.name) as original, copy.open("wb") as target:
        while chunk := original.read(CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
            size += len(chunk)
    return Incoming(copy, size, digest.hexdigest())


def _copy_text(delivery: Delivery, terms: Terms, copy: Path) -> Incoming:
    digest, size, count = hashlib.sha256(), 0, _TextCount(terms.quote)
    encoding = _detected(delivery) if terms.encoding == DETECT else terms.encoding
    recode = _Recoder(delivery, encoding)
    with opened(delivery.path, delivery.name) as original, copy.open("wb") as target:
        chunk = original.read(CHUNK_BYTES)
        _refuse_utf_16(delivery, encoding, chunk)
        start = len(codecs.BOM_UTF8) if chunk.startswith(codecs.BOM_UTF8) else 0
        while chunk:
            digest.update(chunk)
            size += len(chunk)
            text = recode(chunk[start:], False)
            start = 0
            count.add(text)
            target.write(text)
            chunk = original.read(CHUNK_BYTES)
        rest = recode(b"", True)
        count.add(rest)
        target.write(rest)
    plain = not count.nuls and count.returns == count.line_ends in (0, count.newlines)
    return Incoming(
        path=copy,
        bytes=size,
        sha256=digest.hexdigest(),
        newlines=count.newlines,
        quotes=count.quotes,
        is_plain=plain,
        ends_with_newline=count.last == b"\n",
        guesses=(f"{GUESSED} encoding {encoding!r}",) if terms.encoding == DETECT else (),
    )


class _TextCount:
    """Running counts of the bytes that decide how a text can be read."""

    def __init__(self, quote: str) -> None:
        self.marks = [mark.encode() for mark in (QUOTES if quote == DETECT else (quote,)) if mark]
        self.newlines = self.quotes = self.nuls = self.returns = self.line_ends = 0
        self.last = b""

    def add(self, text: bytes) -> None:
        if not text:
            return
        self.newlines += text.count(b"\n")
        self.quotes += sum(text.count(mark) for mark in self.marks)
        self.nuls += text.count(b"\0")
        self.returns += text.count(b"\r")
        # A pair may lie across two chunks.
        self.line_ends += text.count(b"\r\n") + (self.last == b"\r" and text[:1] == b"\n")
        self.last = text[-1:]


class _Recoder:
    """Turn chunks of the declared encoding into UTF-8; UTF-8 passes untouched, errors included."""

    def __init__(self, delivery: Delivery, encoding: str) -> None:
        self.delivery = delivery
        self.encoding = encoding
        is_utf_8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
        self.decoder = None if is_utf_8 else codecs.getincrementaldecoder(encoding)()

    def __call__(self, chunk: bytes, final: bool) -> bytes:
        if self.decoder is None:
            return chunk
        try:
            return self.decoder.decode(chunk, final).encode()
        except UnicodeError as error:
            raise DeliveryError(
                f"the delivery is not {self.encoding}, as its declaration says ({error})",
                where=self.delivery.name,
                remedy="mend `encoding` in the declaration or export the file again",
            ) from error


def _detected(delivery: Delivery) -> str:
    """UTF-16 by its mark, UTF-8 where every byte is, else what Windows writes in the West.

    An encoding of one byte a character fits any text: this is a guess, and is noted as one.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(delivery.path, delivery.name) as original:
        chunk = original.read(CHUNK_BYTES)
        if chunk.startswith(UTF_16_MARKS):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = original.read(CHUNK_BYTES)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _refuse_utf_16(delivery: Delivery, encoding: str, start: bytes) -> None:
    if start.startswith(UTF_16_MARKS) and "16" not in encoding:
        raise DeliveryError(
            f"the delivery is UTF-16, its declaration says {encoding}",
            where=delivery.name,
            remedy="declare `encoding: utf-16` or export it as UTF-8",
        )

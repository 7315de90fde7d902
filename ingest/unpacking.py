"""Packed deliveries: gzip, and zip with one file in it, by the ending of the name.

What a packed file says of itself is not believed: its length counts as it is unpacked, and an end
that is missing or a checksum that does not fit refuses the delivery as a whole.
"""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from ingest.errors import DeliveryError

ENDINGS = (".gz", ".zip")
# Text packs to a tenth or so; what is meant to fill a disk packs to a thousandth.
MOST_GROWTH = 200
GROWTH_ALLOWED_ANYWAY = 10_000_000
TOO_MUCH = f"unpacks to more than {MOST_GROWTH} times its size"
# Raised for a file that is cut short, damaged, or packed in a way that Python does not know.
FAULTS = (OSError, EOFError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


class Readable(Protocol):
    """What is read forwards, chunk by chunk."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


class Unpacked:
    """The bytes within a packed delivery, read forwards. DeliveryError where they cannot be had."""

    def __init__(self, stream: Readable, packed_bytes: int, name: str) -> None:
        self._stream = stream
        self._most = most_unpacked(packed_bytes)
        self._name = name
        self._read = 0

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end."""
        try:
            chunk = self._stream.read(size)
        except FAULTS as error:
            raise _refusal("cannot be unpacked whole", self._name, str(error)) from None
        self._read += len(chunk)
        if self._read > self._most:
            raise _refusal(TOO_MUCH, self._name, "")
        return chunk


def most_unpacked(packed_bytes: int) -> int:
    """How many bytes may come out of so many: of what is meant to fill a disk, more would."""
    return max(GROWTH_ALLOWED_ANYWAY, MOST_GROWTH * packed_bytes)


def is_packed(path: Path) -> bool:
    """Whether a file's name says that it is packed."""
    return path.suffix.lower() in ENDINGS


@contextmanager
def opened(path: Path, name: str) -> Iterator[Readable]:
    """Open a delivery for reading, unpacked where it is packed. `name` is for messages."""
    packed_bytes = path.stat().st_size
    match path.suffix.lower():
        case ".gz":
            with gzip.open(path, "rb") as stream:
                yield Unpacked(stream, packed_bytes, name)
        case ".zip":
            with _archive(path, name) as archive, _only_member(archive, name) as stream:
                yield Unpacked(stream, packed_bytes, name)
        case _:
            with path.open("rb") as stream:
                yield stream


def _archive(path: Path, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FAULTS as error:
        raise _refusal("cannot be unpacked whole", name, str(error)) from None


def _only_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        listed = ", ".join(member.filename for member in members[:5]) or "nothing"
        raise _refusal(f"holds {len(members)} files instead of one", name, listed)
    (member,) = members
    parts = PurePosixPath(member.filename.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise _refusal("holds a file whose name leads out of it", name, member.filename)
    if member.flag_bits & 1:
        raise _refusal("is locked with a password", name, member.filename)
    try:
        return archive.open(member)
    except FAULTS as error:
        raise _refusal("cannot be unpacked whole", name, str(error)) from None


def _refusal(complaint: str, name: str, detail: str) -> DeliveryError:
    """Raised from None: logs keep causes too, and these name the files that are packed."""
    return DeliveryError(
        f"the packed delivery {complaint}",
        where=name,
        excerpt=detail,
        remedy="export it again, one table per file",
    )

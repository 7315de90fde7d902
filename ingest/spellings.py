"""The ways in which a text may be written: in any mix of case, as JSON, HTML and addresses of the
web spell it, in an encoding.

What searches for a person and what takes the person out must agree on them: else something is
left that nothing finds, or another person's address goes.
"""

import codecs
import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from html.entities import html5

from ingest.neighbours import REACH, REACH_BYTES, Standing, beside, standing, width_of

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
# Text within text within text has its backslashes doubled each time, and its percent signs spelled.
BACKSLASHES = ("\\", "\\" * 2, "\\" * 4)
# A mail has = before the same digits.
PERCENTS = ("%", "%25", "=")
AMPERSANDS = ("&", "&amp;")
ENTITIES = ("#{};", "#{:03};", "#x{:x};", "#x{:X};")
NAMES = [(name, meant) for name, meant in html5.items() if name.endswith(";")]
UNCHANGING = re.compile("[a-z0-9]+")
MOST_BYTES_OF_A_CHARACTER = 4


class Spellings:
    """All spellings of an address. `encodings`: in which it may stand, beside the usual ones;
    `separators`: signs that stand between two values, though an address may hold them.

    It is there where it stands alone: as a part of a longer address it is another person's.
    `pattern` is a regular expression for Python and for DuckDB, which finds those too.
    """

    def __init__(
        self, text: str, encodings: Iterable[str] = (), separators: Container[str] = ()
    ) -> None:
        self._separators = separators
        text = unicodedata.normalize("NFC", text)
        spelled = [_spelled(char) for char in text]
        self.pattern = "".join(f"(?:{'|'.join(map(re.escape, choices))})" for choices in spelled)
        most_bytes = MOST_BYTES_OF_A_CHARACTER * sum(len(max(c, key=len)) for c in spelled)
        # By fours: a unit of UTF-32 begins where a piece begins.
        self.overlap = most_bytes + 2 * REACH_BYTES
        self._written = re.compile(self.pattern)
        self._named = re.compile(rf"[^/\s]*(?:{self.pattern})")
        self._encoded = [
            (
                encoding,
                [part.encode(encoding) for part in UNCHANGING.findall(text.lower())],
                re.compile(b"".join(_encoded(choices, encoding) for choices in spelled)),
            )
            for encoding in dict.fromkeys((*ENCODINGS, *_without_marks(encodings)))
        ]

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in a text."""
        return Standing.ALONE in self.standings(text)

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether any of them stands in bytes, in any of the encodings."""
        return any(one is Standing.ALONE for _, one in self.standings_in_bytes(content))

    def standings(self, text: str, *, is_path: bool = False) -> Iterator[Standing]:
        """How each that is found stands in a text."""
        return (self._standing(found, is_path=is_path) for found in self._written.finditer(text))

    def standings_in_bytes(
        self, content: bytes, *, is_first: bool = True, is_last: bool = True
    ) -> Iterator[tuple[int, Standing]]:
        """Where each that is found begins, and how it stands there, in any of the encodings; one
        that is alone as one encoding reads what is beside it, and not as another, is doubtful.

        Of a piece that is not the first or not the last, what stands too near to its end to be
        judged is left to the piece beside, if they overlap by `overlap`.
        """
        lowered = content.lower()
        first = 0 if is_first else REACH_BYTES
        last = len(content) - (0 if is_last else REACH_BYTES)
        read: defaultdict[int, set[Standing]] = defaultdict(set)
        candidates = (
            (found, encoding)
            for encoding, parts, pattern in self._encoded
            # First what every spelling has in lower case: to look for it is ten times as fast.
            if all(part in lowered for part in parts)
            for found in pattern.finditer(content)
            if first <= found.start() and found.end() <= last
            if not _is_shifted(content, found, encoding)
        )
        for found, encoding in candidates:
            read[found.start()].add(self._standing_in_bytes(content, found, encoding))
        return (
            (start, ways.pop() if len(ways) == 1 else Standing.DOUBTFUL)
            for start, ways in read.items()
        )

    def masked(self, text: str, token: str) -> str:
        """A text with the token in place of each."""
        return self._written.sub(
            lambda found: token if self._standing(found) is Standing.ALONE else found[0], text
        )

    def hidden(self, text: str) -> str:
        """A text with a mask in place of each, and of the whole name that it ends."""
        return self._named.sub("***", text)

    def _standing(self, found: re.Match[str], *, is_path: bool = False) -> Standing:
        text, start, end = found.string, found.start(), found.end()
        before, after = text[max(start - REACH, 0) : start], text[end : end + REACH]
        return standing(before, found[0], after, is_path=is_path, separators=self._separators)

    def _standing_in_bytes(self, content: bytes, found: re.Match[bytes], encoding: str) -> Standing:
        before, after = beside(content, found.start(), found.end(), encoding)
        written = found[0].decode(encoding, errors="replace")
        return standing(before, written, after, separators=self._separators)


def _without_marks(encodings: Iterable[str]) -> Iterator[str]:
    """Their names in Python, of each order of bytes: a mark of it stands at the beginning alone."""
    for name in (codecs.lookup(encoding).name for encoding in encodings):
        if name in ("utf-16", "utf-32"):
            yield from (f"{name}-le", f"{name}-be")
        else:
            yield name.removesuffix("-sig")


def _is_shifted(content: bytes, found: re.Match[bytes], encoding: str) -> bool:
    """Whether it is UTF-16 or UTF-32 of the other order of bytes, read from within a unit on."""
    rest = width_of(encoding) - 1
    start, end = found.start(), found.end()
    if start % (rest + 1) == 0:
        return False
    beside = (
        content[start - rest : start] if encoding.endswith("-le") else content[end : end + rest]
    )
    return beside == bytes(rest)


def _spelled(char: str) -> Sequence[str]:
    """How a character may be written. Nobody escapes the letters and digits of ASCII."""
    cases = dict.fromkeys((char, char.lower(), char.upper()))
    if _is_plain(char):
        return list(cases)
    forms = [form for case in cases for form in (case, unicodedata.normalize("NFD", case))]
    return list(dict.fromkeys((*forms, *(one for form in forms for one in _escaped(form)))))


def _is_plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _escaped(text: str) -> Iterable[str]:
    """A text as JSON may spell it within JSON, an address of the web within one, a mail (quoted
    printable), and HTML."""
    escapes = (_escapes(char) for char in text)
    yield from map("".join, zip(*escapes, strict=True))
    yield from (sign + name for sign in AMPERSANDS for name, meant in NAMES if meant == text)
    # Between single quotes it is doubled.
    yield from ("''",) * (text == "'")
    if text.isascii():
        yield from (backslash + text for backslash in BACKSLASHES)


def _escapes(char: str) -> Sequence[str]:
    """The same kinds for each character, in the same order; a plain one is not escaped."""
    units = [int(unit, 16) for unit in re.findall("....", char.encode("utf-16-be").hex())]
    # What the encoding lacks is sent as browsers do.
    octets = [list(char.encode()), list(char.encode("cp1252", errors="xmlcharrefreplace"))]
    kinds = [(units, f"{sign}u{{:04{case}}}") for sign in BACKSLASHES for case in "xX"]
    kinds += [(o, f"{sign}{{:02{case}}}") for o in octets for sign in PERCENTS for case in "xX"]
    kinds += [([ord(char)], sign + form) for sign in AMPERSANDS for form in ENTITIES]
    if _is_plain(char):
        return [char] * len(kinds)
    return ["".join(map(form.format, numbers)) for numbers, form in kinds]


def _encoded(choices: Sequence[str], encoding: str) -> bytes:
    """A pattern of the choices that an encoding can hold; the escaped ones all can."""
    written = dict.fromkeys(_held(choice, encoding) for choice in choices)
    return b"(?:" + b"|".join(re.escape(one) for one in written if one) + b")"


def _held(text: str, encoding: str) -> bytes:
    """A text in an encoding; nothing where it cannot hold all of it."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b""

"""The ways in which a text may be written: in any mix of case, as JSON spells it, in an encoding.

What searches for a person and what takes the person out must agree on them: else something is
left that nothing finds.
"""

import re
from collections.abc import Iterable, Sequence

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
# Text within text within text has its backslashes doubled each time.
BACKSLASHES = ("\\", "\\" * 2, "\\" * 4)
UNCHANGING = re.compile("[a-z0-9]+")
MOST_BYTES_OF_A_CHARACTER = 4


class Spellings:
    """All spellings of one text. `encodings`: in which it may stand, beside the usual ones.

    `pattern` is a regular expression for Python and for DuckDB.
    """

    def __init__(self, text: str, encodings: Iterable[str] = ()) -> None:
        spelled = [_spelled(char) for char in text]
        self.pattern = "".join(f"(?:{'|'.join(map(re.escape, choices))})" for choices in spelled)
        self.most_bytes = MOST_BYTES_OF_A_CHARACTER * sum(len(max(c, key=len)) for c in spelled)
        self._written = re.compile(self.pattern)
        self._encoded = [
            (
                [part.encode(encoding) for part in UNCHANGING.findall(text.lower())],
                re.compile(b"".join(_encoded(choices, encoding) for choices in spelled)),
            )
            for encoding in dict.fromkeys((*ENCODINGS, *encodings))
        ]

    def are_in(self, text: str) -> bool:
        """Whether any of them stands in a text."""
        return self._written.search(text) is not None

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether any of them stands in bytes, in any of the encodings."""
        lowered = content.lower()
        return any(
            # First what every spelling has in lower case: to look for it is ten times as fast.
            all(part in lowered for part in parts) and pattern.search(content)
            for parts, pattern in self._encoded
        )

    def masked(self, text: str, token: str) -> str:
        """A text with the token in place of each."""
        return self._written.sub(token, text)


def _spelled(char: str) -> Sequence[str]:
    """How a character may be written. Nobody escapes the letters and digits of ASCII."""
    cases = dict.fromkeys((char, char.lower(), char.upper()))
    if char.isascii() and char.isalnum():
        return list(cases)
    return list(dict.fromkeys((*cases, *(one for case in cases for one in _escaped(case)))))


def _escaped(text: str) -> Iterable[str]:
    """A text as JSON may spell it, within JSON within JSON."""
    units = re.findall("....", text.encode("utf-16-be").hex())
    for backslash in BACKSLASHES:
        yield "".join(f"{backslash}u{unit}" for unit in units)
        yield "".join(f"{backslash}u{unit.upper()}" for unit in units)
        if text.isascii():
            yield backslash + text


def _encoded(choices: Sequence[str], encoding: str) -> bytes:
    """A pattern of the choices that an encoding can hold; the escaped ones all can."""
    written = (choice.encode(encoding, errors="ignore") for choice in choices)
    return b"(?:" + b"|".join(re.escape(one) for one in dict.fromkeys(written) if one) + b")"

"""Whether an address that was found in a text is a whole one, or a part of another person's.

`bo@x.de` also stands in `jimbo@x.de`, `anna-bo@x.de` and `bo@x.de.example`. What stands beside an
address may be escaped: `%2Bbo@x.de` is another's, while before `%3Dbo@x.de` stands a mere `=`.
Most signs may stand in an address or beside one: `d'anna@x.de` may be French for "of Anna".
"""

import html
import re
from collections.abc import Container
from enum import Enum

# No further is looked to either side: what is escaped is shorter, however often.
REACH = 128
# Of any encoding, with one character to spare that may be cut.
REACH_BYTES = 4 * REACH + 4

# Of all alphabets, and the marks that may follow one.
LETTER = r"(?:[^\W_]|[\u0300-\u036f])"
LONGER_BEFORE = re.compile(rf"{LETTER}(?:\.?[_+%-])*\.?\Z")
# RFC 5322 allows more than people use; what writes nicely makes an apostrophe a quote.
SIGN = r"[!#$%&'\u2019*+/=?^_`{|}~-]"
MAYBE_LONGER_BEFORE = re.compile(rf"{LETTER}(?:\.?{SIGN})*\.?\Z")
# Where such a sign separates after all: what encloses, but for the apostrophe within a word,
# an address before it, a parameter, and the parts of a path.
ENCLOSED = {sign: sign for sign in "'`|*~"} | {"{": "}"}
WITHIN_A_WORD = re.compile(rf"{LETTER}['\u2019]+\Z")
AFTER_ADDRESS = re.compile(rf"@[\w.-]+{SIGN}\Z")
PARAMETER = re.compile(r"[?&#][\w.\[\]-]+=\Z")
NEXT_PARAMETER = re.compile(r"&[\w.\[\]-]+=")
PATH = re.compile(r"(?:[A-Za-z]:/|(?:\A|[\s\"'(<>,;:]))/[^\s\"'<>,;|=]*[/?#]\Z")
LONGER_AFTER = re.compile(rf"(?:\.|-+)?{LETTER}")
# No part of anybody's domain, though a point stands before it.
ENDING = r"(?:\.(?:csv|tsv|txt|jsonl?|parquet|xlsx|gz|zip))+(?![\w-]|\.\w)"
FILE_ENDING = re.compile(ENDING, re.IGNORECASE)
REST_OF_FILE_NAME = re.compile(rf"[\w.@+/-]*?{ENDING}", re.IGNORECASE)

HEX = "[0-9A-Fa-f]"
ESCAPE = re.compile(
    rf"(?P<percent>(?:%(?:25)*{HEX}{{2}})+)"
    rf"|\\+(?:u(?P<unit>{HEX}{{4}})|x(?P<byte>{HEX}{{2}})|[bfnrt]|(?P<sign>{SIGN}|[\"@.]))"
    r"|(?P<entity>&(?:#\w+|[A-Za-z]\w*);)"
)
# HTML within an address of the web within JSON; more than that is no longer text.
DEEPEST = 4
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
UNKNOWN = "\ufffd"


class Standing(Enum):
    """How what was found stands in a text."""

    ALONE = "an address of its own"
    DOUBTFUL = "perhaps a part of a longer address"
    PART = "a part of a longer address"


def standing(
    before: str, found: str, after: str, *, is_path: bool = False, separators: Container[str] = ()
) -> Standing:
    """How what was found between two texts stands there. `separators` are part of no address.

    An underscore is a part of an address, but in the name of a file it separates.
    """
    if _cuts_an_escape(before, found):
        return Standing.DOUBTFUL
    before, after = unescaped(before[-REACH:]), unescaped(after[:REACH])
    if LONGER_AFTER.match(after) and not FILE_ENDING.match(after):
        is_over = _begins_a_sentence(after) and not LONGER_BEFORE.search(before)
        return Standing.DOUBTFUL if is_over else Standing.PART
    if before.endswith(("_", "/")) and (is_path or REST_OF_FILE_NAME.match(after)):
        return Standing.ALONE
    if LONGER_BEFORE.search(before):
        return Standing.PART
    if before[-1:] in separators or not MAYBE_LONGER_BEFORE.search(before):
        return Standing.ALONE
    return Standing.ALONE if _is_separated(before, after) else Standing.DOUBTFUL


def _begins_a_sentence(after: str) -> bool:
    """Whether it is a point and a word as one begins, though the blank between them is missing:
    hardly anybody writes a domain so."""
    return after.startswith(".") and after[1:2].isupper() and after[2:3].islower()


def _cuts_an_escape(before: str, found: str) -> bool:
    r"""Whether it begins within one: `nina@x.de` in `\nina@x.de`, `27bo@x.de` in `%27bo@x.de`."""
    near = before[-REACH:]
    return any(
        escape.start() < len(near) < escape.end() for escape in ESCAPE.finditer(near + found)
    )


def _is_separated(before: str, after: str) -> bool:
    """Whether the sign at the end of a text separates, though an address may hold it."""
    if WITHIN_A_WORD.search(before):
        return False
    sign = before[-1]
    if sign in ENCLOSED and after.startswith(ENCLOSED[sign]):
        return True
    if sign == "=":
        return bool(PARAMETER.search(before) or NEXT_PARAMETER.match(after))
    return bool(AFTER_ADDRESS.search(before) or PATH.search(before))


def unescaped(text: str) -> str:
    """A text without the escapes of JSON, Python, addresses of the web and HTML."""
    for _ in range(DEEPEST):
        before, text = text, ESCAPE.sub(_meant, text)
        if text == before:
            break
    return text


def _meant(escape: re.Match[str]) -> str:
    if escape["percent"]:
        octets = bytes.fromhex(re.sub("%(?:25)*(..)", r"\1", escape["percent"]))
        return _read(octets, "utf-8", slice(None))
    if digits := escape["unit"] or escape["byte"]:
        return chr(int(digits, 16))
    if sign := escape["sign"]:
        return sign
    return html.unescape(escape["entity"]) if escape["entity"] else " "


def width_of(encoding: str) -> int:
    """How many bytes a unit of an encoding has."""
    return {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)


def beside(content: bytes, start: int, end: int, encoding: str) -> tuple[str, str]:
    """The texts before and after what was found in bytes, as it is written in an encoding."""
    width = width_of(encoding)
    first = max(start - REACH_BYTES, start % width)
    return (
        _read(content[first:start], encoding, slice(-REACH, None)),
        _read(content[end : end + REACH_BYTES], encoding, slice(REACH)),
    )


def _read(content: bytes, encoding: str, near: slice) -> str:
    """ASCII is alike in most encodings, so that what was found in one may be written in another:
    its neighbours tell. Bytes that are no text separate."""
    if width_of(encoding) > 1:
        return content.decode(encoding, errors="replace")[near]
    text = content.decode(errors="replace")[near]
    if UNKNOWN not in text or CONTROL.search(text):
        return text
    return content.decode("cp1252" if encoding == "utf-8" else encoding, errors="replace")[near]

"""Whether an address that was found in a text is a whole one, or a part of another person's.

`bo@x.de` also stands in `jimbo@x.de`, `anna-bo@x.de` and `bo@x.de.example`. What stands beside an
address may be escaped: `%2Bbo@x.de` is another's, while before `%3Dbo@x.de` stands a mere `=`.
"""

import html
import re

# No further is looked to either side: what is escaped is shorter, however often.
REACH = 64
# Of any encoding, with one character to spare that may be cut.
REACH_BYTES = 4 * REACH + 4

# Of all alphabets, and the marks that may follow one.
LETTER = r"(?:[^\W_]|[\u0300-\u036f])"
LONGER_BEFORE = re.compile(rf"{LETTER}(?:\.?[_+%-])*\.?\Z")
LONGER_AFTER = re.compile(rf"(?:\.|-+)?{LETTER}")
# No part of anybody's domain, though a point stands before it.
ENDING = r"(?:\.(?:csv|tsv|txt|jsonl?|parquet|xlsx|gz|zip))+(?![\w-]|\.\w)"
FILE_ENDING = re.compile(ENDING, re.IGNORECASE)
REST_OF_FILE_NAME = re.compile(rf"[\w.@+/-]*?{ENDING}", re.IGNORECASE)

HEX = "[0-9A-Fa-f]"
ESCAPE = re.compile(
    rf"(?P<percent>(?:%(?:25)*{HEX}{{2}})+)"
    rf"|\\+(?:u(?P<unit>{HEX}{{4}})|x(?P<byte>{HEX}{{2}})|[bfnrt])"
    r"|(?P<entity>&(?:#\w+|[A-Za-z]\w*);)"
)
# After a backslash these are no letters.
ESCAPED_BLANKS = "bfnrt"
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
UNKNOWN = "\ufffd"


def stands_alone(before: str, found: str, after: str, *, is_path: bool = False) -> bool:
    """Whether what was found between two texts is an address of its own.

    An underscore is a part of an address, but in the name of a file it separates.
    """
    if before.endswith("\\") and found[0] in ESCAPED_BLANKS:
        return False
    before, after = unescaped(before[-REACH:]), unescaped(after[:REACH])
    if LONGER_AFTER.match(after) and not FILE_ENDING.match(after):
        return False
    if before.endswith("_") and (is_path or REST_OF_FILE_NAME.match(after)):
        return True
    return LONGER_BEFORE.search(before) is None


def unescaped(text: str) -> str:
    """A text without the escapes of JSON, Python, addresses of the web and HTML."""
    return ESCAPE.sub(_meant, text)


def _meant(escape: re.Match[str]) -> str:
    if escape["percent"]:
        octets = bytes.fromhex(re.sub("%(?:25)*(..)", r"\1", escape["percent"]))
        return _read(octets, "utf-8", slice(None))
    if digits := escape["unit"] or escape["byte"]:
        return chr(int(digits, 16))
    return html.unescape(escape["entity"]) if escape["entity"] else " "


def beside(content: bytes, start: int, end: int, encoding: str) -> tuple[str, str]:
    """The texts before and after what was found in bytes, as it is written in an encoding."""
    width = 2 if encoding.startswith("utf-16") else 1
    first = max(start - REACH_BYTES, start % width)
    return (
        _read(content[first:start], encoding, slice(-REACH, None)),
        _read(content[end : end + REACH_BYTES], encoding, slice(REACH)),
    )


def _read(content: bytes, encoding: str, near: slice) -> str:
    """ASCII is alike in most encodings, so that what was found in one may be written in another:
    its neighbours tell. Bytes that are no text separate."""
    if encoding.startswith("utf-16"):
        return content.decode(encoding, errors="replace")[near]
    text = content.decode(errors="replace")[near]
    if UNKNOWN not in text or CONTROL.search(text):
        return text
    return content.decode("cp1252" if encoding == "utf-8" else encoding, errors="replace")[near]

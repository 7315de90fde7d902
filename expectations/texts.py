r"""When two texts are the same text, and when one says nothing.

The one definition, followed by SQL (comparable_text_sql here; macros/engine/texts.sql for dbt) and
by Python: unusual forms made plain (NARROW), blanks and invisible characters (\pZ, \pC) cut off at
both ends, lower case. It is what Unicode's NFKC and casefold do to full-width forms, to blanks and
hyphens and to letters with a one-letter lower case. Ligatures, superscripts and other compatibility
forms keep their shape, and a sharp s stays one: no engine here has NFKC or casefold.
"""

import unicodedata

# Full-width ASCII, then blanks and hyphens that stand between words.
NARROW = {
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
}
_NARROWING = str.maketrans(NARROW)
_ENDS = r"^[\pZ\pC]+|[\pZ\pC]+$"


def trimmed(text: str) -> str:
    """The text without the blanks and invisible characters at its ends."""
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first])[0] in "ZC":
        first += 1
    while last > first and unicodedata.category(text[last - 1])[0] in "ZC":
        last -= 1
    return text[first:last]


def comparable_text(text: str) -> str:
    """The text in the form in which equal texts are equal; empty where it says nothing."""
    # Letter by letter, as SQL does it: the whole text would end a Greek word with another sigma.
    return "".join(map(str.lower, trimmed(text.translate(_NARROWING))))


def trimmed_sql(expression: str) -> str:
    """SQL: the text without the blanks and invisible characters at its ends."""
    return f"regexp_replace({expression}, '{_ENDS}', '', 'g')"


def comparable_text_sql(expression: str) -> str:
    """SQL: comparable_text of an expression; NULL for NULL.

    Few texts hold anything to narrow, and translate() is slow: it is called for those only.
    """
    unusual, plain = "".join(NARROW), "".join(NARROW.values())
    # SQLAlchemy takes a colon for a parameter.
    from_text, to_text = (
        text.replace("'", "''").replace(":", "' || chr(58) || '") for text in (unusual, plain)
    )
    narrowed = (
        f"case when regexp_matches({expression}, '[{_in_class(unusual)}]')"
        f" then translate({expression}, '{from_text}', ('{to_text}')) else {expression} end"
    )
    return f"lower({trimmed_sql(narrowed)})"


def _in_class(characters: str) -> str:
    """Ranges of a regular expression's character class."""
    return "".join(rf"\x{{{ord(character):X}}}" for character in characters)

"""Texts in a CSV file that a spreadsheet would take for a formula, and run."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def harmless(cell: object) -> object:
    """A cell with a quote before a text that begins as formulas do; numbers stay as they are."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def as_it_was(text: str) -> str:
    """A text as it was before it was made harmless."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

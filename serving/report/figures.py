"""How figures are written in a language. report.js follows the same rules for the other one."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# What cannot be told. Never 0.
DASH = "\N{EN DASH}"
_MINUS, _THIN = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_MILLION, _THOUSAND = 1_000_000, 1_000
# Below it thousands alone would tell too little.
_SHORTENED = 10 * _THOUSAND
# Money is short in tiles and headings and exact in tables; a difference bears its sign in both.
_SHORT, _SIGNED = ("money_short", "money_delta"), ("money_delta", "money_change")
# Digits after the decimal sign; what is not here is no number.
DIGITS = {
    "count": 0,
    "money": 0,
    "money_short": 0,
    "money_delta": 0,
    "money_change": 0,
    "share": 1,
    "points": 1,
    "number": 2,
    "number4": 4,
    "days": 1,
    "whole_days": 0,
    "hours": 1,
}


@dataclass(frozen=True)
class Style:
    """A language and the reporting currency."""

    language: str
    currency: str

    def write(self, value: Any, kind: str) -> str:
        """The figure as people read it."""
        if value is None:
            return DASH
        if isinstance(value, date):
            return self._date(value, kind)
        if kind not in DIGITS:
            return str(value)
        return self._number(float(value), kind)

    def _number(self, value: float, kind: str) -> str:
        if kind.startswith("money"):
            return self._money(value, kind)
        if kind == "share":
            return self._grouped(value * 100, 1) + ("%" if self.language == "en" else f"{_THIN}%")
        if kind == "points":
            return _sign(value) + self._grouped(abs(value) * 100, 1)
        return self._grouped(value, DIGITS[kind])

    def _money(self, value: float, kind: str) -> str:
        sign = _sign(value) if kind in _SIGNED else _MINUS if value < 0 else ""
        size, unit, digits = abs(value), "", 0
        if kind in _SHORT and size >= _MILLION:
            size, unit, digits = size / _MILLION, "M", 2
        elif kind in _SHORT and size >= _SHORTENED:
            size, unit = size / _THOUSAND, "k"
        symbol = SYMBOLS.get(self.currency, self.currency)
        if self.language == "en":
            gap = "" if symbol != self.currency else _THIN
            return f"{sign}{symbol}{gap}{self._grouped(size, digits)}{unit}"
        return f"{sign}{self._grouped(size, digits)}{_THIN}{unit}{symbol}"

    def _grouped(self, value: float, digits: int) -> str:
        """Rounded as JavaScript's toFixed does: the exact binary value, halves away from zero."""
        step = Decimal(1).scaleb(-digits)
        text = f"{abs(Decimal(value)).quantize(step, ROUND_HALF_UP):,}"
        sign = _MINUS if value < 0 and re.search("[1-9]", text) else ""
        if self.language == "fr":
            text = text.replace(",", _THIN).replace(".", ",")
        return sign + text

    def _date(self, value: date, kind: str) -> str:
        month = MONTHS[self.language][value.month - 1]
        if kind == "month":
            return f"{month} {value.year}"
        day = f"{value.day} {month} {value.year}"
        return f"{day} {value:%H:%M} UTC" if isinstance(value, datetime) else day


def _sign(value: float) -> str:
    return "+" if value > 0 else _MINUS if value < 0 else "±"


def raw(value: Any) -> str:
    """The figure as the script reads it: a plain number, or an ISO date."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value.isoformat() if isinstance(value, date) else str(value)

"""Credentials of sources: read from the environment only, and kept out of everything we say."""

import os
from urllib.parse import quote, quote_plus

from ingest.errors import DeliveryError
from ingest.tables import Source

MASK = "***"
# Shorter ones would mask half of an ordinary sentence.
FEWEST_CHARACTERS = 4


class Secrets:
    """The credentials of one source. What has been asked for is masked in every text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._given: set[str] = set()
        self._asked: set[str] = set()

    def __repr__(self) -> str:
        return f"Secrets({self.source.name})"

    def value(self, name: str = "") -> str:
        """Return PILOTAGE_SOURCE_<SOURCE>[_<NAME>]. DeliveryError where it is not set."""
        variable = variable_name(self.source, name)
        value = os.environ.get(variable, "").strip()
        if not value:
            raise DeliveryError(
                f"source {self.source.name} cannot be read: {variable} is not set",
                where=f"declared in {self.source.path}",
                remedy=f"set {variable} in the environment of the run (see .env.example)",
            )
        self.hide(value)
        return value

    def setting(self, name: str, declared: str) -> str:
        """Return PILOTAGE_SOURCE_<SOURCE>_<NAME>, which is no secret, or what is declared."""
        return os.environ.get(variable_name(self.source, name), "").strip() or declared

    def hide(self, value: str) -> None:
        """Mask a value from now on, as it is and as it looks in an address."""
        self._given |= _spelled(value)

    def hide_in_answers(self, value: str) -> None:
        """Mask a value from now on where another tells it: it may be a key, or any word of ours."""
        self._asked |= _spelled(value)

    def scrub(self, text: str) -> str:
        """Return a text of ours without any credential."""
        return _masked(text, self._given)

    def scrub_answer(self, text: str) -> str:
        """Return what another says without any credential, nor what it was asked for."""
        return _masked(text, self._given | self._asked)


def _spelled(value: str) -> set[str]:
    if len(value) < FEWEST_CHARACTERS:
        return set()
    return {value, quote(value, safe=""), quote_plus(value)}


def _masked(text: str, values: set[str]) -> str:
    """The longest first: it may hold a shorter one."""
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def variable_name(source: Source, name: str = "") -> str:
    """The environment variable that holds a credential of a source."""
    parts = ["PILOTAGE_SOURCE", source.name, *([name] if name else [])]
    return "_".join(parts).upper()

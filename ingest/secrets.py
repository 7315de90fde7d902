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
        if len(value) >= FEWEST_CHARACTERS:
            self._given |= {value, quote(value, safe=""), quote_plus(value)}

    def scrub(self, text: str) -> str:
        """Return a text without any credential, the longest masked first."""
        for value in sorted(self._given, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text


def variable_name(source: Source, name: str = "") -> str:
    """The environment variable that holds a credential of a source."""
    parts = ["PILOTAGE_SOURCE", source.name, *([name] if name else [])]
    return "_".join(parts).upper()

"""What went wrong, said to a person: what happened, where, and what to do about it."""

import re

# The user of an address, and a password behind a colon; not those words themselves, by which a
# remedy says how an address is written.
USER = re.compile(r"(?<=//)(?!user:password@)[^\s/?#]*@")
# What an address asks for may be who asks: `?api_key=...`; requests tells it without a host too.
QUERY = re.compile(
    r"(?P<address>(?:[a-z][a-z0-9+.-]*://|with url: )[^\s?]*)"
    r"\?\S*?(?P<end>[)'\"\],.;:>]*(?:\s|\Z))",
    re.IGNORECASE,
)


class PilotageError(Exception):
    """An expected failure. `str(error)` is one to three lines that can be shown as they are.

    It also goes into logs, notes and alerts, which keep no personal data: what a delivery, an API
    or a database says stands in `excerpt` alone, which nothing but the terminal shows.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", excerpt: str = "") -> None:
        super().__init__(without_credentials(what))
        self.what = without_credentials(what)
        self.where = without_credentials(where)
        self.remedy = without_credentials(remedy)
        self.excerpt = without_credentials(excerpt)

    def __str__(self) -> str:
        return self._lines("")

    def for_terminal(self) -> str:
        """The message with the excerpt: for whoever started the run, and not to be kept."""
        return self._lines(self.excerpt)

    def _lines(self, excerpt: str) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if excerpt:
            lines.append(f"  seen there: {excerpt}")
        if self.remedy:
            lines.append(f"  what to do: {self.remedy}")
        return "\n".join(lines)


def without_credentials(text: str) -> str:
    """A text without the users, passwords and queries of the addresses in it."""
    return QUERY.sub(r"\g<address>?***\g<end>", USER.sub("***@", text))


class ContractError(PilotageError):
    """A source declaration (sources.yml) that cannot be followed."""


class DeliveryError(PilotageError):
    """A delivery that is missing, or that is refused as a whole."""


class UnsettledError(DeliveryError):
    """A delivery that somebody still writes: what it will be is not known yet."""


class LakeError(PilotageError):
    """The lake could not be read or written."""

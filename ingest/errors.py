"""What went wrong, said to a person: what happened, where, and what to do about it."""

import re

# The user of an address, and a password behind a colon; not those words themselves, by which a
# remedy says how an address is written.
USER = re.compile(r"(?<=//)(?!user:password@)[^\s/?#]*@")
# What an address asks for may be who asks: `?api_key=...`; requests tells it without a host too.
WORD = re.compile(r"(?P<without_host>with url: )?\S+")
# Signs after an address that are hardly its own.
ENDS = ")'\"],.;:>"
# A header may be a whole file: one that has no line breaks.
MOST_QUOTED = 500


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
        # Cut when they are hidden: half of an address would not be known as one.
        self.excerpt = _shortened(without_credentials(excerpt))

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
    return WORD.sub(_without_query, USER.sub("***@", text))


def _without_query(word: re.Match[str]) -> str:
    """A word with a mask in place of what the address in it asks for."""
    text = word[0]
    begins = 0 if word["without_host"] else text.find("://")
    asks = text.find("?", begins) if begins >= 0 else -1
    if asks < 0:
        return text
    query = text[asks + 1 :]
    return f"{text[:asks]}?***{query[len(query.rstrip(ENDS)) :]}"


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}..."


class ContractError(PilotageError):
    """A source declaration (sources.yml) that cannot be followed."""


class DeliveryError(PilotageError):
    """A delivery that is missing, or that is refused as a whole."""


class UnreachableError(DeliveryError):
    """A source that does not answer, or whose line broke: in a minute it may be well."""


class UnsettledError(DeliveryError):
    """A delivery that somebody still writes: what it will be is not known yet."""


class LakeError(PilotageError):
    """The lake could not be read or written."""

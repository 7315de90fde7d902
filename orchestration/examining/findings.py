"""What a check of the doctor found."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from expectations.errors import ExpectationsError
from ingest.errors import PilotageError, without_credentials
from orchestration.terminal import is_debug


class State(StrEnum):
    """fine; note: worth a look, and no run fails for it; wrong: to be mended."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What was found, where, and what to do; a fine one needs but the first."""

    check: str
    state: State
    told: str
    where: str = ""
    remedy: str = ""

    def document(self) -> dict[str, str]:
        """The finding in types that JSON has."""
        return asdict(self)


def fine(check: str, told: str) -> Finding:
    """All is well."""
    return Finding(check, State.FINE, told)


def note(check: str, told: str, where: str, remedy: str) -> Finding:
    """Something to look at."""
    return Finding(check, State.NOTE, told, where, remedy)


def wrong(check: str, told: str, where: str, remedy: str) -> Finding:
    """Something to mend."""
    return Finding(check, State.WRONG, told, where, remedy)


def judged(check: str, look: Callable[[], str]) -> Finding:
    """Fine with what the look says, or wrong with the error that it ends with."""
    try:
        return fine(check, look())
    except (PilotageError, ExpectationsError) as error:
        return wrong(check, error.what, error.where, error.remedy)
    except OSError as error:
        return wrong(
            check,
            f"A file or folder cannot be used: {error.strerror or error}.",
            str(error.filename or ""),
            "Give your user the right to it (`ls -ld` shows whose it is).",
        )
    # The doctor goes on to what follows, whatever it meets.
    except Exception as error:
        if is_debug():
            raise
        told = without_credentials(f"{type(error).__name__}: {error}")
        return wrong(
            check,
            f"This could not be looked at: {told}",
            "",
            "Run the doctor again with DEBUG=1 to see where, and report it.",
        )

"""An erasure request: what of a company keeps the person, in which order, and the record of it."""

import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.alerts.book import open_book
from expectations.alerts.rewording import reword
from ingest.errors import PilotageError
from ingest.spellings import Spellings
from orchestration.company import Company
from orchestration.erasure_record import begin, end, was_erased
from orchestration.landing import company_sources
from orchestration.places import dagster_home
from orchestration.terminal import show_step

if TYPE_CHECKING:
    from ingest.searching import Left

KEY = "PILOTAGE_ERASURE_KEY"
LEAST_KEY = 16
# One address: a quoted name may hold anything, what is not quoted no sign that parts a list; nor is
# the full stop of a sentence a part of it.
ADDRESS = re.compile(r"""("[^"\r\n]+"|[^\s@,;:<>()"]+)@[^\s@,;:<>()"]*[^\s@,;:<>()".]""")
# Fewer signs stand by chance in what is no text, such as a picture.
LEAST_ADDRESS = 6


@dataclass(frozen=True)
class Erasure:
    """What an erasure came to.

    done: what was changed or removed, by kind; `pilotage erase` shows it and the record keeps it.
    left: lines that tell what was left alone and why; none where nothing can remain.
    was_there: whether the address was found now, or something of the person was erased before.
    """

    done: dict[str, int]
    left: list[str]
    was_there: bool


def erase_person(company: Company, email: str) -> Erasure:
    """Take a person out of everything that the company's runs keep, and record that it was done.

    Where the person was found the warehouse goes as a whole: the next run builds it anew from the
    lake. A published version goes if it holds the address. Shows each step as it begins, for each
    reads all that is kept.
    """
    from ingest.erasure import Folders, erase, spellings_of  # noqa: PLC0415 - loads pyarrow
    from ingest.lake import Lake  # noqa: PLC0415 - loads pyarrow
    from ingest.searching import Left  # noqa: PLC0415 - loads DuckDB

    subject = _subject(email)
    sources = company_sources(company)
    address, left = spellings_of(email, sources), Left()
    token = f"erased-{subject[:12]}"
    was_there = was_erased(company, subject)
    show_step("Lake, quarantine and deliveries")
    erased = erase(
        sources,
        Folders(company.deliveries, company.lake, company.inbox),
        *(email, token, left),
        before_change=lambda: begin(company, subject),
    )
    scratch = Lake(company.lake).searching
    show_step("Alerts")
    reworded = _erase_from_alerts(company, address, token)
    was_there |= bool(reworded or left.doubtful) or any(asdict(erased).values())
    show_step("Warehouse, published versions, reports")
    made = _made_of_the_person(company, address, scratch)
    was_there |= bool(made)
    if was_there:
        begin(company, subject)
        made = _removed(company, made)
    show_step("What is left, and the logs of runs")
    _refuse_held(company, address, left, scratch)
    done = {
        **asdict(erased),
        "alert_texts": reworded,
        "other_files": len(made),
        "ambiguous_files": len(left.doubtful),
        "unsearched_files": len(left.unsearched),
    }
    end(company, subject, done)
    return Erasure(done, _told(left, address), was_there or bool(left.doubtful))


def _told(left: "Left", email: Spellings) -> list[str]:
    """What was left alone and why; a name of a file that may be another's address is masked."""
    lines = []
    if left.doubtful:
        lines += [
            "Left alone, as the address may be a part of another person's there (a sign such as an"
            " apostrophe joins it to what stands before it, or a point to a word behind it):",
            *(f"  {email.hidden(str(path))}: {often:,}" for path, often in left.doubtful.items()),
            "  what to do: where it is this person's all the same, erase it with what it is joined"
            " to as --email",
        ]
    if left.unsearched:
        lines += [
            "Left alone, as nobody can look into all of it:",
            *(f"  {email.hidden(str(path))}: {why}" for path, why in left.unsearched.items()),
            "  what to do: remove these, or what is closed in them, then erase again",
        ]
    return lines


def _refuse_held(company: Company, email: Spellings, left: "Left", scratch: Path) -> None:
    """Raise PilotageError where anything that the company's runs keep holds the address still."""
    from ingest.searching import holding  # noqa: PLC0415 - loads DuckDB

    logs = holding(dagster_home(), email, left, scratch)
    held = [*holding(company.home, email, left, scratch), *logs]
    if not held:
        return
    remedy = "Close what holds them open, or remove them, and erase again."
    if logs:
        remedy = (
            f"Stop `pilotage dev` and remove {dagster_home()}, which holds the history of its runs"
            f" alone. {remedy}"
        )
    raise PilotageError(
        f"{len(held)} files still hold the address.",
        where=", ".join(map(str, held[:5])),
        remedy=remedy,
    )


def _subject(email: str) -> str:
    """Who was erased, for whoever holds the key and asks about a known address."""
    key = os.environ.get(KEY, "")
    if not key:
        raise PilotageError(
            "The record of an erasure names nobody: it needs a key to say who it was.",
            where=f"environment variable {KEY}",
            remedy="Set it to a long random text, and keep it outside the warehouse.",
        )
    if len(key) < LEAST_KEY:
        raise PilotageError(
            f"The key of the record has {len(key)} signs, and can be guessed.",
            where=f"environment variable {KEY}",
            remedy=f"Set it to a random text of {LEAST_KEY} signs or more.",
        )
    if not ADDRESS.fullmatch(email):
        raise PilotageError(
            f"{email!r} is no e-mail address.",
            where="--email",
            remedy="Give one whole address, such as anna@example.com.",
        )
    if len(email) < LEAST_ADDRESS:
        raise PilotageError(
            f"{email!r} is too short: its signs stand by chance in files of other things.",
            where="--email",
            remedy=f"Give a whole address of {LEAST_ADDRESS} signs or more.",
        )
    return hmac.new(key.encode(), email.lower().encode(), hashlib.sha256).hexdigest()


def _erase_from_alerts(company: Company, email: Spellings, token: str) -> int:
    """The book of alerts stays, for people's decisions stand in it; return the texts changed."""
    if not company.alert_book.exists():
        return 0
    with open_book(company.alert_book) as book:
        return reword(book, lambda text: email.masked(text, token))


def _made_of_the_person(company: Company, email: Spellings, scratch: Path) -> list[Path]:
    """What runs made that holds the address: all but the warehouse, of which nobody can tell."""
    from ingest.searching import holding  # noqa: PLC0415 - loads DuckDB

    made = (company.published, company.reports, company.target)
    folders = [folder for folder in made if folder.is_dir()]
    return [path for folder in folders for path in holding(folder, email, None, scratch)]


def _removed(company: Company, paths: Sequence[Path]) -> list[Path]:
    """Remove files and the warehouse, and the links to published versions that lead nowhere then;
    return what was removed.
    """
    wal = company.warehouse.with_name(company.warehouse.name + ".wal")
    removed = [*paths, *(path for path in (company.warehouse, wal) if path.exists())]
    for path in removed:
        path.unlink()
    for link in company.published.glob("*"):
        if link.is_symlink() and not link.exists():
            link.unlink()
    return removed

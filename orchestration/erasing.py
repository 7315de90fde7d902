"""An erasure request: what of a company keeps the person, in which order, and the record of it."""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.alerts.book import open_book
from expectations.alerts.rewording import reword
from ingest.durable import sync
from ingest.errors import PilotageError
from ingest.spellings import Spellings
from orchestration.company import Company
from orchestration.landing import company_sources
from orchestration.places import dagster_home
from orchestration.terminal import show_step

if TYPE_CHECKING:
    from ingest.searching import Left

KEY = "PILOTAGE_ERASURE_KEY"
LEAST_KEY = 16
RECORD = "erasures.jsonl"
# Whose erasure was begun and is not at its end, as one that was killed is not.
BEGUN = "erasure.begun"
# One address: a quoted name may hold anything, what is not quoted no sign that parts a list.
ADDRESS = re.compile(r"""("[^"\r\n]+"|[^\s@,;:<>()"]+)@[^\s@,;:<>()"]+""")
# Fewer signs stand by chance in what is no text, such as a picture.
LEAST_ADDRESS = 6
# What tells that the person was there.
FINDINGS = ("records", "lake_files", "quarantine_files", "refusal_notes", "deliveries")


@dataclass(frozen=True)
class Erasure:
    """What an erasure came to.

    done: what was changed or removed, by kind; `pilotage erase` shows it and the record keeps it.
    left: lines that tell what was left alone and why; none where nothing can remain.
    was_there: whether the address was found now, or an erasure of the person was begun before.
    """

    done: dict[str, int]
    left: list[str]
    was_there: bool


def erase_person(company: Company, email: str) -> Erasure:
    """Take a person out of everything that the company's runs keep, and record that it was done.

    The warehouse goes as a whole: the next run builds it anew from the lake. A published version
    goes if it holds the address. Shows each step as it begins, for each reads all that is kept.
    """
    from ingest.erasure import erase, spellings_of  # noqa: PLC0415 - loads pyarrow
    from ingest.lake import Lake  # noqa: PLC0415 - loads pyarrow
    from ingest.searching import Left, holding  # noqa: PLC0415 - loads DuckDB

    subject = _subject(email)
    sources = company_sources(company)
    address, left = spellings_of(email, sources), Left()
    token = f"erased-{subject[:12]}"
    was_begun = _begin(company, subject)
    show_step("Lake, quarantine and deliveries")
    erased = erase(sources, company.deliveries, company.lake, email, token, company.inbox, left)
    scratch = Lake(company.lake).searching
    show_step("Alerts")
    reworded = _erase_from_book(company, address, token)
    show_step("Warehouse, published versions, reports")
    removed, held_it = _remove(company, address, scratch)
    show_step("What is left, and the logs of runs")
    logs = holding(dagster_home(), address, left, scratch)
    if held := [*holding(company.home, address, left, scratch), *logs]:
        raise _still_held(held, in_logs=bool(logs))
    done = {
        **asdict(erased),
        "alert_texts": reworded,
        "other_files": removed,
        "ambiguous_files": len(left.doubtful),
        "unsearched_files": len(left.unsearched),
    }
    was_there = reworded + held_it + sum(done[kind] for kind in FINDINGS) > 0
    was_there |= was_begun or bool(left.doubtful) or _was_erased_before(company, subject)
    _record(company, subject, done)
    (company.home / BEGUN).unlink()
    return Erasure(done, _told(left, address), was_there)


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


def _still_held(held: Sequence[Path], *, in_logs: bool) -> PilotageError:
    remedy = "Close what holds them open, or remove them, and erase again."
    if in_logs:
        remedy = (
            f"Stop `pilotage dev` and remove {dagster_home()}, which holds the history of its runs"
            f" alone. {remedy}"
        )
    return PilotageError(
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
    return hmac.new(key.encode(), email.strip().lower().encode(), hashlib.sha256).hexdigest()


def _erase_from_book(company: Company, email: Spellings, token: str) -> int:
    """The book of alerts stays, for people's decisions stand in it; return the texts changed."""
    if not company.alert_book.exists():
        return 0
    with open_book(company.alert_book) as book:
        return reword(book, lambda text: email.masked(text, token))


def _remove(company: Company, email: Spellings, scratch: Path) -> tuple[int, int]:
    """Remove the warehouse, and every other file of runs that holds the address: how many in all,
    and how many of those others."""
    from ingest.searching import holding  # noqa: PLC0415 - loads DuckDB

    made = (company.published, company.reports, company.target)
    folders = [folder for folder in made if folder.is_dir()]
    found = [path for folder in folders for path in holding(folder, email, None, scratch)]
    wal = company.warehouse.with_name(company.warehouse.name + ".wal")
    paths = [path for path in (company.warehouse, wal) if path.exists()] + found
    for path in paths:
        path.unlink()
    for link in company.published.glob("*"):
        if link.is_symlink() and not link.exists():
            link.unlink()
    return len(paths), len(found)


def _begin(company: Company, subject: str) -> bool:
    """Note whose erasure begins; return whether one of the same person was begun before."""
    note = company.home / BEGUN
    was_begun = note.is_file() and note.read_text(encoding="utf-8") == subject
    note.write_text(subject, encoding="utf-8")
    return was_begun


def _was_erased_before(company: Company, subject: str) -> bool:
    record = company.home / RECORD
    if not record.exists():
        return False
    entries = map(json.loads, record.read_text(encoding="utf-8").splitlines())
    return any(
        entry["subject"] == subject and any(entry.get(kind) for kind in FINDINGS)
        for entry in entries
    )


def _record(company: Company, subject: str, done: dict[str, int]) -> None:
    path: Path = company.home / RECORD
    entry = {"erased_at": datetime.now(UTC).isoformat(timespec="seconds"), "subject": subject}
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(json.dumps(entry | done) + "\n")
    sync(path)

"""An erasure request: what of a company keeps the person, in which order, and the record of it."""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
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

if TYPE_CHECKING:
    from ingest.searching import Left

KEY = "PILOTAGE_ERASURE_KEY"
RECORD = "erasures.jsonl"


def erase_person(company: Company, email: str) -> tuple[dict[str, int], list[str]]:
    """Take a person out of everything that the company's runs keep, and record that it was done.

    The warehouse goes as a whole: the next run builds it anew from the lake. A published version
    goes if it holds the address. Returns what was changed or removed, by kind, and lines that
    tell what was left alone and why; none where nothing can remain.
    """
    from ingest.erasure import erase, spellings_of  # noqa: PLC0415 - loads pyarrow
    from ingest.lake import Lake  # noqa: PLC0415 - loads pyarrow
    from ingest.searching import Left, holding  # noqa: PLC0415 - loads DuckDB

    subject = _subject(email)
    sources = company_sources(company)
    address, left = spellings_of(email, sources), Left()
    token = f"erased-{subject[:12]}"
    erased = erase(sources, company.deliveries, company.lake, email, token, company.inbox, left)
    scratch = Lake(company.lake).searching
    reworded = _erase_from_book(company, address, token)
    removed = _remove(company, address, scratch)
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
    _record(company, subject, done)
    return done, _told(left, address)


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
    if "@" not in email.strip("@"):
        raise PilotageError(
            f"{email!r} is no e-mail address.", where="--email", remedy="Give the whole address."
        )
    return hmac.new(key.encode(), email.strip().lower().encode(), hashlib.sha256).hexdigest()


def _erase_from_book(company: Company, email: Spellings, token: str) -> int:
    """The book of alerts stays, for people's decisions stand in it; return the texts changed."""
    if not company.alert_book.exists():
        return 0
    with open_book(company.alert_book) as book:
        return reword(book, lambda text: email.masked(text, token))


def _remove(company: Company, email: Spellings, scratch: Path) -> int:
    """Remove the warehouse, and every other file of runs that holds the address."""
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
    return len(paths)


def _record(company: Company, subject: str, done: dict[str, int]) -> None:
    path: Path = company.home / RECORD
    entry = {"erased_at": datetime.now(UTC).isoformat(timespec="seconds"), "subject": subject}
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(json.dumps(entry | done) + "\n")
    sync(path)

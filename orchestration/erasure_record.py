"""The record of a company's erasures: who, for whoever holds the key, when, and what was done.

`erasures.jsonl` has a line per erasure that came to its end. `erasures.begun` names those of whom
something was changed in one that did not yet.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ingest.durable import sync
from ingest.errors import PilotageError
from orchestration.company import Company

RECORD, BEGUN = "erasures.jsonl", "erasures.begun"
# What tells that the person was there.
FINDINGS = ("records", "lake_files", "quarantine_files", "refusal_notes", "deliveries")


def was_erased(company: Company, subject: str) -> bool:
    """Whether something of the person was erased before, be it by an erasure that was killed.

    Raises PilotageError where the record cannot be read: it could not be carried on either.
    """
    return subject in _begun(company) or any(
        entry["subject"] == subject and any(entry.get(kind) for kind in FINDINGS)
        for entry in _entries(company.home / RECORD)
    )


def due_erasures(company: Company) -> list[str]:
    """The subjects of erasures that did not come to their end, or that a restore has undone."""
    return _begun(company)


def begin(company: Company, subject: str) -> None:
    """Note, before anything is changed, that it will be."""
    if subject not in (begun := _begun(company)):
        _write_lines(company.home / BEGUN, [*begun, subject])


def end(company: Company, subject: str, done: dict[str, int]) -> None:
    """Record what was done: all of it."""
    path: Path = company.home / RECORD
    entry = {"erased_at": datetime.now(UTC).isoformat(timespec="seconds"), "subject": subject}
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(json.dumps(entry | done) + "\n")
    sync(path)
    _write_lines(company.home / BEGUN, [other for other in _begun(company) if other != subject])


def merge_records(restored: Path, others: Sequence[Path]) -> list[str]:
    """Bring the record in a home that is being restored up to date with others, files or homes.

    Whoever was erased after the backup was made is in it again: their subjects count as begun, for
    they must be erased once more. Returns those that are due. Raises PilotageError where a record
    cannot be read.
    """
    entries = _entries(restored / RECORD)
    due = dict.fromkeys(_read_begun(restored / BEGUN))
    for other in others:
        for entry in _entries(other / RECORD if other.is_dir() else other):
            if entry not in entries:
                entries.append(entry)
                if any(isinstance(count, int) and count for count in entry.values()):
                    due[str(entry["subject"])] = None
        if other.is_dir():
            due |= dict.fromkeys(_read_begun(other / BEGUN))
    entries.sort(key=lambda entry: str(entry.get("erased_at", "")))
    _write_lines(restored / RECORD, [json.dumps(entry) for entry in entries])
    _write_lines(restored / BEGUN, [*due])
    return [*due]


def _begun(company: Company) -> list[str]:
    return _read_begun(company.home / BEGUN)


def _read_begun(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def _write_lines(path: Path, lines: list[str]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    building = path.with_name(path.name + ".new")
    building.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    building.chmod(0o600)
    sync(building)
    building.replace(path)


def _entries(path: Path) -> list[dict[str, object]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append({"subject": ""} | json.loads(line))
        except (ValueError, TypeError) as error:
            raise PilotageError(
                "A line of the record of erasures cannot be read.",
                where=f"{path}, line {number}",
                remedy="Its writing was cut short, or somebody changed it: take the line out into"
                " a file of your own, then erase again.",
            ) from error
    return entries

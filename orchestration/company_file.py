"""company.yml as a file: its places, its keys, and complaints that name the line."""

import os
import re
from pathlib import Path

from expectations.desk_files import nearest
from ingest.errors import PilotageError
from ingest.yaml_faults import yaml_fault
from orchestration.places import COMPANIES, home


class CompanyError(PilotageError):
    """A company that is unknown or whose company.yml cannot be used."""


def find_company_file(name_or_folder: str) -> Path:
    """The company.yml of the company of that name or in that folder. Raises CompanyError."""
    path = company_folder(name_or_folder) / "company.yml"
    if not path.is_file():
        known = sorted(p.parent.name for p in COMPANIES.glob("*/company.yml"))
        raise CompanyError(
            f"Unknown company {name_or_folder!r}{nearest(name_or_folder, known)}.",
            where=f"looked for {path}",
            remedy=f"Give a folder that holds a company.yml, or one of: {', '.join(known)}.",
        )
    return path


def company_folder(name_or_folder: str) -> Path:
    """Where the company of that name (companies/<name>), or in that folder, lies or would lie."""
    folder = COMPANIES / name_or_folder
    if not re.fullmatch(r"\w+", name_or_folder) or not folder.is_dir():
        folder = Path(name_or_folder).expanduser().resolve()
    return folder


def check_no_key_twice(path: Path) -> None:
    """Raise CompanyError for one: YAML lets the last of two win, and nobody would know which."""
    seen: set[str] = set()
    for key in re.findall(r"^(\w+)[ \t]*:", path.read_text(encoding="utf-8"), re.MULTILINE):
        if key in seen:
            raise wrong(path, key, "is there twice", "Keep one of the two lines.")
        seen.add(key)


def read_place(path: Path, key: str, text: str) -> Path:
    """A path with ${VARIABLES}; relative to company.yml, or to where one stands if one leads.

    Raises CompanyError for a variable that is not set, and for the address of another machine.
    """
    known = {**os.environ, "PILOTAGE_HOME": str(home())}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not known.get(name):
            raise wrong(
                path,
                key,
                f"needs the environment variable {name}, which is not set",
                f"Set it: export {name}=<folder>.",
            )
        return known[name]

    filled = re.sub(r"\$\{(\w+)\}", value, text)
    if "://" in filled:
        # Not quoted: it may hold a password.
        raise wrong(path, key, "is an address, not a folder", "Name a folder of this machine.")
    start = Path.cwd() if text.startswith("${") else path.parent
    return (start / Path(filled).expanduser()).resolve()


def wrong(path: Path, key: str, complaint: str, remedy: str) -> CompanyError:
    """The complaint about a key, with its line where it has one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    begins = re.compile(rf"{re.escape(str(key))}[ \t]*:")
    found = [n for n, line in enumerate(lines, 1) if begins.match(line)]
    where = f"{path}, line {found[-1]}" if found else str(path)
    return CompanyError(f"The key {key!r} {complaint}.", where=where, remedy=remedy)


def no_yaml(path: Path, error: Exception) -> CompanyError:
    """The complaint about a file that cannot be read; it does not quote what stands there."""
    why, spot = yaml_fault(error)
    return CompanyError(
        f"company.yml is no YAML: {why}.",
        where=f"{path}, {spot}" if spot else str(path),
        remedy="Mend what is named.",
    )

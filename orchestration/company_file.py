"""company.yml as a file: its places, its keys, and complaints that name the line."""

import os
import re
from pathlib import Path

from ingest.errors import PilotageError
from ingest.yaml_faults import yaml_fault
from orchestration.places import home


class CompanyError(PilotageError):
    """A company that is unknown or whose company.yml cannot be used."""


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
    found = [n for n, line in enumerate(lines, 1) if re.match(rf"{re.escape(key)}[ \t]*:", line)]
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

"""What holds for every company: the program, its packages, the environment, telemetry."""

import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from expectations.desk_files import nearest
from ingest.errors import PilotageError
from orchestration.examining.findings import Finding, fine, judged, note, wrong
from orchestration.mirror_address import check_mirror_address
from orchestration.places import DAGSTER_SETTINGS, ROOT
from orchestration.telemetry import TELEMETRY_OFF, asked_for
from serving.postgres import ADDRESS_VARIABLE

LOCK_FILE = ROOT / "requirements.lock"
VARIABLES = ROOT / ".env.example"
OLDEST, TOO_NEW = (3, 11), (3, 14)
NAMES_SHOWN = 4


def examine_machine() -> Iterator[Finding]:
    """Every check that needs no company."""
    yield _python()
    yield _packages(LOCK_FILE)
    yield from _variables()
    yield _telemetry()
    yield judged("mirror", _mirror)


def _python() -> Finding:
    told = f"Pilotage {version('pilotage')} on Python {sys.version.split()[0]}"
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return fine("python", told)
    return wrong(
        "python",
        f"{told}, which it was not tried with.",
        sys.executable,
        "Use Python 3.11 to 3.13: remove .venv and run `make setup`.",
    )


def _packages(lock: Path) -> Finding:
    """Held against the lock: other versions were never tested together."""
    if not lock.is_file():
        return note("packages", "There is no lock to compare with.", str(lock), "Use a checkout.")
    wanted = locked_versions(lock)
    odd = [told for name, allowed in wanted.items() if (told := _difference(name, allowed))]
    if not odd:
        return fine("packages", f"{len(wanted):,} packages as in {lock.name}")
    more = f" and {len(odd) - NAMES_SHOWN:,} more" if len(odd) > NAMES_SHOWN else ""
    return wrong(
        "packages",
        f"Packages differ from the lock: {'; '.join(odd[:NAMES_SHOWN])}{more}.",
        f"{lock}; installed in {sys.prefix}",
        "Run `make setup`; where that changes nothing, look at PYTHONPATH, or remove .venv first.",
    )


def locked_versions(lock: Path) -> dict[str, set[str]]:
    """Package -> the versions that the lock allows; none among them: it may also be missing, as
    other systems alone need it."""
    found: dict[str, set[str]] = {}
    for name, pinned, marker in re.findall(
        r"^([\w.-]+)==([^\s;\\]+)(?: ;([^\\\n]*))?", lock.read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).update({pinned, ""} if marker else {pinned})
    return found


def _difference(name: str, allowed: set[str]) -> str:
    """How the package differs from what the lock allows; empty where it does not."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        installed = ""
    if installed in allowed:
        return ""
    wanted = " or ".join(sorted(allowed - {""}))
    return f"{name} is {installed or 'missing'}, not {wanted}"


def _variables() -> Iterator[Finding]:
    """A variable that nobody reads was mistyped, or belongs to another version."""
    text = VARIABLES.read_text(encoding="utf-8") if VARIABLES.is_file() else ""
    known = sorted({*re.findall(r"PILOTAGE_[A-Z_]+(?:<\w+>)?(?:_<?\w+>?)?", text)})
    patterns = [re.sub(r"<\w+>", r"\\w+", name) for name in known]
    given = sorted(name for name in os.environ if name.startswith("PILOTAGE_"))
    odd = [name for name in given if not any(re.fullmatch(one, name) for one in patterns)]
    for name in odd if known else []:
        yield note(
            "variables",
            f"Nothing reads the environment variable {name}{nearest(name, known)}.",
            f"environment variable {name}",
            "Mend its name, or take it away; .env.example has them all.",
        )
    if not odd:
        yield fine("variables", f"{len(given):,} of PILOTAGE_* set, each is read")


def _telemetry() -> Finding:
    names = asked_for()
    if names:
        told = ", ".join(f"{name}={text}" for name, text in names.items())
        return wrong(
            "telemetry",
            f"The environment switches telemetry on: {told}. Pilotage overrules it for what it"
            " starts; dbt, Dagster and others that are started by hand would call home.",
            f"environment variable {', '.join(names)}",
            f"Set {', '.join(f'{name}={TELEMETRY_OFF[name]}' for name in names)}.",
        )
    if not re.search(r"telemetry:\s+enabled: false", DAGSTER_SETTINGS.read_text(encoding="utf-8")):
        return wrong(
            "telemetry",
            "Dagster's settings do not switch its telemetry off.",
            str(DAGSTER_SETTINGS),
            "Put back the file of this version.",
        )
    return fine("telemetry", f"off: {', '.join(TELEMETRY_OFF)}")


def _mirror() -> str:
    """Its form, and whether it can be written: a mirror that fails ends a run with 1."""
    check_mirror_address()
    address = os.environ.get(ADDRESS_VARIABLE)
    if not address:
        return "none asked for"
    from serving.postgres.errors import MirrorError  # noqa: PLC0415 - loads psycopg
    from serving.postgres.session import check_mirror  # noqa: PLC0415

    try:
        return check_mirror(address)
    except MirrorError as error:
        raise PilotageError(error.what, where=error.where, remedy=error.remedy) from None

"""dbt's manifest: what Dagster must know of the dbt project before it can show or run it."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import PilotageError
from orchestration.company import Company
from orchestration.dbt_settings import dbt_arguments, dbt_environment, dbt_vars
from orchestration.places import DBT_PROJECT, FOR_THE_OWNER_ALONE, dbt_executable

FINGERPRINT = "manifest.fingerprint"
READ_BY_DBT = {".sql", ".yml", ".yaml", ".md"}


class ManifestError(PilotageError):
    """dbt cannot read the project."""


def prepare_manifest(company: Company) -> Path:
    """The path of a manifest.json that fits the files as they are; parses where they changed.

    Raises ManifestError where dbt cannot read the project.
    """
    with preparing_manifest(company) as prepared:
        return prepared()


@contextmanager
def preparing_manifest(company: Company) -> Iterator[Callable[[], Path]]:
    """The same while something else is done: given is what waits for it. dbt is ended where nobody
    has waited.
    """
    company.target.mkdir(parents=True, exist_ok=True)
    company.target.chmod(0o700)  # selects of dbt's tests quote values, so does its log
    manifest = company.target / "manifest.json"
    note = company.target / FINGERPRINT
    wanted = _fingerprint(company)
    is_noted = note.is_file() and note.read_text(encoding="utf-8") == wanted
    if is_noted and _is_whole(manifest):
        yield lambda: manifest
        return
    # A parse that is stopped may leave half a manifest; the note of the one before must not vouch.
    note.unlink(missing_ok=True)

    def waited_for() -> Path:
        _wait(parse)
        note.write_text(wanted, encoding="utf-8")
        return manifest

    with _parse(company) as parse:
        try:
            yield waited_for
        finally:
            parse.kill()


def _is_whole(manifest: Path) -> bool:
    """Each build writes it anew in its place, and may be killed meanwhile or meet a full disk: the
    note does not know."""
    try:
        json.loads(manifest.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    return True


def _parse(company: Company) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own command
        [dbt_executable(), *dbt_arguments(company, ["parse", "--quiet"])],
        cwd=DBT_PROJECT,
        env={**os.environ, **dbt_environment(company)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=FOR_THE_OWNER_ALONE,
    )


def _wait(parse: "subprocess.Popen[str]") -> None:
    told, _ = parse.communicate()
    if parse.returncode:
        raise ManifestError(
            "dbt cannot read the project.",
            where=told.strip() or str(DBT_PROJECT),
            remedy="Mend the file named; `pilotage dbt -- parse` tells more.",
        )


def _fingerprint(company: Company) -> str:
    # Not the place of the desk: a run reads a copy of it, and the manifest tells the same of both.
    digest = hashlib.sha256(json.dumps(dbt_vars(company), sort_keys=True).encode())
    for path in sorted(_project_files(company)):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def _project_files(company: Company) -> Iterator[Path]:
    for folder in (*(DBT_PROJECT / name for name in ("models", "macros", "tests")), company.folder):
        yield from (path for path in folder.rglob("*") if path.suffix in READ_BY_DBT)
    yield DBT_PROJECT / "dbt_project.yml"
    yield DBT_PROJECT / "profiles.yml"

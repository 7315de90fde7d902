"""dbt's manifest: what Dagster must know of the dbt project before it can show or run it."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
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
    company.target.mkdir(parents=True, exist_ok=True)
    company.target.chmod(0o700)  # selects of dbt's tests quote values, so does its log
    manifest = company.target / "manifest.json"
    note = company.target / FINGERPRINT
    wanted = _fingerprint(company)
    if manifest.is_file() and note.is_file() and note.read_text(encoding="utf-8") == wanted:
        return manifest
    # A parse that is stopped may leave half a manifest; the note of the one before must not vouch.
    note.unlink(missing_ok=True)
    _parse(company)
    note.write_text(wanted, encoding="utf-8")
    return manifest


def _parse(company: Company) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [dbt_executable(), *dbt_arguments(company, ["parse", "--quiet"])],
        cwd=DBT_PROJECT,
        env={**os.environ, **dbt_environment(company)},
        capture_output=True,
        text=True,
        umask=FOR_THE_OWNER_ALONE,
        check=False,
    )
    if done.returncode:
        raise ManifestError(
            "dbt cannot read the project.",
            where=(done.stdout + done.stderr).strip() or str(DBT_PROJECT),
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

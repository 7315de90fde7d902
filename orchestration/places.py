"""Where things lie: the checkout, the dbt project and the home of the companies' data."""

import os
import sys
from pathlib import Path

from ingest.errors import PilotageError

ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = ROOT / "dbt_project"
COMPANIES = DBT_PROJECT / "companies"
DAGSTER_SETTINGS = ROOT / "orchestration" / "dagster.yaml"
# A umask.
FOR_THE_OWNER_ALONE = 0o077


def home() -> Path:
    """The folder that holds every company's data: PILOTAGE_HOME, else var/ in the checkout."""
    return Path(os.environ.get("PILOTAGE_HOME") or ROOT / "var").expanduser().resolve()


def dagster_home() -> Path:
    """Where `pilotage dev` keeps the runs of all companies, with their logs."""
    return home() / "dagster"


def dbt_executable() -> str:
    """The dbt that belongs to the running Python, whatever PATH says."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_for_dagster_executable() -> str:
    """The same dbt, which tells Dagster what it does. Raises PilotageError where it is missing."""
    executable = Path(sys.executable).with_name("pilotage-dbt-for-dagster")
    if not executable.is_file():
        raise PilotageError(
            "This environment was set up for an earlier version of Pilotage.",
            where=str(executable),
            remedy="Run `make setup`.",
        )
    return str(executable)


def writable_folder(path: Path) -> Path:
    """The folder, made where it is missing. Raises PilotageError where nothing can be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise _unwritable(path, "you have no right to")
    return path


def nearest_folder(path: Path) -> Path:
    """The folder, or, where it is not there yet, the nearest one above it that is."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _unwritable(path: Path, reason: str | None) -> PilotageError:
    return PilotageError(
        f"Nothing can be written where the company's data shall lie: {reason}.",
        where=str(path),
        remedy="Set PILOTAGE_HOME to a folder that you may write in, or give your user the right.",
    )

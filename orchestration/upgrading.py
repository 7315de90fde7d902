"""Before an upgrade: what this code would publish, held against what readers see now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from expectations.alerts.mart import ALERTS
from expectations.results import CHECK_RESULTS
from expectations.written_tables import WrittenTable
from ingest.errors import PilotageError
from orchestration.company import Company
from orchestration.places import DBT_PROJECT
from serving.contracts import (
    Change,
    Column,
    Contract,
    canonical_types,
    changes,
    grain,
    published_contracts,
)
from serving.reading import why_unreadable
from serving.versions import current_version, version_file

# Parts of a mart, which readers do not see.
SUBJECTS = "subjects"


@dataclass(frozen=True)
class Upgrade:
    """version: what readers see; None: nothing is published yet, so nothing can break."""

    version: str | None
    tables: int
    changes: tuple[Change, ...]

    @property
    def breaking(self) -> list[Change]:
        """What breaks that readers may have built on."""
        return [change for change in self.changes if change.is_breaking]

    @property
    def additions(self) -> list[Change]:
        """What is new."""
        return [change for change in self.changes if not change.is_breaking]


def check_upgrade(company: Company) -> Upgrade:
    """Compare the declared contracts of the marts with the published file; nothing is built.

    Raises PilotageError where the published file cannot be read.
    """
    declared = declared_contracts(company)
    version = current_version(company.published)
    if version is None:
        return Upgrade(None, len(declared), ())
    path = version_file(company.published, version)
    if reason := why_unreadable(path):
        raise PilotageError(
            f"What is published cannot be read: {reason}",
            where=str(path),
            remedy="`pilotage doctor` says what to do",
        )
    return Upgrade(version, len(declared), tuple(changes(published_contracts(path), declared)))


def declared_contracts(company: Company) -> dict[str, Contract]:
    """Mart -> the contract by which dbt, or Python, would build it; the company's own included."""
    declared = {**_of_models(company), **{table.name: _of(table) for table in _WRITTEN}}
    types = canonical_types(one for _, columns in declared.values() for one, _ in columns.values())
    return {
        name: Contract(
            grain(description),
            {column: Column(types[one], needed) for column, (one, needed) in columns.items()},
        )
        for name, (description, columns) in declared.items()
    }


_WRITTEN: tuple[WrittenTable, ...] = (ALERTS, CHECK_RESULTS)
# Description, and of each column its type as declared and whether it is never NULL.
_Declared = tuple[str, Mapping[str, tuple[str, bool]]]


def _of(table: WrittenTable) -> _Declared:
    return table.comment, {name: (data_type, False) for name, data_type, _ in table.columns}


def _of_models(company: Company) -> dict[str, _Declared]:
    declared: dict[str, _Declared] = {}
    for folder in (DBT_PROJECT / "models/marts", company.folder / "models/marts"):
        models = {
            path.stem
            for path in folder.rglob("*.*")
            if path.suffix in (".sql", ".py") and SUBJECTS not in path.parts
        }
        for described in _described(folder):
            if described["name"] in models:
                columns = {
                    column["name"]: _column(column)
                    for column in described.get("columns") or ()
                    if "data_type" in column
                }
                declared[described["name"]] = (described.get("description", ""), columns)
    return declared


def _described(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*.yml")):
        yield from (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or ()


def _column(column: Mapping[str, Any]) -> tuple[str, bool]:
    constraints = [constraint["type"] for constraint in column.get("constraints") or ()]
    return column["data_type"], "not_null" in constraints

"""What dbt is told about a company: environment and vars."""

import csv
import difflib
import json
import os
from pathlib import Path
from typing import Any

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.company_file import CompanyError
from orchestration.desk import conformed_columns
from orchestration.places import DBT_PROJECT
from orchestration.telemetry import TELEMETRY_OFF
from orchestration.terminal import is_debug


def dbt_environment(company: Company, as_of: AsOf | None = None) -> dict[str, str]:
    """The environment variables that the dbt project reads; a parse needs no instant."""
    instant = (
        {
            "PILOTAGE_AS_OF_AT": as_of.as_of_at,
            "PILOTAGE_AS_OF_DATE": as_of.day.isoformat(),
        }
        if as_of
        else {}
    )
    return {
        **TELEMETRY_OFF,
        **instant,
        "PILOTAGE_LAKE": str(company.lake),
        "PILOTAGE_WAREHOUSE": str(company.warehouse),
        "PILOTAGE_COMPANY_DIR": _seen_from_dbt(company.folder),
        "PILOTAGE_DESK_DIR": _seen_from_dbt(company.desk),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(company.target),
        "DBT_LOG_PATH": str(company.target / "logs"),
        # At any level dbt makes a line of each of its events and then leaves most of them out:
        # a seventh of a run. The statements stand in target/run, what broke is told by the run.
        "DBT_LOG_LEVEL_FILE": "debug" if is_debug() else "none",
        # A version check would ask an index over the network.
        "DBT_VERSION_CHECK": "false",
    }


def dbt_vars(company: Company) -> dict[str, Any]:
    """The vars of dbt_project.yml for this company."""
    return {
        "business_tz": company.business_tz,
        "reporting_currency": company.reporting_currency,
        "fiscal_year_start_month": company.fiscal_year_start_month,
        "fiscal_calendar": company.fiscal_calendar,
        "customer_from": company.customer_from,
        "acquisition_lag_months": company.acquisition_lag_months,
        "sources": list(company.sources),
        "conformed": conformed_entities(company),
        "ruled_fields": ruled_fields(company),
    }


def dbt_arguments(company: Company, arguments: list[str]) -> list[str]:
    """The command's arguments and the company's vars."""
    chosen = json.dumps(dbt_vars(company), sort_keys=True)
    return [*arguments, "--vars", chosen]


def conformed_entities(company: Company) -> dict[str, list[str]]:
    """Entity -> the enabled sources that have a staging model for it.

    A model of another name feeds other staging models. Raises CompanyError for one that is all but
    called like an entity: nothing would read it, and nobody would notice.
    """
    entities: dict[str, list[str]] = {}
    for source in company.sources:
        folder = company.source_folder(source)
        prefix = f"stg_{source}__"
        for path in sorted(folder.glob(f"{prefix}*.sql")) if folder else []:
            entity = path.stem.removeprefix(prefix)
            _refuse_misspelling(entity, path)
            entities.setdefault(entity, []).append(source)
    return dict(sorted(entities.items()))


def _refuse_misspelling(entity: str, path: Path) -> None:
    known = conformed_columns()
    singular = {f"{name.removesuffix('ies')}y": name for name in known if name.endswith("ies")}
    near = [singular[entity]] if entity in singular else []
    near += difflib.get_close_matches(entity, known, n=1, cutoff=0.9)
    if entity not in known and near:
        raise CompanyError(
            f"The staging model {path.stem} feeds nothing: there is no entity {entity!r}.",
            where=str(path),
            remedy=f"Call it {path.stem.removesuffix(entity)}{near[0]}, or give it another name.",
        )


def ruled_fields(company: Company) -> dict[str, list[str]]:
    """Entity -> the fields that the desk's rules read, in its order.

    They are the fields ruled, those that they are compared with, and, where rules bind records of
    some types only, the type of an opportunity: its past is needed too.
    """
    fields: dict[str, dict[str, None]] = {}
    with (company.desk / "mandatory_fields.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            read = fields.setdefault(row["entity"].strip(), {})
            names = [row["field"], row.get("compared_with")]
            if row["entity"].strip() == "opportunities" and row.get("record_types"):
                names.append("record_type")
            read.update(dict.fromkeys(name.strip() for name in names if name and name.strip()))
    return {entity: list(names) for entity, names in fields.items()}


def _seen_from_dbt(folder: Path) -> str:
    """dbt takes the folders of models and seeds as relative to its project."""
    return Path(os.path.relpath(folder, DBT_PROJECT)).as_posix()

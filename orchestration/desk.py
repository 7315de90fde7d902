"""The desk check: a company's CSV files are looked at before anything runs."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import yaml

from expectations.alerts.policy import read_policy
from expectations.desk.checking import check_quality_desk
from expectations.desk_files import Cell, read_number, read_rows
from expectations.errors import ExpectationsError
from orchestration.company import Company
from orchestration.places import DBT_PROJECT

DECLARATION = DBT_PROJECT / "models/desk/_desk__seeds.yml"


@cache
def declared_seeds() -> Mapping[str, Mapping[str, str]]:
    """Seed -> column -> data type, as declared for dbt."""
    seeds = yaml.safe_load(DECLARATION.read_text(encoding="utf-8"))["seeds"]
    return {seed["name"]: seed["config"]["column_types"] for seed in seeds}


def check_desk(company: Company) -> None:
    """Raise ExpectationsError at the first file, line or value of the desk that cannot be used."""
    for seed, types in declared_seeds().items():
        for row in read_rows(company.desk / f"{seed}.csv", list(types), only_these=True):
            for cell in row.values():
                _check_type(cell, types[cell.column])
    check_quality_desk(company.desk, conformed_columns())
    read_policy(company.desk, company.label, company.business_tz)


def with_usable_desk(company: Company) -> Company:
    """The company with a desk that can be used: its own, or the last good one.

    The latter where its own cannot be used and the company says so (keep_last_good_desk); what is
    wrong then stands in desk_fault. Otherwise raises ExpectationsError.
    """
    try:
        check_desk(company)
    except ExpectationsError as error:
        if company.keeps_last_good_desk and company.last_good_desk.is_dir():
            fault = f"{error.what} ({error.where})"
            return replace(company, desk=company.last_good_desk, desk_fault=fault)
        raise
    return company


def keep_as_last_good(company: Company) -> None:
    """Keep a copy of a desk that is in order. The caller holds the company's lock."""
    if company.keeps_last_good_desk and company.desk != company.last_good_desk:
        fresh = company.last_good_desk.with_name(f"{company.last_good_desk.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(company.desk, fresh)
        shutil.rmtree(company.last_good_desk, ignore_errors=True)
        fresh.rename(company.last_good_desk)


@cache
def conformed_columns() -> Mapping[str, Mapping[str, str]]:
    """Entity -> column -> data type of its conformed model, whether or not a source fills it."""
    columns = {}
    for path in sorted(DBT_PROJECT.glob("models/intermediate/**/int_*_conformed.sql")):
        entity = path.stem.removeprefix("int_").removesuffix("_conformed")
        model = path.read_text(encoding="utf-8")
        columns[entity] = dict(re.findall(r"^\s+'(\w+)': '([^']+)'", model, re.MULTILINE))
    return columns


def _check_type(cell: Cell, data_type: str) -> None:
    readers: dict[str, Callable[[str], object]] = {
        "integer": _read_integer,
        "boolean": _read_boolean,
        "decimal": read_number,
        "date": date.fromisoformat,
    }
    if read := readers.get(data_type.split("(", maxsplit=1)[0]):
        cell.read(read, data_type, "Mend the value.")


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?\d+", text):
        raise ValueError(text)
    return int(text)


def _read_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"

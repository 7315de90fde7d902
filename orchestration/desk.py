"""The desk check: a company's CSV files are looked at before anything runs."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from expectations.alerts.policy import read_policy
from expectations.desk.checking import check_quality_desk
from expectations.desk.objective_schemes import check_schemes
from expectations.desk.qualification_grid import check_qualification_grid
from expectations.desk.sales_models import check_sales_models
from expectations.desk.scoring import check_lead_scoring, check_requalification
from expectations.desk.segment_criteria import check_segment_criteria
from expectations.desk_files import Cell, read_day, read_number, read_rows
from expectations.errors import ExpectationsError
from orchestration.company import Company
from orchestration.desk_references import check_references
from orchestration.places import DBT_PROJECT

DECLARATION = DBT_PROJECT / "models/desk/_desk__seeds.yml"


@dataclass(frozen=True)
class DeskColumn:
    """A column of a desk file as it is declared for dbt: its type, its tests, and its limits.

    lowest, highest: the least and the greatest number; above: what it must be greater than.
    """

    data_type: str
    is_required: bool
    is_unique: bool
    accepted_values: tuple[str, ...]
    lowest: Decimal | None = None
    highest: Decimal | None = None
    above: Decimal | None = None

    def limits_broken(self, number: Decimal) -> str:
        """Which limit the number is beyond, in words; empty where it is within all."""
        if self.lowest is not None and number < self.lowest:
            return f"is below {self.lowest}"
        if self.highest is not None and number > self.highest:
            return f"is above {self.highest}"
        if self.above is not None and number <= self.above:
            return f"is not above {self.above}"
        return ""


@cache
def declared_seeds() -> Mapping[str, Mapping[str, DeskColumn]]:
    """Seed -> column -> what is declared of it."""
    seeds = yaml.safe_load(DECLARATION.read_text(encoding="utf-8"))["seeds"]
    return {seed["name"]: _declared_columns(seed) for seed in seeds}


def _declared_columns(seed: Mapping[str, Any]) -> dict[str, DeskColumn]:
    tests = {column["name"]: column.get("data_tests", []) for column in seed["columns"]}
    metas = {column["name"]: column.get("config", {}).get("meta", {}) for column in seed["columns"]}
    columns = {}
    for name, data_type in seed["config"]["column_types"].items():
        found = tests.get(name, [])
        lists = [
            test["accepted_values"]
            for test in found
            if isinstance(test, dict) and "accepted_values" in test
        ]
        values = lists[0]["arguments"]["values"] if lists else ()
        limits = {key: Decimal(str(limit)) for key, limit in metas.get(name, {}).items()}
        columns[name] = DeskColumn(
            data_type, "not_null" in found, "unique" in found, tuple(map(str, values)), **limits
        )
    return columns


def check_desk(company: Company) -> None:
    """Raise ExpectationsError at the first file, line or value of the desk that cannot be used."""
    for seed in declared_seeds():
        check_desk_file(company.desk / f"{seed}.csv", seed)
    _check_reporting_currency(company)
    check_schemes(company.desk)
    check_sales_models(company.desk)
    check_qualification_grid(company.desk)
    check_quality_desk(company.desk, conformed_columns())
    check_lead_scoring(company.desk)
    check_requalification(company.desk)
    check_segment_criteria(company.desk)
    check_references(company, list(conformed_columns()))
    read_policy(company.desk, company.label, company.business_tz)


def check_desk_file(path: Path, seed: str) -> None:
    """Raise ExpectationsError at the first value of the file that is not as the seed declares."""
    columns = declared_seeds()[seed]
    seen: set[tuple[str, str]] = set()
    for row in read_rows(path, list(columns), only_these=True):
        for cell in row.values():
            _check_cell(cell, columns[cell.column], seen)


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


def with_desk_of_the_run(company: Company) -> Company:
    """The company with a copy of its desk, so that all steps of a run read the same rules.

    What is edited meanwhile counts for the next run. The caller holds the company's lock.
    """
    _copy(company.desk, company.run_desk)
    return replace(company, desk=company.run_desk)


def keep_as_last_good(company: Company) -> None:
    """Keep a copy of a desk that a run has published with. The caller holds the company's lock."""
    if company.keeps_last_good_desk and not company.desk_fault:
        _copy(company.desk, company.last_good_desk)


def _copy(desk: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(desk, fresh)
    fresh.chmod(0o700)  # names of reps and their objectives, as the lake has them
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


@cache
def conformed_columns() -> Mapping[str, Mapping[str, str]]:
    """Entity -> column -> data type of its conformed model, whether or not a source fills it."""
    columns = {}
    for path in sorted(DBT_PROJECT.glob("models/intermediate/**/int_*_conformed.sql")):
        entity = path.stem.removeprefix("int_").removesuffix("_conformed")
        model = path.read_text(encoding="utf-8")
        columns[entity] = dict(re.findall(r"^\s+'(\w+)': '([^']+)'", model, re.MULTILINE))
    return columns


def _check_cell(cell: Cell, column: DeskColumn, seen: set[tuple[str, str]]) -> None:
    """seen: the columns and values of the file so far, of columns in which none may come twice."""
    readers: dict[str, Callable[[str], object]] = {
        "integer": _read_integer,
        "boolean": _read_boolean,
        "decimal": read_number,
        "date": read_day,
    }
    if read := readers.get(column.data_type.split("(", maxsplit=1)[0]):
        value = cell.read(read, column.data_type, "Mend the value.")
        if isinstance(value, int | Decimal) and (broken := column.limits_broken(Decimal(value))):
            raise cell.wrong(broken, "Mend the value: a share is written 0.25, not 25.")
    if column.is_required and not cell.text:
        raise cell.wrong("says nothing", f"Fill in the {cell.column}.")
    if cell.text and column.accepted_values:
        cell.one_of(column.accepted_values, cell.column)
    if column.is_unique:
        if (cell.column, cell.text) in seen:
            raise cell.wrong("is there twice", "Keep one of the two lines.")
        seen.add((cell.column, cell.text))


def _check_reporting_currency(company: Company) -> None:
    """Rates are per unit of the reporting currency, so its own is 1 and no other's is for ever."""
    own = company.reporting_currency
    rates: dict[str, list[Cell]] = {}
    path = company.desk / "fx_plan_rates.csv"
    for row in read_rows(path, list(declared_seeds()["fx_plan_rates"])):
        rates.setdefault(row["currency"].text, []).append(row["rate"])
    for cell in rates.get(own, []):
        if read_number(cell.text) != 1:
            raise cell.wrong(f"is the rate of {own}, the reporting currency", "Write 1.")
    for currency, cells in rates.items():
        if currency != own and own not in rates and all(read_number(c.text) == 1 for c in cells):
            raise cells[0].wrong(
                f"is the rate of {currency} in every year: these rates are in {currency}, while "
                f"the company reports in {own}",
                f"Give the rates in {own}, or set reporting_currency to {currency}.",
            )


def _read_integer(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise ValueError(text)
    return int(text)


def _read_boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"

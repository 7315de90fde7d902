"""A company: one folder with company.yml and desk/, read strictly before anything runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from expectations.desk_files import nearest
from ingest.yaml_faults import read_yaml
from orchestration.company_file import (
    CompanyError,
    check_no_key_twice,
    find_company_file,
    no_yaml,
    read_place,
    wrong,
)
from orchestration.places import COMPANIES, DBT_PROJECT, home

KEYS: dict[str, type] = {
    "name": str,
    "label": str,
    "deliveries": str,
    "sources": list,
    "business_tz": str,
    "reporting_currency": str,
    "language": str,
    "fiscal_year_start_month": int,
    "fiscal_calendar": str,
    "customer_from": str,
    "acquisition_lag_months": int,
    "keep_last_good_desk": bool,
    "inbox": str,
    "settle_seconds": int,
    "keep_originals_days": int,
}
INBOX_KEYS = {"inbox", "settle_seconds", "keep_originals_days"}
OPTIONAL = {
    "label",
    "language",
    "keep_last_good_desk",
    "fiscal_calendar",
    "customer_from",
    "acquisition_lag_months",
    *INBOX_KEYS,
}
# A file in the inbox is taken once nobody has changed it for so long.
# The books of the lake: nobody delivers them.
LAKE_ITSELF = "raw"
SETTLE_SECONDS = 60
# What an inbox delivered is nowhere else: its originals stay for a year, unless the company says.
INBOX_ORIGINALS_DAYS = 366
FISCAL_CALENDARS = ("months", "4-4-5")
LANGUAGES = ("en", "fr")
CUSTOMER_EVENTS = ("first_won", "first_invoiced", "first_paid")
KIND = {str: "a text", int: "a whole number", list: "a list", bool: "true or false"}


@dataclass(frozen=True)
class Company:
    """One company's settings and the places of its data. All paths are absolute.

    desk: the CSV files that business users edit. keeps_last_good_desk: a desk that cannot be used
    does not stop a run; the last one that could be is used, and desk_fault says why. inbox: where
    other systems drop files, which move to deliveries once they have settled. keep_originals_days:
    for how long the lake keeps deliveries as they came; 0: not at all. language: that the report
    opens in.
    """

    name: str
    label: str
    folder: Path
    home: Path
    desk: Path
    deliveries: Path
    sources: tuple[str, ...]
    business_tz: str
    reporting_currency: str
    fiscal_year_start_month: int
    fiscal_calendar: str
    keeps_last_good_desk: bool
    desk_fault: str = ""
    language: str = "en"
    customer_from: str = "first_invoiced"
    acquisition_lag_months: int = 0
    inbox: Path | None = None
    settle_seconds: int = SETTLE_SECONDS
    keep_originals_days: int = 0

    @property
    def last_good_desk(self) -> Path:
        """A copy of the desk as it was when it could last be used."""
        return self.home / "last_good_desk"

    @property
    def run_desk(self) -> Path:
        """The desk as the run that goes on, or the last one, found it at its start."""
        return self.home / "run_desk"

    @property
    def alert_book(self) -> Path:
        """The book of alerts; it holds what people decided and is not rebuilt."""
        return self.home / "alerts.sqlite"

    @property
    def reports(self) -> Path:
        """Pages for people: Data Docs, the export of the rules, gauges."""
        return self.home / "reports"

    @property
    def lake(self) -> Path:
        """Write-once loads and quarantine."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt builds in; readers never open it."""
        return self.home / "work.duckdb"

    @property
    def published(self) -> Path:
        """The folder with marts.duckdb, the only thing that readers open."""
        return self.home / "published"

    @property
    def target(self) -> Path:
        """What dbt writes beside tables: manifest, compiled SQL, logs."""
        return self.home / "target"

    @property
    def reference(self) -> str:
        """How a command line names the company: its name if it is one of ours, else its folder."""
        return self.folder.name if self.folder.parent == COMPANIES else str(self.folder)

    @property
    def is_demo(self) -> bool:
        """Whether the deliveries come from the simulator."""
        return self.folder == COMPANIES / "demo"

    def source_folder(self, source: str) -> Path | None:
        """The folder of a source's declaration and staging models: the company's own come first."""
        folders = (self.folder / "models/staging", DBT_PROJECT / "models/staging")
        return next((f / source for f in folders if declaration(f / source).is_file()), None)

    def declarations(self) -> dict[str, Path]:
        """Source name -> its sources.yml, for the enabled sources in the order given."""
        folders = {source: self.source_folder(source) for source in self.sources}
        return {source: declaration(folder) for source, folder in folders.items() if folder}


def declaration(source_folder: Path) -> Path:
    """The sources.yml of the source whose folder is given."""
    return source_folder / f"_{source_folder.name}__sources.yml"


def find_company(name_or_folder: str) -> Company:
    """Read the company of that name (companies/<name>) or in that folder.

    Raises CompanyError where there is none or its company.yml is wrong.
    """
    return read_company(find_company_file(name_or_folder))


def read_company(path: Path) -> Company:
    """Read one company.yml. Raises CompanyError naming the file and the key that is wrong."""
    settings = _read_settings(path)
    inbox = read_place(path, "inbox", settings["inbox"]) if "inbox" in settings else None
    company = Company(
        name=settings["name"],
        label=settings.get("label", settings["name"]),
        folder=path.parent,
        home=home() / settings["name"],
        desk=path.parent / "desk",
        deliveries=read_place(path, "deliveries", settings["deliveries"]),
        sources=tuple(settings["sources"]),
        business_tz=settings["business_tz"],
        reporting_currency=settings["reporting_currency"],
        fiscal_year_start_month=settings["fiscal_year_start_month"],
        fiscal_calendar=settings.get("fiscal_calendar", "months"),
        keeps_last_good_desk=settings.get("keep_last_good_desk", False),
        language=settings.get("language", "en"),
        customer_from=settings.get("customer_from", "first_invoiced"),
        acquisition_lag_months=settings.get("acquisition_lag_months", 0),
        inbox=inbox,
        settle_seconds=settings.get("settle_seconds", SETTLE_SECONDS),
        keep_originals_days=settings.get(
            "keep_originals_days", INBOX_ORIGINALS_DAYS if inbox else 0
        ),
    )
    _check_values(path, company)
    _check_inbox(path, company)
    _check_sources(path, company)
    return company


def _read_settings(path: Path) -> dict[str, Any]:
    try:
        settings = read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # Without its cause, which quotes the line: logs keep causes too.
        raise no_yaml(path, error) from None
    if not isinstance(settings, dict):
        raise CompanyError(
            "company.yml holds no settings.",
            where=str(path),
            remedy=f"Give these keys: {', '.join(KEYS)}.",
        )
    _check_keys(path, settings)
    check_no_key_twice(path)
    return settings


def _check_keys(path: Path, settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        if key not in KEYS:
            raise wrong(path, key, f"is unknown{nearest(str(key), KEYS)}", "Remove or rename it.")
        expected = KEYS[key]
        if not isinstance(value, expected) or isinstance(value, bool) != (expected is bool):
            raise wrong(path, key, f"is {value!r}, not {KIND[expected]}", "Mend the value.")
    for key in KEYS:
        if key not in settings and key not in OPTIONAL:
            raise wrong(path, key, "is missing", f"Add a line `{key}: ...`.")


def _check_values(path: Path, company: Company) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", company.name):
        raise wrong(
            path, "name", f"is {company.name!r}", "Use lower-case letters, digits and underscores."
        )
    try:
        ZoneInfo(company.business_tz)
    except (KeyError, ValueError, OSError) as error:
        zone = company.business_tz
        raise wrong(
            path, "business_tz", f"is {zone!r}, no time zone", "Use a name such as Europe/Paris."
        ) from error
    if not re.fullmatch(r"[A-Z]{3}", company.reporting_currency):
        currency = company.reporting_currency
        raise wrong(
            path, "reporting_currency", f"is {currency!r}", "Use an ISO 4217 code such as EUR."
        )
    if company.fiscal_year_start_month not in range(1, 13):
        month = company.fiscal_year_start_month
        raise wrong(path, "fiscal_year_start_month", f"is {month}", "Use a month from 1 to 12.")
    _check_choice(path, "fiscal_calendar", company.fiscal_calendar, FISCAL_CALENDARS)
    _check_choice(path, "language", company.language, LANGUAGES)
    _check_choice(path, "customer_from", company.customer_from, CUSTOMER_EVENTS)
    if company.acquisition_lag_months not in range(37):
        lag = company.acquisition_lag_months
        raise wrong(path, "acquisition_lag_months", f"is {lag}", "Use 0 to 36 months.")


def _check_choice(path: Path, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise wrong(path, key, f"is {value!r}", f"Use one of: {', '.join(known)}.")


def _check_inbox(path: Path, company: Company) -> None:
    for key in ("settle_seconds", "keep_originals_days"):
        if (value := getattr(company, key)) < 0:
            raise wrong(path, key, f"is {value}", "Use 0 or more.")
    if company.inbox is None:
        return
    one, other = company.inbox, company.deliveries
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise wrong(
            path,
            "inbox",
            "lies in deliveries, or they in it",
            "Use two folders side by side.",
        )
    if not company.keep_originals_days:
        complaint = "is 0, but what the inbox brings would then be nowhere"
        raise wrong(path, "keep_originals_days", complaint, "Use a number of days.")


def _check_sources(path: Path, company: Company) -> None:
    folders = (company.folder / "models/staging", DBT_PROJECT / "models/staging")
    declared = {p.parent.name for f in folders for p in f.glob("*/_*__sources.yml")}
    known = sorted(declared - {LAKE_ITSELF})
    if not company.sources:
        raise wrong(path, "sources", "is empty", f"Enable at least one of: {', '.join(known)}.")
    for source in company.sources:
        if source not in known:
            raise wrong(
                path,
                "sources",
                f"names {source!r}, which is not declared{nearest(str(source), known)}",
                f"Use declared sources: {', '.join(known)}; or declare it in "
                f"models/staging/{source}/_{source}__sources.yml.",
            )
    if len(set(company.sources)) < len(company.sources):
        raise wrong(path, "sources", "names a source twice", "Remove the second one.")
    _refuse_forgotten(path, company)


def _refuse_forgotten(path: Path, company: Company) -> None:
    """dbt takes all that lies in the company's folder, and would miss what never landed."""
    folders = sorted((company.folder / "models/staging").glob("[!.]*"))
    for folder in folders:
        is_source = declaration(folder).is_file() or any(folder.rglob("*.sql"))
        if is_source and folder.name not in company.sources:
            complaint = f"does not name {folder.name!r}, which lies in {folder}"
            raise wrong(path, "sources", complaint, "Name it too, or take that folder out.")

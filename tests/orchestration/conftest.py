"""Every test has a tiny company of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_company import Tiny, copy_parsed

from orchestration.places import COMPANIES


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the company of each test lies: a parse counts only for what lies where it lay."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def bare_tiny(place: Path, tmp_path: Path) -> Iterator[Tiny]:
    """The company without any delivery yet, before its first run."""
    company = Tiny(place / "now/tiny", place / "now/home")
    shutil.copytree(COMPANIES / "demo" / "desk", company.folder / "desk")
    (company.folder / "company.yml").write_text(
        "name: tiny\ndeliveries: exports\nsources: [invoicing]\nbusiness_tz: Europe/Paris\n"
        "reporting_currency: EUR\nfiscal_year_start_month: 1\n"
    )
    yield company
    copy_parsed(company.target, place / "parsed")
    (place / "now").rename(tmp_path / "left")


@pytest.fixture
def tiny(bare_tiny: Tiny, place: Path) -> Tiny:
    """The company without any delivery yet, and what dbt read for the test before."""
    copy_parsed(place / "parsed", bare_tiny.target)
    return bare_tiny

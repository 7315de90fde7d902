"""Every test has a tiny company of its own."""

import shutil
from pathlib import Path

import pytest
from tiny_company import Tiny

from orchestration.places import COMPANIES


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """The company without any delivery yet."""
    folder = tmp_path / "tiny"
    shutil.copytree(COMPANIES / "demo" / "desk", folder / "desk")
    (folder / "company.yml").write_text(
        "name: tiny\ndeliveries: exports\nsources: [invoicing]\nbusiness_tz: Europe/Paris\n"
        "reporting_currency: EUR\nfiscal_year_start_month: 1\n"
    )
    return Tiny(folder, tmp_path / "home")

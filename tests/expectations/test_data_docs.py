"""Great Expectations' own pages: they open without a network and hold no value of a record."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hand_made import ENTITIES, Company

from expectations.judging import judge
from expectations.planning import planned_checks

CREATED = datetime.fromisoformat("2025-06-01 08:00:00")


@pytest.fixture
def pages(company: Company, tmp_path: Path) -> Path:
    company.add(
        "intermediate.int_contacts_conformed",
        [{"contact_id": "CANARY-1", "email": "jane@example.com"}, {"contact_id": "CANARY-2"}],
    )
    folder = tmp_path / "reports" / "data_docs"
    folder.mkdir(parents=True)
    (folder / "left_over.html").write_text("of an earlier run")
    judge(
        company.warehouse,
        company.desk,
        company.as_of_at,
        company.as_of_date,
        checks=planned_checks(company.desk, ENTITIES),
        data_docs=folder,
    )
    return folder


def test_every_suite_has_its_page_and_the_index_names_it(pages: Path, company: Company) -> None:
    index = (pages / "index.html").read_text()
    assert "<script" not in index
    for check in planned_checks(company.desk, ENTITIES):
        (page,) = pages.glob(f"validations/{check.name}/**/*.html")
        assert f'<a href="{page.relative_to(pages)}">{check.name}</a>' in index
        assert "20251231T230000" in str(page)
    assert not (pages / "left_over.html").exists()
    (page,) = pages.glob("validations/mandatory_fields__contacts/**/*.html")
    assert "50%" in page.read_text()


def test_the_pages_hold_no_value_and_no_record(pages: Path) -> None:
    texts = [path.read_bytes() for path in pages.rglob("*") if path.is_file()]
    assert texts
    for secret in (b"jane@example.com", b"CANARY-1", b"CANARY-2", b"duckdb:///"):
        assert [text for text in texts if secret in text] == []


def test_the_pages_load_nothing_from_elsewhere(pages: Path) -> None:
    for page in pages.rglob("*.html"):
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*https?://", page.read_text())
        assert loaded == []


def test_without_being_asked_no_page_is_written(company: Company, tmp_path: Path) -> None:
    company.judge()
    assert list(tmp_path.rglob("*.html")) == []

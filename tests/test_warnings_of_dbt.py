"""Tests of dbt that warn: of names on the desk which no data have, of loads that leave something in
doubt; each alone, on rows made by hand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

DBT = Path(__file__).resolve().parents[1] / "dbt_project"
OFFERS = "every_offer_of_a_scheme_is_a_category_of_products"
INDUSTRIES = "every_industry_aimed_at_is_one_that_was_told"
DOUBTS = "no_load_leaves_the_past_in_doubt"
FILES = {
    "dbt_project.yml": "{name: small, profile: small, data_tests: {+store_failures: true}}",
    "profiles.yml": "{small: {target: t, outputs: {t: {type: duckdb, path: small.duckdb}}}}",
}
NO_PRODUCTS = "select '' as product_id, '' as category where 1 = 0"
NO_INDUSTRIES = "select cast(null as varchar) as industry"

# The rows that a test tells, given the selects of what it reads.
Tells = Callable[[str, Mapping[str, str]], list[tuple[str, ...]]]


@pytest.fixture
def tells(tmp_path: Path) -> Tells:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    for folder in ("macros", "models", "tests"):
        (tmp_path / folder).mkdir()
    shutil.copy(DBT / "macros/engine/texts.sql", tmp_path / "macros")

    def told(name: str, relations: Mapping[str, str]) -> list[tuple[str, ...]]:
        shutil.copy(DBT / f"tests/{name}.sql", tmp_path / "tests")
        for relation, select in relations.items():
            (tmp_path / f"models/{relation}.sql").write_text(select)
        done = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "build", "--profiles-dir", "."],
            cwd=tmp_path,
            env={**os.environ, "DO_NOT_TRACK": "1", "DBT_VERSION_CHECK": "false"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        with duckdb.connect(str(tmp_path / "small.duckdb"), read_only=True) as connection:
            return connection.execute(f"from main_dbt_test__audit.{name} order by all").fetchall()

    return told


def test_an_offer_that_no_product_belongs_to_is_told(tells: Tells) -> None:
    schemes = """
        select 's1' as scheme_id, 'current' as criterion, ' Services' as offer
        union all select 's1', 'growth', 'servces' union all select 's1', 'margin', null
    """
    products = "select 'p1' as product_id, 'services' as category"
    found = tells(OFFERS, {"objective_schemes": schemes, "dim_products": products})
    assert found == [("s1", "growth", "servces")]


def test_no_offer_is_told_where_no_products_are_delivered(tells: Tells) -> None:
    schemes = "select 's1' as scheme_id, 'current' as criterion, 'services' as offer"
    assert tells(OFFERS, {"objective_schemes": schemes, "dim_products": NO_PRODUCTS}) == []


CRITERIA = """
    select 'Gold' as segment_id, 'autmotive| Chemistry |' as industries, '2025-06-01' as since
    union all select 'Gold', 'automotive|metal', '' union all select 'Silver', null, ''
"""


def test_an_industry_aimed_at_that_no_lead_or_account_ever_told_is_told(tells: Tells) -> None:
    """As the fit compares them: upper and lower case and blanks are alike."""
    leads = "select ' Automotive' as industry union all select 'chemistry' union all select null"
    accounts = "select 'METAL' as industry"
    found = tells(
        INDUSTRIES,
        {"segment_criteria": CRITERIA, "int_leads_loaded": leads, "int_accounts_loaded": accounts},
    )
    assert found == [("Gold", "2025-06-01", "autmotive")]


def test_no_industry_is_told_where_no_lead_or_account_tells_its_own(tells: Tells) -> None:
    nothing = {"int_leads_loaded": NO_INDUSTRIES, "int_accounts_loaded": NO_INDUSTRIES}
    assert tells(INDUSTRIES, {"segment_criteria": CRITERIA, **nothing}) == []


LOADS = """
    select
        *, 'shop' as source_name, 'landed' as status, table_name || ' ' || load_id as source_file
    from (values
        ('1', 'deals', 'full', 'DELETES_POSTPONED', timestamp '2025-01-01'),
        ('2', 'deals', 'full', '', timestamp '2025-01-02'),
        ('3', 'deals', 'full', 'NO_FINAL_NEWLINE, DELETES_POSTPONED', timestamp '2025-01-03'),
        ('4', 'deals', 'replay', '', timestamp '2025-01-03'),
        ('5', 'other', 'full', '', timestamp '2025-01-04'),
        ('6', 'other', 'incremental', 'RESTATED 1, NEWER_NOT_ASKED 2, CORRECTION',
            timestamp '2025-01-02'),
        ('7', 'other', 'incremental', 'RESTATED 1, CORRECTION', timestamp '2025-01-03')
    ) as loads (load_id, table_name, delivery_mode, notes, extracted_at)
"""


def test_a_load_that_could_not_tell_is_told_until_another_has(tells: Tells) -> None:
    """What the first postponed the second has told; the fourth read refused rows again."""
    assert [(row[0], row[3]) for row in tells(DOUBTS, {"fct_loads": LOADS})] == [
        ("3", "deals 3"),
        ("6", "other 6"),
    ]

"""Every model and column says what it holds: the grain first, the rest in words of its own."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

ROOT = Path(__file__).parents[1]
DBT = ROOT / "dbt_project"
YAML_FILES = sorted(
    [*DBT.glob("models/**/*.yml"), *ROOT.glob("tests/acceptance/*/models/**/*.yml")]
)
STAGING = sorted(
    path
    for root in (DBT, *ROOT.glob("tests/acceptance/*/"))
    for path in root.glob("models/staging/*/stg_*.sql")
)
LAKE_COLUMNS = ["_key", "_op", "_source_file", "_row_number", "_extracted_at"]
# What a desk rules is a column of these: which ones they have differs from company to company.
FOLLOWS_THE_DESK = {
    "int_opportunities_loaded",
    "int_opportunities_versioned",
    "int_opportunity_values_started",
}
SAYS_NOTHING = {"a", "an", "as", "by", "for", "in", "is", "it", "its", "of", "the", "this", "to"}

Properties = dict[str, Any]


@cache
def described() -> dict[str, Properties]:
    """Model, or source.table -> its properties, out of every YAML file."""
    found: dict[str, Properties] = {}
    for path in YAML_FILES:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for model in content.get("models", []):
            found[model["name"]] = model
        for source in content.get("sources", []):
            for table in source["tables"]:
                found[f"{source['name']}.{table['name']}"] = table
    return found


def columns(name: str) -> dict[str, str]:
    """Column -> description."""
    listed = described().get(name, {}).get("columns", [])
    return {column["name"]: column.get("description", "").strip() for column in listed}


def conformed(entity: str) -> list[str]:
    """The columns of int_<entity>_conformed, as its own text lists them."""
    path = DBT / "models/intermediate" / f"int_{entity}_conformed.sql"
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^\s+'(\w+)': '[^']+'", text, flags=re.MULTILINE)


def words(text: str) -> set[str]:
    """The words of a text that mean something, without their plural s."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return {word.removesuffix("s") for word in found if word not in SAYS_NOTHING}


@pytest.mark.parametrize("name", described())
def test_a_table_is_described_grain_first(name: str) -> None:
    description = described()[name].get("description", "")
    assert description.strip().startswith("One row per "), f"{name}: {description!r}"


@pytest.mark.parametrize("name", described())
def test_a_column_is_described_in_more_words_than_its_name_has(name: str) -> None:
    empty = {
        column: text for column, text in columns(name).items() if not words(text) - words(column)
    }
    assert empty == {}


@pytest.mark.parametrize("name", described())
def test_no_column_is_described_twice(name: str) -> None:
    listed = [column["name"] for column in described()[name].get("columns", [])]
    assert len(listed) == len(set(listed)), listed


@pytest.mark.parametrize("path", STAGING, ids=lambda path: path.stem)
def test_a_staging_model_describes_what_its_entity_is_made_of(path: Path) -> None:
    """Whatever company it belongs to. What feeds no entity is judged below, where it is built."""
    expected = conformed(path.stem.split("__", 1)[1])
    if expected:
        assert set(columns(path.stem)) == {*expected, *LAKE_COLUMNS}


def test_every_column_that_is_built_is_described_and_none_besides(demo_run: Any) -> None:
    """What dbt does not build (fct_check_results) brings its descriptions as comments."""
    with duckdb.connect(str(demo_run.warehouse), read_only=True) as warehouse:
        built = warehouse.execute(
            """
            select schema_name, table_name, column_name, coalesce(comment, '')
            from duckdb_columns()
            where database_name = current_database()
                and schema_name in ('staging', 'intermediate', 'marts')
            """
        ).fetchall()
    manifest = json.loads((demo_run.company_home / "target/manifest.json").read_text("utf-8"))
    told = {
        (node["schema"], node["name"], column["name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"].values()
        if column["description"].strip()
    }

    places = {(schema, table, column) for schema, table, column, _ in built}
    commented = {(schema, table, column) for schema, table, column, comment in built if comment}
    assert sorted(places - told - commented) == []
    assert sorted(place for place in told - places if place[1] not in FOLLOWS_THE_DESK) == []

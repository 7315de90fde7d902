"""The contract: an Open Data Contract Standard file that says what the desk says."""

from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml
from hand_made import Company

from expectations.contract import write_contract
from expectations.errors import ExpectationsError

COLUMNS = {
    "opportunities": {
        "opportunity_id": "varchar",
        "record_type": "varchar",
        "next_step": "varchar",
        "competitor": "varchar",
        "amount_doc": "decimal(18,2)",
        "is_deleted": "boolean",
        "expected_close_date": "date",
        "created_at": "timestamp",
    },
    "contacts": {"contact_id": "varchar", "email": "varchar"},
    "targets": {"rep_id": "varchar", "criterion": "varchar", "month_start_date": "date"},
}

_TEXT = {"type": "string", "minLength": 1}
_PROPERTIES = {
    "type": "array",
    "items": {"type": "object", "required": ["property", "value"], "additionalProperties": True},
}
_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type"],
        "properties": {
            "name": _TEXT,
            "type": {"enum": ["text", "library", "sql", "custom"]},
            "query": _TEXT,
            "dimension": {
                "enum": [
                    "accuracy", "completeness", "conformity", "consistency", "coverage",
                    "timeliness", "uniqueness",
                ]
            },
            "severity": {"enum": ["info", "warning", "error"]},
            "description": _TEXT,
            "customProperties": _PROPERTIES,
        },
        "if": {"properties": {"type": {"const": "sql"}}},
        "then": {"required": ["query"]},
    },
}  # fmt: skip
# What the JSON schema of the standard (v3.0) asks of the parts that we write, put down by hand.
ODCS = {
    "type": "object",
    "required": ["version", "apiVersion", "kind", "id", "status"],
    "additionalProperties": False,
    "properties": {
        "version": _TEXT,
        "apiVersion": {"enum": ["v3.0.1", "v3.0.0"]},
        "kind": {"const": "DataContract"},
        "id": _TEXT,
        "name": _TEXT,
        "status": {"enum": ["proposed", "draft", "active", "deprecated", "retired"]},
        "description": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"usage": _TEXT, "purpose": _TEXT, "limitations": _TEXT},
        },
        "schema": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "name": _TEXT,
                    "logicalType": {"const": "object"},
                    "physicalType": _TEXT,
                    "physicalName": _TEXT,
                    "dataGranularityDescription": _TEXT,
                    "quality": _QUALITY,
                    "properties": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name"],
                            "additionalProperties": False,
                            "properties": {
                                "name": _TEXT,
                                "logicalType": {
                                    "enum": [
                                        "string", "date", "number", "integer", "object",
                                        "array", "boolean",
                                    ]
                                },
                                "physicalType": _TEXT,
                                "primaryKey": {"type": "boolean"},
                                "primaryKeyPosition": {"type": "integer"},
                                "required": {"type": "boolean"},
                                "unique": {"type": "boolean"},
                                "quality": _QUALITY,
                            },
                        },
                    },
                },
            },
        },
        "slaProperties": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["property", "value"],
                "additionalProperties": False,
                "properties": dict.fromkeys(
                    ("property", "value", "unit", "element", "driver"), _TEXT
                ),
            },
        },
    },
}  # fmt: skip


@pytest.fixture
def contract(company: Company, tmp_path: Path) -> dict[str, Any]:
    usual = {"scope": "company", "severity": "warn", "owner": "ops"}
    company.write(
        "thresholds.csv",
        usual | {"threshold_id": "rate", "metric": "fill_rate", "entity": "opportunities",
                 "fields": "next_step", "minimum": "0.75"},
        usual | {"threshold_id": "fresh", "metric": "freshness", "entity": "crm.leads",
                 "maximum": "24"},
    )  # fmt: skip
    path = tmp_path / "new" / "contract.yaml"
    write_contract(company.desk, COLUMNS, path, "acme")
    return yaml.safe_load(path.read_text())


def test_the_contract_is_one_of_the_standard(contract: dict[str, Any]) -> None:
    jsonschema.validate(contract, ODCS)


def test_tables_columns_and_keys_are_named(contract: dict[str, Any]) -> None:
    tables = {table["name"]: table for table in contract["schema"]}
    assert list(tables) == ["contacts", "opportunities", "targets"]
    assert tables["contacts"]["physicalName"] == "intermediate.int_contacts_conformed"
    keys = [c["name"] for c in tables["targets"]["properties"] if c.get("primaryKey")]
    assert keys == ["rep_id", "criterion", "month_start_date"]
    types = {c["name"]: c["logicalType"] for c in tables["opportunities"]["properties"]}
    assert (types["amount_doc"], types["is_deleted"], types["created_at"]) == (
        "number", "boolean", "date",
    )  # fmt: skip


def test_every_rule_is_a_query_that_must_give_nothing(
    contract: dict[str, Any], company: Company
) -> None:
    rules = {
        rule["name"]: rule
        for table in contract["schema"]
        for column in table["properties"]
        for rule in column.get("quality", [])
    }
    assert sorted(rules) == ["amount", "close_date", "competitor", "email", "step"]
    assert (rules["amount"]["severity"], rules["amount"]["mustBe"]) == ("error", 0)
    told = {each["property"]: each["value"] for each in rules["step"]["customProperties"]}
    assert (told["required_from"], told["accountable"]) == ("proposal", "rep")
    company.run(
        "insert into marts.fct_field_violations values"
        " ('step', 'o1', true), ('step', 'o2', false), ('email', 'c1', true)"
    )
    with duckdb.connect(str(company.warehouse), read_only=True) as con:
        assert con.execute(rules["step"]["query"]).fetchone() == (1,)


def test_thresholds_are_stated(contract: dict[str, Any]) -> None:
    table = next(table for table in contract["schema"] if table["name"] == "opportunities")
    assert [each["name"] for each in table["quality"]] == ["rate"]
    (level,) = contract["slaProperties"]
    assert (level["element"], level["value"], level["unit"]) == ("crm.leads", "maximum 24", "h")


def test_the_version_changes_with_the_rules_alone(company: Company, tmp_path: Path) -> None:
    def version() -> object:
        write_contract(company.desk, COLUMNS, tmp_path / "contract.yaml", "acme")
        return yaml.safe_load((tmp_path / "contract.yaml").read_text())["version"]

    before = version()
    assert version() == before
    company.rule({"field": "next_step"})
    assert version() != before
    assert [path.name for path in tmp_path.glob("*contract*")] == ["contract.yaml"]


def test_a_wrong_desk_gives_no_contract(company: Company, tmp_path: Path) -> None:
    company.rule({"field": "next_stop"})
    with pytest.raises(ExpectationsError, match="did you mean 'next_step'"):
        write_contract(company.desk, COLUMNS, tmp_path / "contract.yaml", "acme")
    assert not (tmp_path / "contract.yaml").exists()

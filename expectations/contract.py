"""The desk's rules as an Open Data Contract Standard file (v3.0), for tools that are not ours."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from expectations.desk.checking import QualityDesk, check_quality_desk
from expectations.desk.fitting import Columns
from expectations.desk.mandatory_fields import MandatoryField
from expectations.desk.thresholds import Threshold
from expectations.entities import SCHEMA, key_of, table_of
from expectations.kinds import Kind, kind_of
from expectations.sql import identifier

# The newest release that every published v3 schema accepts.
API_VERSION = "v3.0.1"

_LOGICAL_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "number": "number",
    "day": "date",
    "instant": "date",
    "flag": "boolean",
    "other": "string",
}
_SEVERITIES = {"error": "error", "warn": "warning"}

Block = dict[str, Any]


def write_contract(desk: Path, columns: Columns, path: Path, company: str) -> None:
    """Write the contract of a company's conformed tables: columns, keys and the rules on them.

    desk: folder of the company's CSV files. columns: entity -> column -> data type. path: the YAML
    file, replaced whole. company: the company's name.
    Raises ExpectationsError for a desk that does not fit the columns.
    """
    contract = data_contract(check_quality_desk(desk, columns), columns, company)
    text = yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=100)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name}.new")
    written.write_text(text, encoding="utf-8")
    written.replace(path)


def data_contract(desk: QualityDesk, columns: Columns, company: str) -> Block:
    """The contract as plain dictionaries and lists; the same desk gives the same contract."""
    schema = [_table(entity, columns[entity], desk) for entity in sorted(columns)]
    deliveries = [_service_level(each) for each in desk.thresholds if each.is_delivery]
    digest = hashlib.sha256(repr((schema, deliveries)).encode()).hexdigest()
    contract: Block = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"pilotage-{company}-data-quality",
        "name": f"Data quality of {company}",
        "version": f"1.0.0+{digest[:12]}",
        "status": "active",
        "description": {
            "purpose": "Which fields of our records must be filled, and from when.",
            "usage": "Every rule is a query that counts open violations and must give 0.",
        },
        "schema": schema,
    }
    return contract | ({"slaProperties": deliveries} if deliveries else {})


def _table(entity: str, types: Mapping[str, str], desk: QualityDesk) -> Block:
    rules = [rule for rule in desk.rules if rule.entity == entity]
    thresholds = [each for each in desk.thresholds if each.entity == entity]
    key = key_of(entity, list(types))
    table: Block = {
        "name": entity,
        "logicalType": "object",
        "physicalType": "table",
        "physicalName": f"{SCHEMA}.{table_of(entity)}",
        "dataGranularityDescription": f"One row per {' and '.join(key)}.",
        "properties": [
            _column(name, types[name], key, [rule for rule in rules if rule.field == name])
            for name in types
        ],
    }
    return table | ({"quality": list(map(_stated, thresholds))} if thresholds else {})


def _column(
    name: str, data_type: str, key: tuple[str, ...], rules: Iterable[MandatoryField]
) -> Block:
    column: Block = {
        "name": name,
        "logicalType": _LOGICAL_TYPES[kind_of(data_type)],
        "physicalType": data_type.lower(),
    }
    if name in key:
        column |= {
            "primaryKey": True,
            "primaryKeyPosition": key.index(name) + 1,
            "required": True,
            "unique": len(key) == 1,
        }
    quality = list(map(_rule, rules))
    return column | ({"quality": quality} if quality else {})


def _rule(rule: MandatoryField) -> Block:
    asks_for_more = any(value for value in vars(rule.values).values())
    return {
        "name": rule.rule_id,
        "type": "sql",
        "query": (
            "select count(*) from marts.fct_field_violations"
            f" where is_open and rule_id = '{rule.rule_id}'"
        ),
        "mustBe": 0,
        "dimension": "conformity" if asks_for_more else "completeness",
        "severity": _SEVERITIES[rule.severity],
        "unit": "rows",
        "description": rule.reason or f"{identifier(rule.field)} is filled when it is due.",
        "customProperties": _properties(
            {
                name: cell.text
                for name, cell in rule.cells.items()
                if name not in {"rule_id", "entity", "field", "severity", "reason"}
            }
        ),
    }


def _stated(threshold: Threshold) -> Block:
    return {
        "name": threshold.threshold_id,
        "type": "text",
        "severity": _SEVERITIES[threshold.severity],
        "description": threshold.reason or f"A limit of {threshold.metric}.",
        "customProperties": _properties(
            {
                name: cell.text
                for name, cell in threshold.cells.items()
                if name not in {"threshold_id", "entity", "severity", "reason"}
            }
        ),
    }


def _service_level(threshold: Threshold) -> Block:
    limits = (("minimum", threshold.minimum), ("maximum", threshold.maximum))
    return {
        "property": threshold.metric,
        "value": ", ".join(f"{name} {limit}" for name, limit in limits if limit is not None),
        "unit": "h" if threshold.metric == "freshness" else "times the usual rows",
        "element": threshold.entity,
        "driver": "operational",
    }


def _properties(texts: Mapping[str, str]) -> list[Block]:
    return [{"property": name, "value": text} for name, text in texts.items() if text]

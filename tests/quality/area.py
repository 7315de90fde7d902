"""The area of data quality, compiled once by dbt and run on small lakes in memory.

As in tests/pipeline/area.py nothing is written a second time: what runs is what dbt compiled, from
the lake's rows to the marts. The fields that rules may read are fixed here, the rules themselves
are rows of the desk, so that one compilation serves every set of rules.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.pipeline.area import DBT, LAKE_COLUMNS, Model, Settings, fill_table, state_of

Row = dict[str, Any]
MARTS = (
    "fct_field_violations",
    "fct_field_fills",
    "fct_record_completeness",
    "mart_field_quality",
)
CHECKED_BY = (
    "the_fill_balance_of_today_equals_the_states_of_today",
    "the_open_violations_are_the_faults_of_todays_fills",
    "no_two_violations_of_a_rule_and_record_touch",
    "at_most_one_rule_binds_a_field_at_an_instant",
)
RAW = {
    "crm": (
        *("reps", "accounts", "contacts", "leads", "activities"),
        *("opportunities", "opportunity_changes"),
    ),
    "invoicing": ("invoices",),
}
RULED_FIELDS = {
    "opportunities": [
        *("amount_doc", "expected_close_date", "next_step", "decision_maker"),
        *("budget_status", "competitor", "record_type", "created_at"),
    ],
    "accounts": ["industry", "country", "employees", "created_at"],
    "contacts": ["email", "contact_role"],
    "leads": ["lead_source", "company_name"],
    "activities": ["activity_status", "minutes"],
    "invoices": ["order_id", "due_date", "issued_date"],
}


@dataclass(frozen=True)
class QualityArea:
    """Models in the order of their building, checks (name -> SQL), raw and desk columns."""

    models: Sequence[Model] = field(repr=False)
    checks: Mapping[str, str] = field(repr=False)
    raw: Mapping[str, Mapping[str, str]] = field(repr=False)
    seeds: Mapping[str, Mapping[str, str]] = field(repr=False)

    def build(
        self, lake: Mapping[str, Sequence[Row]], desk: Mapping[str, Sequence[Row]], run: Settings
    ) -> "Quality":
        """Run the area on a lake and a desk (table -> rows; values as text or None)."""
        connection = duckdb.connect()
        connection.execute("set threads = 2; set TimeZone = 'UTC'; attach ':memory:' as area")
        connection.execute("use area")
        schemas = {"raw_crm", "raw_invoicing", "desk", *(model.schema for model in self.models)}
        for schema in sorted(schemas):
            connection.execute(f"create schema {schema}")
        for table, columns in self.raw.items():
            rows = lake.get(table.split(".")[1], ())
            fill_table(connection, table, {**columns, **LAKE_COLUMNS}, rows)
        for seed, columns in self.seeds.items():
            fill_table(connection, f"desk.{seed}", columns, desk.get(seed, ()))
        for model in self.models:
            sql = run.fill(model.sql)
            connection.execute(f"create {model.kind} {model.schema}.{model.name} as {sql}")
        return Quality(connection, self, run)


@dataclass(frozen=True)
class Quality:
    """The tables of one run."""

    connection: duckdb.DuckDBPyConnection
    area: QualityArea = field(repr=False)
    run: Settings

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql).fetchall()

    def failed_checks(self) -> list[str]:
        """The names of the dbt tests that find something."""
        return [name for name, sql in self.area.checks.items() if self.rows(self.run.fill(sql))]

    def close(self) -> None:
        """Free the memory."""
        self.connection.close()


def compiled(cache: Path) -> QualityArea:
    """Compile the area, or read what an earlier session compiled from the same files."""
    here = Path(__file__).stat().st_mtime_ns
    place = cache / f"quality-{state_of(DBT)}-{here}.json"
    if not place.is_file():
        for old in cache.glob("quality-*.json"):
            old.unlink()
        place.write_text(json.dumps(_essence(_compile(cache))), encoding="utf-8")
    return _read(json.loads(place.read_text(encoding="utf-8")))


def _compile(folder: Path) -> Row:
    """Let dbt compile the marts, what they need and what checks them; return the manifest."""
    settings = {
        **{name: f"@{name}@" for name in ("as_of_at", "as_of_date", "business_tz")},
        "reporting_currency": "@reporting_currency@",
        "sources": list(RAW),
        "conformed": {table: [source] for source, tables in RAW.items() for table in tables},
        "ruled_fields": RULED_FIELDS,
    }
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "PILOTAGE_LAKE": "lake",
        "PILOTAGE_WAREHOUSE": str(folder / "area.duckdb"),
        "PILOTAGE_COMPANY_DIR": "companies/demo",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
    }
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "compile", "--quiet"),
        *("--project-dir", str(DBT), "--profiles-dir", str(DBT)),
        *("--vars", json.dumps(settings)),
        *("--select", *(f"+{name}" for name in MARTS), *CHECKED_BY),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    manifest: Row = json.loads((folder / "target/manifest.json").read_text(encoding="utf-8"))
    return manifest


def _essence(manifest: Row) -> Row:
    """What the tests need of dbt's manifest, models in the order of their building."""
    nodes = manifest["nodes"]
    wanted: dict[str, None] = {}

    def visit(node_id: str) -> None:
        if node_id in nodes and node_id not in wanted:
            for parent in nodes[node_id]["depends_on"].get("nodes", []):
                visit(parent)
            wanted[node_id] = None

    for name in MARTS:
        visit(f"model.pilotage.{name}")
    kinds = {name: [n for n in nodes.values() if n["resource_type"] == name] for name in ("seed",)}
    return {
        "models": [
            [node["name"], node["schema"], node["config"]["materialized"], node["compiled_code"]]
            for node in (nodes[node_id] for node_id in wanted)
            if node["resource_type"] == "model"
        ],
        "checks": {name: nodes[f"test.pilotage.{name}"]["compiled_code"] for name in CHECKED_BY},
        "raw": {
            f"{source['source_name']}.{source['name']}": {
                name: column["data_type"] for name, column in source["columns"].items()
            }
            for source in manifest["sources"].values()
            if source["name"] in RAW.get(source["source_name"].removeprefix("raw_"), ())
        },
        "seeds": {seed["name"]: seed["config"]["column_types"] for seed in kinds["seed"]},
    }


def _read(essence: Row) -> QualityArea:
    lake_file = re.compile(r"read_parquet\('[^']*/raw/(\w+)/(\w+)/\*\.parquet'[^)]*\)")
    models = [
        Model(name, schema, kind, lake_file.sub(r"raw_\1.\2", sql))
        for name, schema, kind, sql in essence["models"]
    ]
    return QualityArea(models, essence["checks"], essence["raw"], essence["seeds"])

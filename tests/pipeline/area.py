"""The pipeline area's own SQL, compiled once by dbt and run on small lakes in memory.

Nothing is written a second time here: what runs is what dbt compiled, from the lake's rows through
staging and the conformed entities to the marts. Only four settings stay open in the compiled text
(as_of_at, as_of_date, business_tz, reporting_currency), so that one compilation serves every day.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

ROOT = Path(__file__).parents[2]
DBT = ROOT / "dbt_project"
MARTS = (
    "fct_opportunity_versions",
    "fct_stage_visits",
    "fct_opportunity_day_states",
    "fct_pipeline_intervals",
    "fct_pipeline_snapshots",
    "fct_segment_snapshots",
    "fct_pipeline_movements",
)
# What the marts' checks look at beside them.
BESIDE = ("dim_stages", "fct_opportunities", "dim_dates")
# Read by the leak tests, the second one by the macros of any day.
FORECASTS = (
    *("mart_probability_factors", "mart_probability_fits", "fct_forecast_statements"),
    *("fct_forecast_accuracy", "fct_close_date_slips"),
)
BEHIND_FORECASTS = ("int_deals_due", "int_deals_judged")
CHECKED_BY = ("the_balance_of_a_day_is_the_movements_until_then",)
LAKE_COLUMNS = {
    "_key": "varchar",
    "_op": "varchar",
    "_row_number": "bigint",
    "_row_hash": "varchar",
    "_load_id": "varchar",
    "_source_file": "varchar",
    "_extracted_at": "timestamp",
}
# A fiscal year that is not the calendar year: the general case of every fiscal macro.
FISCAL_YEAR_START_MONTH = 4
Row = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """The day that a run stands at, and where the company is."""

    day: date
    business_tz: str = "Europe/Paris"
    reporting_currency: str = "EUR"

    @property
    def as_of_at(self) -> datetime:
        """The local midnight that ends the day (UTC, exclusive)."""
        midnight = datetime.combine(
            self.day + timedelta(days=1), time(), ZoneInfo(self.business_tz)
        )
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def fill(self, sql: str) -> str:
        """The compiled SQL with its open settings filled in."""
        for name, value in (
            ("as_of_at", self.as_of_at.isoformat(" ")),
            ("as_of_date", self.day.isoformat()),
            ("business_tz", self.business_tz),
            ("reporting_currency", self.reporting_currency),
        ):
            sql = sql.replace(f"@{name}@", value)
        return sql


@dataclass(frozen=True)
class Model:
    """One model: where it goes and what fills it."""

    name: str
    schema: str
    kind: str
    sql: str


@dataclass(frozen=True)
class Area:
    """Models in the order in which they are built, checks (name -> SQL), raw columns by table."""

    models: Mapping[str, Model] = field(repr=False)
    checks: Mapping[str, str] = field(repr=False)
    raw: Mapping[str, Mapping[str, str]] = field(repr=False)
    seeds: Mapping[str, Mapping[str, str]] = field(repr=False)

    def with_sql(self, name: str, sql: str) -> "Area":
        """The same area with another text for one model (a mutant)."""
        model = self.models[name]
        changed = Model(name, model.schema, model.kind, sql)
        return Area({**self.models, name: changed}, self.checks, self.raw, self.seeds)


@dataclass
class Built:
    """The tables of one run."""

    connection: duckdb.DuckDBPyConnection
    area: Area
    settings: Settings

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query as dictionaries."""
        cursor = self.connection.execute(self.settings.fill(sql))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def failed(self) -> list[str]:
        """The names of the dbt tests that find something."""
        return [
            name
            for name, sql in self.area.checks.items()
            if self.connection.execute(self.settings.fill(sql)).fetchone() is not None
        ]

    def fingerprints(self) -> dict[str, str]:
        """Mart -> hash of its rows, in the order in which they are stored."""
        found = {}
        for name in (*MARTS, *BESIDE, *FORECASTS):
            rows = self.connection.execute(f"select * from marts.{name}").fetchall()
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found

    @cached_property
    def marts(self) -> dict[str, list[Row]]:
        """Mart -> its rows."""
        return {name: self.rows(f"select * from marts.{name}") for name in (*MARTS, *BESIDE)}

    def close(self) -> None:
        """Free the memory."""
        self.connection.close()


def build(
    area: Area,
    lake: Mapping[str, Sequence[Row]],
    desk: Mapping[str, Sequence[Row]],
    settings: Settings,
    session: Mapping[str, str | int] | None = None,
) -> Built:
    """Run the area on a lake and a desk (table -> rows; values as text or None).

    session: settings of DuckDB that must not matter.
    """
    connection = duckdb.connect()
    for name, value in {"threads": 1, "TimeZone": "UTC", **(session or {})}.items():
        connection.execute(f"set {name} = '{value}'")
    connection.execute("attach ':memory:' as area; use area")
    for schema in ("raw_crm", "desk", *sorted({model.schema for model in area.models.values()})):
        connection.execute(f"create schema {schema}")
    for table, columns in area.raw.items():
        fill_table(connection, f"raw_crm.{table}", {**columns, **LAKE_COLUMNS}, lake.get(table, ()))
    for seed, columns in area.seeds.items():
        fill_table(connection, f"desk.{seed}", columns, desk.get(seed, ()))
    for model in area.models.values():
        sql = settings.fill(model.sql)
        connection.execute(f"create {model.kind} {model.schema}.{model.name} as {sql}")
    return Built(connection, area, settings)


def fill_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    """Create a table of the declared types from rows of text."""
    schema = pa.schema([(name, pa.string()) for name in columns])
    texts = [{n: None if v is None else str(v) for n, v in row.items()} for row in rows]
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, f"{table} has no column {sorted(unknown)}"
    connection.register("delivered", pa.Table.from_pylist(texts, schema=schema))
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in columns.items())
    connection.execute(f"create table {table} as select {casts} from delivered")
    connection.unregister("delivered")


def compiled(cache: Path, project: Path = DBT) -> Area:
    """Compile the area, or read what an earlier session compiled from the same files."""
    place = cache / f"area-{state_of(project)}.json"
    if not place.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob("area-*.json"):
            old.unlink()
        place.write_text(json.dumps(_compile(cache, project)), encoding="utf-8")
    return _read(json.loads(place.read_text(encoding="utf-8")))


def state_of(project: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(p for p in project.rglob("*") if p.suffix in {".sql", ".yml", ".csv"}):
        if not {"target", "logs"} & set(path.relative_to(project).parts):
            digest.update(str(path.relative_to(project)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _compile(folder: Path, project: Path) -> Row:
    """Let dbt compile the marts, what they need and what checks them; return the manifest."""
    settings = {
        **{name: f"@{name}@" for name in ("as_of_at", "as_of_date", "business_tz")},
        "reporting_currency": "@reporting_currency@",
        "fiscal_year_start_month": FISCAL_YEAR_START_MONTH,
        # Lives here are short.
        "mature_days": 30,
        "sources": ["crm"],
        "conformed": {
            name: ["crm"] for name in ("accounts", "opportunities", "opportunity_changes", "reps")
        },
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
    wanted = [
        *(f"+{name}" for name in (*MARTS, *BESIDE, *FORECASTS, *BEHIND_FORECASTS)),
        *CHECKED_BY,
    ]
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "compile", "--quiet"),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--vars", json.dumps(settings), "--select", *wanted),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return _essence(json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8")))


def _essence(manifest: Row) -> Row:
    """What the tests need of dbt's manifest, models in the order of their building."""
    nodes = manifest["nodes"]
    wanted: dict[str, None] = {}

    def visit(node_id: str) -> None:
        if node_id in nodes and node_id not in wanted:
            for parent in nodes[node_id]["depends_on"].get("nodes", []):
                visit(parent)
            wanted[node_id] = None

    for name in (*MARTS, *BESIDE):
        visit(f"model.pilotage.{name}")
    checked = set(wanted)
    for name in (*FORECASTS, *BEHIND_FORECASTS):
        visit(f"model.pilotage.{name}")
    checks = {
        node["name"]: node["compiled_code"]
        for node in nodes.values()
        if node["resource_type"] == "test"
        and {n for n in node["depends_on"]["nodes"] if not n.startswith("seed.")} <= checked
        and node.get("compiled_code")
    }
    return {
        "models": [
            [node["name"], node["schema"], node["config"]["materialized"], node["compiled_code"]]
            for node in (nodes[node_id] for node_id in wanted)
            if node["resource_type"] == "model"
        ],
        "checks": checks,
        "raw": {
            source["name"]: {n: c["data_type"] for n, c in source["columns"].items()}
            for source in manifest["sources"].values()
            if source["source_name"] == "raw_crm"
            and source["name"] in {"accounts", "opportunities", "opportunity_changes", "reps"}
        },
        "seeds": {
            node["name"]: node["config"]["column_types"]
            for node in nodes.values()
            if node["resource_type"] == "seed"
        },
    }


def _read(essence: Row) -> Area:
    lake_file = re.compile(r"read_parquet\('[^']*/raw/(\w+)/(\w+)/\*\.parquet'[^)]*\)")
    models = {
        name: Model(name, schema, kind, lake_file.sub(r"raw_\1.\2", sql))
        for name, schema, kind, sql in essence["models"]
    }
    return Area(models, essence["checks"], essence["raw"], essence["seeds"])

"""Models of the forecast area on tables of a test, rendered without dbt."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

DBT = Path(__file__).parents[2] / "dbt_project"
MACROS = ("safe_divide", "wilson", "levels", "exact_sum")
VARS = {"min_n": 1}


def render(model: str) -> str:
    """A model's SQL whose refs are bare table names."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    (path,) = DBT.glob(f"models/**/{model}.sql")
    macros = [(DBT / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in MACROS]
    text = "".join([*macros, path.read_text(encoding="utf-8")])
    return environment.from_string(text).render(ref=lambda name: name, var=VARS.__getitem__)


def run(models: Sequence[str], tables: Mapping[str, pa.Table]) -> dict[str, list[dict[str, Any]]]:
    """Model -> its rows, each built on the tables and on the models before it."""
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register("given", table)
            con.execute(f"create table {name} as from given")
            con.unregister("given")
        for model in models:
            con.execute(f"create table {model} as {render(model)}")
        return {model: con.table(model).to_arrow_table().to_pylist() for model in models}

"""The materialization of our tables, in a project of two models: what a failure leaves behind."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

TABLE = Path(__file__).resolve().parents[1] / "dbt_project/macros/engine/table.sql"
FILES = {
    "dbt_project.yml": "{name: small, profile: small, models: {+materialized: table}}",
    "profiles.yml": "{small: {target: t, outputs: {t: {type: duckdb, path: small.duckdb}}}}",
    "models/in_sql.sql": """
select
    {{ env_var('N') }} as n,
    cast(case when {{ env_var('N') }} = 0 then error('nought') end as integer) as nothing
""",
    "models/in_python.py": """
import os
def model(dbt, session):
    if os.environ["N"] == "0":
        raise ValueError("nought")
    return session.sql("select " + os.environ["N"] + " as n")
""",
}
# The contract of in_sql is enforced where it is declared.
CONTRACT = """
models:
  - name: in_sql
    config: {contract: {enforced: true}}
    columns: [{name: n, data_type: integer}, {name: nothing, data_type: integer}]
"""


@pytest.fixture(params=["", CONTRACT], ids=["bare", "contract"])
def build(
    tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[[str], tuple[bool, list[int]]]:
    """Builds both models for a number: whether that went well, and what the tables hold then."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    if request.param:
        (tmp_path / "models/models.yml").write_text(request.param)
    (tmp_path / "macros").mkdir()
    shutil.copy(TABLE, tmp_path / "macros")

    def run(number: str) -> tuple[bool, list[int]]:
        done = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "run", "--profiles-dir", "."],
            cwd=tmp_path,
            env={**os.environ, "N": number, "DO_NOT_TRACK": "1", "DBT_VERSION_CHECK": "false"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or "nought" in done.stdout, done.stdout
        with duckdb.connect(str(tmp_path / "small.duckdb")) as connection:
            tables = connection.execute(
                "select table_name from duckdb_tables() order by table_name"
            ).fetchall()
            assert tables == [("in_python",), ("in_sql",)]
            rows = [connection.execute(f"select n from {name}").fetchall() for (name,) in tables]
        return done.returncode == 0, [n for table in rows for (n,) in table]

    return run


def test_a_view_gives_way_and_a_model_that_fails_leaves_the_table_of_before(build, tmp_path):
    with duckdb.connect(str(tmp_path / "small.duckdb")) as connection:
        connection.execute(
            "create view in_sql as select 7 as n; create view in_python as from in_sql"
        )
    assert build("1") == (True, [1, 1])
    assert build("0") == (False, [1, 1])
    assert build("2") == (True, [2, 2])

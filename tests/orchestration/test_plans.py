"""How DuckDB means to build the models: what its plans tell before the tables are large."""

import json
import re

import duckdb

# An equality of two columns, which a hash table serves.
EQUALITY = re.compile(r"\(\w+ = \w+\)")


def joins_row_by_row(plan: dict) -> list[str]:
    """The conditions of a plan's joins that compare every row with every row."""
    own = plan["name"] == "BLOCKWISE_NL_JOIN"
    below = [found for child in plan["children"] for found in joins_row_by_row(child)]
    return [plan["extra_info"]["Condition"], *below] if own else below


def test_no_model_or_check_compares_every_row_with_every_row_where_an_equality_would_do(demo_run):
    """A left join on `left.kind = 'x' and left.id = right.id` takes the square of the rows.

    So does one with coalesce(left.day < right.day, true) beside its equality. Written as
    `case when left.kind = 'x' then left.id end = right.id`, and with the missing day filled in on
    its own side, it is a hash join.
    """
    target = demo_run.company_home / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    models = {
        nodes[result["unique_id"]]["name"]: result["compiled_code"]
        for result in results
        if nodes.get(result["unique_id"], {}).get("language") == "sql" and result["compiled_code"]
    }
    slow = {}
    with duckdb.connect(str(demo_run.warehouse), read_only=True) as connection:
        for name, sql in models.items():
            plans = json.loads(connection.execute(f"explain (format json) {sql}").fetchone()[1])
            conditions = [c for plan in plans for c in joins_row_by_row(plan)]
            # One of several ways to meet a condition is none that a hash table could serve.
            lost = [c for c in conditions if EQUALITY.search(c) and " OR " not in c]
            if lost:
                slow[name] = lost
    assert len(models) > 500  # checks too
    assert not slow

"""Of which columns a column is made: known answers on SQL made by hand, and the demo's own."""

import json
from pathlib import Path

import pytest

from orchestration.lineage import Column, Lineage, compiled_below

DEALS = "read_parquet('/lake/crm/deals/*.parquet', union_by_name=true)"


def node(name: str, sql: str = "", parents: tuple[str, ...] = (), **other: object) -> dict:
    return {
        "unique_id": f"model.{name}",
        "name": name,
        "resource_type": "model",
        "language": "sql",
        "relation_name": f'"work"."marts"."{name}"',
        "columns": {},
        "package_name": "made",
        "original_file_path": f"models/{name}.sql",
        "depends_on": {"nodes": list(parents)},
        "compiled_code": sql,
        **other,
    }


def traced(*nodes: dict) -> Lineage:
    crm = {
        "unique_id": "source.crm.deals",
        "name": "deals",
        "source_name": "crm",
        "resource_type": "source",
        "relation_name": DEALS,
        "columns": {"id": {}, "amount": {}, "rate": {}, "owner": {}},
    }
    seed = node("stages", resource_type="seed", columns={"stage": {}, "chance": {}})
    by_id = {one["unique_id"]: one for one in (seed, *nodes)}
    return Lineage(
        {"nodes": by_id, "sources": {"source.crm.deals": crm}}, compiled_below(Path("nowhere"))
    )


STAGED = node(
    "stg_deals",
    f"""
    with source as (select * from {DEALS}),
    renamed as (
        select id as deal_id, amount * rate as value, _key, 'crm' as source_name from source
    )
    select * from renamed
    """,
    ("source.crm.deals",),
)


def of_crm(*names: str) -> tuple[Column, ...]:
    return tuple(Column("source.crm.deals", name) for name in names)


def of_staged(*names: str) -> tuple[Column, ...]:
    return tuple(Column("model.stg_deals", name) for name in names)


def test_a_column_is_made_of_what_its_expression_reads():
    assert traced(STAGED).of("model.stg_deals") == {
        "deal_id": of_crm("id"),
        "value": of_crm("amount", "rate"),
        "_key": of_crm("_key"),
        "source_name": (),
    }


def test_joins_unions_and_windows_are_followed_and_conditions_are_not():
    mart = node(
        "mart",
        """
        with deals as (select * from "work"."marts"."stg_deals"),
        stages as (select * from "work"."marts"."stages"),
        joined as (
            select
                deals.deal_id,
                deals.value * stages.chance as weighted,
                sum(deals.value) over (partition by stages.stage) as stage_value
            from deals inner join stages on deals._key = stages.stage
            where deals.source_name = 'crm'
        ),
        both as (
            select deal_id, weighted, stage_value from joined
            union all
            select deal_id, value, null from deals
        )
        select deal_id, coalesce(weighted, 0) as weighted, stage_value, count(*) over () as cases
        from both
        """,
        ("model.stg_deals", "model.stages"),
    )
    lineage = traced(STAGED, mart)
    chance, stage = Column("model.stages", "chance"), Column("model.stages", "stage")
    assert lineage.of("model.mart") == {
        "deal_id": of_staged("deal_id"),
        "weighted": (chance, *of_staged("value")),
        "stage_value": (stage, *of_staged("value")),
        "cases": (),
    }
    assert lineage.origins(Column("model.mart", "weighted")) == [chance, *of_crm("amount", "rate")]


@pytest.mark.parametrize(
    "other", [{"language": "python"}, {"compiled_code": "select from where ("}, {}]
)
def test_what_cannot_be_read_has_its_columns_and_no_makers(other):
    unread = node("fitted", "", ("model.stg_deals",), columns={"chance": {}}, **other)
    mart = node("mart", 'select chance as p from "work"."marts"."fitted"', ("model.fitted",))
    lineage = traced(STAGED, unread, mart)
    assert lineage.of("model.fitted") == {"chance": ()}
    assert lineage.origins(Column("model.mart", "p")) == [Column("model.fitted", "chance")]


def test_the_demo_tells_where_a_figure_comes_from(call_pilotage, demo_run):
    def ask(*arguments: str):
        return call_pilotage(demo_run.home, "lineage", *arguments)

    told = ask("fct_stage_visits.expected_days").stdout
    assert "is made of\n    desk/stages.expected_days" in told
    assert "comes down to\n    desk/stages: expected_days" in told
    (document,) = json.loads(ask("marts.mart_flash.month_conversion", "--json").stdout)
    assert {"int_member_days.won_count", "int_member_days.lost_count"} < set(document["made_of"])
    assert "raw_crm.opportunities.is_deleted" in document["comes_down_to"]
    # It is no other once dbt has read the project anew, which forgets what it compiled.
    listed = call_pilotage(demo_run.home, "dbt", "--", "ls", "-s", "dim_reps")
    assert listed.returncode == 0, listed.stdout
    assert ask("fct_stage_visits.expected_days").stdout == told
    whole = json.loads(ask("fct_pipeline_snapshots", "--json").stdout)
    assert len(whole) > 5
    assert all(one["description"] for one in whole)

    refused = ask("fct_stage_visit.days")
    assert refused.returncode == 2
    assert "did you mean 'fct_stage_visits'?" in refused.stderr
    refused = ask("fct_stage_visits.day")
    assert refused.returncode == 2
    assert "has no column 'day' (did you mean 'days'?)" in refused.stderr


def test_what_was_never_built_has_no_lineage_yet(call_pilotage, tmp_path):
    refused = call_pilotage(tmp_path, "lineage", "mart_flash")
    assert refused.returncode == 2
    assert "Run first: pilotage run --company demo" in refused.stderr

"""Drift: what a load holds that those before it did not."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from delivered import Row, Shop

from ingest.contract import Source, read_source
from ingest.drift import write_drift_table

COLUMNS = {"id": "varchar", "stage": "varchar", "chance": "decimal(5,2)"}
META = {"stage": {"categorical": True}, "chance": {"scale": "percent"}}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.columns = dict(COLUMNS)
    return shop


def declared(shop: Shop) -> Source:
    """The shop's source, with what is said of its columns."""
    declaration = shop.declaration()
    for column in declaration["sources"][0]["tables"][0]["columns"]:
        column["config"] = {"meta": META.get(column["name"], {})}
    path = shop.home / "_shop__sources.yml"
    path.write_text(yaml.safe_dump(declaration))
    return read_source(path)


def drifted(shop: Shop) -> list[Row]:
    """raw.drift: day, column, kind, detail."""
    warehouse = shop.home / "work.duckdb"
    count = write_drift_table([declared(shop)], shop.lake, warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            "select day(extracted_at), column_name, drift_kind, detail from raw.drift"
        ).fetchall()
    assert len(rows) == count
    return rows


def chances(*values: object) -> str:
    rows = "".join(f"{n},new,{value}\n" for n, value in enumerate(values))
    return "id,stage,chance\n" + rows


def test_a_lake_without_loads_has_no_drift(shop: Shop) -> None:
    shop.home.mkdir()
    assert drifted(shop) == []


def test_a_value_that_no_load_brought_before_is_told_once(shop: Shop) -> None:
    head = "id,stage,chance\n"
    shop.landed("2025-01-01", head + "a,new,\nb,won,\n")
    shop.landed("2025-01-02", head + "a,lost,\nb,won,\nc,,\n")
    shop.landed("2025-01-03", head + "a,new,\nb,lost,\nc,won,\n")
    assert drifted(shop) == [(2, "stage", "new_value", "lost")]
    assert drifted(shop) == [(2, "stage", "new_value", "lost")]


def test_columns_that_come_and_go_and_change_their_names_are_told(shop: Shop) -> None:
    shop.landed("2025-01-01", "id,stage,chance\na,new,1\n")
    shop.landed("2025-01-02", "id,stage,chance,mood,tone\na,new,1,x,y\n")
    shop.landed("2025-01-03", "id,stage,chance,mode,tone\na,new,1,x,y\n")
    shop.landed("2025-01-04", "id,stage,chance\na,new,1\n")
    assert drifted(shop) == [
        (2, "mood", "new_column", ""),
        (2, "tone", "new_column", ""),
        (3, "mode", "renamed_column", "perhaps 'mood' until then"),
        (4, "mode", "vanished_column", ""),
        (4, "tone", "vanished_column", ""),
    ]


def test_a_member_that_some_lines_lack_is_new_once_and_never_gone(shop: Shop) -> None:
    shop.terms = {"format": "jsonl", "mode": "incremental"}
    line = '{"id":"a","stage":"new","chance":1'
    shop.landed("2025-01-01", line + "}\n")
    for day in (2, 3, 4):
        rest = ',"mood":1}' if day % 2 == 0 else "}"
        shop.landed(f"2025-01-0{day}", line + rest + "\n")
    assert drifted(shop) == [(2, "mood", "new_column", "")]


def test_a_column_of_another_type_is_told_by_what_was_refused(shop: Shop) -> None:
    shop.terms = {"max_vanished_share": 1}
    shop.landed("2025-01-01", chances(*range(10, 20)))
    shop.landed("2025-01-02", chances(*["high"] * 6, *range(16, 20)))
    shop.landed("2025-01-03", chances(*["high"] * 5, *range(15, 20)))
    told = "6 of 10 rows hold no decimal(5,2)"
    assert drifted(shop) == [(2, "chance", "retyped_column", told)]


def test_a_column_of_another_physical_type_is_told(shop: Shop) -> None:
    shop.terms = {"format": "parquet"}
    for day, values in ((1, pa.array([1, 2])), (2, pa.array([1.0, 3.0]))):
        columns = {"id": ["a", "b"], "stage": ["new", "new"], "chance": values}
        pq.write_table(pa.table(columns), shop.deliver(f"2025-01-0{day}", ""))
    shop.land()
    assert drifted(shop) == [(2, "chance", "retyped_column", "BIGINT until then, now DOUBLE")]


def test_chances_in_another_scale_are_told(shop: Shop) -> None:
    percents = [10 * n for n in range(1, 11)]
    shop.landed("2025-01-01", chances(*percents))
    shop.landed("2025-01-02", chances(*(n / 100 for n in percents)))
    shop.landed("2025-01-03", chances(*percents[:9], 0.5))
    assert drifted(shop) == [(2, "chance", "changed_scale", "10 of 10 chances are no percent")]


def test_percents_where_fractions_are_declared_are_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(META, "chance", {"scale": "fraction"})
    shop.landed("2025-01-01", chances(*(n / 10 for n in range(1, 11))))
    shop.landed("2025-01-02", chances(*(10 * n for n in range(1, 11))))
    assert drifted(shop) == [(2, "chance", "changed_scale", "10 of 10 chances are no fraction")]

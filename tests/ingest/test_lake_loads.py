"""What successive deliveries add to the lake, and what a killed run leaves behind."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from delivered import Row, Shop, counts
from watched import settings_seen

from ingest.errors import DeliveryError
from ingest.lake import Lake, load_id, loads_of, write_once
from ingest.loads import load_table, write_loads_table

HEADER = "id,amount,closed_on\n"


def deals(**amounts: str) -> str:
    return HEADER + "".join(f"{key},{amount},\n" for key, amount in amounts.items())


def ten_deals(*without: str) -> dict[str, str]:
    return {f"d{number}": "1" for number in range(10) if f"d{number}" not in without}


def table_bytes(shop: Shop) -> dict[str, bytes]:
    return {
        path.relative_to(shop.lake).as_posix(): path.read_bytes()
        for path in sorted(shop.lake.rglob("*.parquet"))
    }


def test_a_full_export_lands_what_is_new_and_marks_what_is_gone(shop: Shop) -> None:
    assert counts(shop.landed("2025-01-01", deals(a="1", b="2", c="3"))) == (3, 0, 0, 0)
    assert counts(shop.landed("2025-01-02", deals(a="1", b="2.5"))) == (1, 1, 0, 1)
    assert shop.rows("_key, _op, amount::varchar, _row_number, day(_extracted_at)")[3:] == [
        ("b", "upsert", "2.50", 2, 2),
        ("c", "delete", "3.00", 3, 2),
    ]


def test_a_restored_row_lands_again(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1", b="2"))
    assert counts(shop.landed("2025-01-02", deals(a="1"))) == (0, 1, 0, 1)
    assert counts(shop.landed("2025-01-03", deals(a="1"))) == (0, 1, 0, 0)
    assert counts(shop.landed("2025-01-04", deals(a="1", b="2"))) == (1, 1, 0, 0)
    assert shop.rows("_key, _op, day(_extracted_at)")[2:] == [
        ("b", "delete", 2),
        ("b", "upsert", 4),
    ]


def test_an_export_that_returns_to_an_old_content_is_news(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1"))
    shop.landed("2025-01-02", deals(a="2"))
    assert counts(shop.landed("2025-01-03", deals(a="1"))) == (1, 0, 0, 0)


def test_the_order_of_runs_does_not_matter_to_the_lake(shop: Shop, tmp_path: Path) -> None:
    contents = {
        "2025-01-01": deals(a="1", b="2", c="3"),
        "2025-01-02": deals(a="1", c="4"),
        "2025-01-03": deals(a="x", b="2", c="4"),
    }
    for day, content in contents.items():
        shop.landed(day, content)
    other = Shop(tmp_path / "other")
    for day, content in reversed(contents.items()):
        other.deliver(day, content)
    assert [counts(load) for load in other.land()] == [(3, 0, 0, 0), (1, 1, 0, 1), (1, 1, 1, 0)]
    assert table_bytes(other) == table_bytes(shop)


def test_the_same_delivery_twice_is_one_load(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1"))
    before = table_bytes(shop)
    shop.deliver("2025-01-01", deals(a="1"))
    assert shop.land() == []
    assert table_bytes(shop) == before


def test_a_delivery_landed_under_an_older_declaration_is_not_landed_again(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1"))
    shop.columns["mood"] = "varchar"
    assert shop.land() == []
    shop.landed("2025-01-02", "id,amount,closed_on,mood\na,1,,good\n")
    assert shop.rows("mood, _op") == [(None, "upsert"), ("good", "upsert")]


def test_two_of_ten_keys_may_vanish_and_three_may_not(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(**ten_deals()))
    shop.deliver("2025-01-02", deals(**ten_deals("d0", "d1", "d2")))
    with pytest.raises(DeliveryError, match="3 of 10 known keys") as refusal:
        shop.land()
    assert "more than 20%" in refusal.value.what
    assert len(shop.rows()) == 10
    assert counts(shop.landed("2025-01-02", deals(**ten_deals("d0", "d1")))) == (0, 8, 0, 2)


def test_the_share_that_may_vanish_is_a_setting(shop: Shop) -> None:
    shop.terms = {"max_vanished_share": 0.3}
    shop.landed("2025-01-01", deals(**ten_deals()))
    content = deals(**ten_deals("d0", "d1", "d2"))
    assert counts(shop.landed("2025-01-02", content)) == (0, 7, 0, 3)


def test_few_keys_may_all_vanish(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1", b="2"))
    assert counts(shop.landed("2025-01-02", HEADER)) == (0, 0, 0, 2)


def test_a_refused_row_has_not_vanished(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1", b="2", c="3"))
    load = shop.landed("2025-01-02", deals(a="1", b="two"))
    assert counts(load) == (0, 1, 1, 1)
    assert shop.rows("_key, _op")[3:] == [("c", "delete")]


def test_no_key_is_given_up_while_a_row_cannot_be_read(shop: Shop) -> None:
    shop.landed("2025-01-01", deals(a="1", b="2", c="3"))
    load = shop.landed("2025-01-02", deals(a="1") + "b,2\n")
    assert (counts(load), load.notes) == ((0, 1, 1, 0), ("DELETES_POSTPONED",))
    assert counts(shop.landed("2025-01-03", deals(a="1", b="2"))) == (0, 2, 0, 1)


def test_a_full_export_older_than_one_landed_is_refused(shop: Shop) -> None:
    shop.landed("2025-01-02", deals(a="1"))
    shop.deliver("2025-01-01", deals(a="0"))
    with pytest.raises(DeliveryError, match="is older") as refusal:
        shop.land()
    assert refusal.value.where == "2025-01-01/deals.csv"
    assert len(shop.rows()) == 1


def test_an_increment_says_nothing_of_the_keys_it_leaves_out(shop: Shop) -> None:
    shop.terms = {"mode": "incremental"}
    shop.landed("2025-01-01", deals(a="1", b="2"))
    assert counts(shop.landed("2025-01-02", deals(b="2", c="3"))) == (1, 1, 0, 0)
    assert shop.rows("_key") == [("a",), ("b",), ("c",)]


def test_a_late_increment_lands_whole_and_does_not_hide_newer_news(shop: Shop) -> None:
    shop.terms = {"mode": "incremental"}
    shop.landed("2025-01-01", deals(a="1", b="1"))
    shop.landed("2025-01-03", deals(a="3"))
    assert counts(shop.landed("2025-01-02", deals(a="2", b="1"))) == (2, 0, 0, 0)
    assert counts(shop.landed("2025-01-04", deals(a="3", b="1"))) == (0, 2, 0, 0)


def test_a_key_twice_in_a_delivery_keeps_each_version_once(shop: Shop) -> None:
    content = HEADER + "a,1,\na,1,\na,2,\na,1,\n"
    assert counts(shop.landed("2025-01-01", content)) == (3, 1, 0, 0)
    assert shop.rows("_row_number, amount::varchar") == [(1, "1.00"), (3, "2.00"), (4, "1.00")]
    assert counts(shop.landed("2025-01-02", deals(a="1"))) == (0, 1, 0, 0)


def test_rows_that_say_otherwise_of_a_key_above_them_are_counted(shop: Shop) -> None:
    assert shop.landed("2025-01-01", HEADER + "a,1,\na,1,\nb,1,\n").repeated_rows == 0
    # The first row of a says what is known: it is unchanged, and still it is contradicted.
    load = shop.landed("2025-01-02", HEADER + "a,1,\na,2,\nb,1,\nc,x,\nc,3,\n")
    assert (counts(load), load.repeated_rows) == ((2, 2, 1, 0), 1)
    shop.terms["decimal"] = ","
    shop.landed("2025-01-03", HEADER + "a,3,\na,4,\na,3,\nb,1,\nc,3,\n")
    told = loads_table(shop, "raw.loads order by extracted_at", "repeated_rows")
    assert told == [(0,), (1,), (2,)]


def test_a_key_of_several_columns_keeps_its_parts_apart(shop: Shop) -> None:
    shop.columns, shop.keys = {"a": "varchar", "b": "varchar"}, ["a", "b"]
    shop.landed("2025-01-01", 'a,b\nx|y,z\nx,y|z\n"x\\",y\n')
    assert shop.rows("_key") == [("x\\|y|z",), ("x|y\\|z",), ("x\\\\|y",)]


def test_rows_without_a_key_are_counted_among_their_equals(shop: Shop) -> None:
    shop.keys = []
    shop.landed("2025-01-01", deals(a="1") + "a,1,\nb,2,\n")
    found = [key.split("#")[1] for (key,) in shop.rows("_key")]
    assert found == ["1", "2", "1"]
    assert counts(shop.landed("2025-01-02", deals(a="1", b="2"))) == (0, 2, 0, 1)
    assert shop.rows("id, _op, right(_key, 2)")[3:] == [("a", "delete", "#2")]


def test_a_refusal_keeps_what_landed_before_it(shop: Shop) -> None:
    shop.deliver("2025-01-01", deals(a="1"))
    shop.deliver("2025-01-02", "id\na\n")
    shop.deliver("2025-01-03", deals(a="3"))
    with pytest.raises(DeliveryError, match="'amount', 'closed_on'"):
        shop.land()
    assert shop.rows("day(_extracted_at)") == [(1,)]
    assert not list(shop.lake.rglob("*.tmp"))
    assert not list(shop.lake.rglob("*.csv"))
    shop.deliver("2025-01-02", deals(a="2"))
    assert len(shop.land()) == 2


def test_a_run_killed_before_the_raw_file_is_as_if_it_had_not_been(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = deals(a="1", b="two")
    undisturbed = Shop(tmp_path / "undisturbed")
    undisturbed.landed("2025-01-01", content)
    shop.deliver("2025-01-01", content)

    def killed_at_raw(con: duckdb.DuckDBPyConnection, query: str, path: Path, text: str) -> None:
        if "/raw/" in path.as_posix():
            path.with_name(path.name + ".tmp").write_bytes(b"PAR1 torn")
            raise KeyboardInterrupt
        write_once(con, query, path, text)

    with monkeypatch.context() as patched:
        patched.setattr("ingest.loads.write_once", killed_at_raw)
        with pytest.raises(KeyboardInterrupt):
            shop.land()
    assert len(shop.refused()) == 1
    assert loads_table(shop, "raw.quarantine", "count(*)") == [(0,)]
    assert [counts(load) for load in shop.land()] == [(1, 0, 1, 0)]
    assert table_bytes(shop) == table_bytes(undisturbed)
    assert not list(shop.lake.rglob("*.tmp"))


def test_a_table_without_a_delivery_can_be_read(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER)
    path = shop.lake / "raw" / "shop" / "deals" / "_contract.parquet"
    names = ["id", "amount", "closed_on", "_extra", "_load_id", "_row_number", "_key", "_row_hash"]
    assert pq.read_schema(path).names == [*names, "_op", "_source_file", "_extracted_at"]
    shop.columns = {"id": "varchar", "amount": "decimal(18,4)", "closed_on": "date"}
    shop.land()
    assert str(pq.read_schema(path).field("amount").type) == "decimal128(18, 4)"


def test_the_raw_file_holds_exactly_the_declared_types(shop: Shop) -> None:
    shop.columns = {
        "id": "varchar", "n": "bigint", "x": "double", "d": "decimal(5,1)", "b": "boolean",
        "day": "date", "at": "timestamp",
    }  # fmt: skip
    load = shop.landed("2025-01-01", "at,day,b,d,x,n,id\n,,,,,,a\n")
    path = shop.lake / "raw" / "shop" / "deals" / f"{load.load_id}.parquet"
    assert [str(field.type) for field in pq.read_schema(path)] == [
        "string", "int64", "double", "decimal128(5, 1)", "bool", "date32[day]", "timestamp[us]",
        "string", "string", "int64", "string", "string", "string", "string", "timestamp[us]",
    ]  # fmt: skip
    assert loads_of(path) == [load]


def test_a_load_is_named_after_content_instant_and_contract(shop: Shop) -> None:
    table = shop.source().tables[0]
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert load_id(table, noon, "00") == load_id(table, noon, "00")
    assert len({load_id(table, noon, "00"), load_id(table, noon, "01")}) == 2
    assert load_id(table, noon, "00") != load_id(table, noon.replace(hour=13), "00")


def test_the_number_of_threads_changes_no_byte(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = HEADER + "".join(f"k{n * 7919 % 200003},{n}.25,\n" for n in range(200_000))
    shop.landed("2025-01-01", content)
    connect = duckdb.connect
    monkeypatch.setattr(
        "ingest.scratch.duckdb.connect",
        lambda config: connect(config={**config, "threads": 1}),
    )
    alone = Shop(tmp_path / "alone")
    alone.landed("2025-01-01", content)
    assert table_bytes(alone) == table_bytes(shop)


def loads_table(shop: Shop, table: str, columns: str) -> list[Row]:
    warehouse = shop.home / "work.duckdb"
    write_loads_table(shop.lake, warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(f"select {columns} from {table}").fetchall()


def test_the_books_exist_without_a_load(shop: Shop) -> None:
    shop.home.mkdir()
    assert loads_table(shop, "raw.loads", "*") == []
    assert loads_table(shop, "raw.quarantine", "*") == []


def test_the_books_tell_each_load_and_each_refused_row(shop: Shop) -> None:
    shop.landed("2025-01-01", "id,mood,amount,closed_on\na,,1,\nb,,two,\n")
    columns = "source_name, table_name, source_file, mode, extra_columns, extracted_at::varchar"
    assert loads_table(shop, "raw.loads", columns) == [
        ("shop", "deals", "2025-01-01/deals.csv", "full", "mood", "2025-01-01 23:59:59")
    ]
    rows = "delivered_rows, loaded_rows, unchanged_rows, quarantined_rows, deleted_rows, bytes"
    assert loads_table(shop, "raw.loads", rows) == [(2, 1, 0, 1, 0, 39)]
    refused = "source_name, table_name, line_number, column_name, reason, raw_text, raw_bytes"
    assert loads_table(shop, "raw.quarantine", refused) == [
        ("shop", "deals", 3, "amount", "<two> is no decimal(18,2)", "b,,two,", b"b,,two,")
    ]


def test_landing_draws_no_progress_bar(shop: Shop) -> None:
    shop.deliver("2025-01-01", "id,amount,closed_on\na,1,\nb,two,\n")
    code = """
from pathlib import Path
from ingest.contract import read_source
from ingest.loads import load_table, write_loads_table
declaration, deliveries, lake, warehouse = map(Path, sys.argv[1:])
source = read_source(declaration)
load_table(source, source.tables[0], deliveries, lake)
write_loads_table(lake, warehouse)
"""
    warehouse = shop.home / "work.duckdb"
    places = (shop.source().path, shop.deliveries, shop.lake, warehouse)
    assert {bar for bar, _ in settings_seen(code, *map(str, places))} == {False}
    assert warehouse.is_file()


def test_progress_is_told_after_each_load(shop: Shop) -> None:
    shop.deliver("2025-01-01", deals(a="1"))
    shop.deliver("2025-01-02", deals(a="2"))
    source, told = shop.source(), []
    loads = load_table(source, source.tables[0], shop.deliveries, shop.lake, told.append)
    assert told == loads
    assert len(Lake(shop.lake).loads(source.tables[0])) == 2


def test_lake_and_warehouse_are_for_nobody_else(shop: Shop) -> None:
    shop.landed("2025-01-01", "id,amount,closed_on\n1,1,\n")
    warehouse = shop.home / "work.duckdb"
    write_loads_table(shop.lake, warehouse)
    assert stat.S_IMODE(shop.lake.stat().st_mode) == 0o700
    assert stat.S_IMODE(warehouse.stat().st_mode) == 0o600

"""MariaDB as a source, where the server is installed: no wheel brings one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from delivered import counts
from servers import MARIADB, MariaDb, mariadb

from ingest.contract import read_source
from ingest.cursors import Reach, Wanted
from ingest.databases import _since, state_of
from ingest.dialects import MySql, SourceColumn, TableQuery
from ingest.errors import DeliveryError
from ingest.fetching import fetch
from ingest.loads import Load, load_table
from ingest.tables import Column, Source, Table, Terms

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
needs_server = pytest.mark.skipif(not MARIADB, reason="mariadbd is not installed")

DEALS = {
    "id": "varchar",
    "amount": "decimal(18,2)",
    "is_open": "boolean",
    "close_date": "date",
    "seen_at": "timestamp",
    "changed_at": "timestamp",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("maria")) as running:
        yield running


class Shop:
    """A shop's MySQL database, and the lake that it is fetched into."""

    def __init__(self, server: MariaDb, home: Path) -> None:
        self.server, self.home, self.at = server, home, NOON
        self.terms: dict[str, Any] = {"time_zone": "Europe/Paris"}

    def source(self) -> Source:
        tables = [
            {
                "name": name,
                "config": {"meta": {"keys": ["id"], "delivery": terms}},
                "columns": [{"name": n, "data_type": t} for n, t in columns.items()],
            }
            for name, columns, terms in (
                ("deals", DEALS, self.terms),
                ("owners", {"id": "varchar", "name": "varchar"}, {"relation": "crm.owners"}),
            )
        ]
        meta = {"delivery": {"connector": "mysql", "statement_timeout": 2}}
        declared = {"name": "raw_shopdb", "config": {"meta": meta}, "tables": tables}
        path = self.home / "_shopdb__sources.yml"
        path.write_text(yaml.safe_dump({"version": 2, "sources": [declared]}), encoding="utf-8")
        return read_source(path)

    def landed(self) -> list[Load]:
        self.at += timedelta(days=1)
        source, places = self.source(), (self.home / "deliveries", self.home / "lake")
        fetch(source, *places, lambda: self.at)
        return [load for table in source.tables for load in load_table(source, table, *places)]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        files = self.home / "lake" / "raw" / "shopdb" / "deals" / "*.parquet"
        lake = f"read_parquet('{files}', union_by_name=true)"
        with duckdb.connect() as con:
            return con.execute(f"select {query} from {lake} order by all").fetchall()


@pytest.fixture
def shop(server: MariaDb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    address = f"mysql://root@127.0.0.1:{server.port}/crm"
    monkeypatch.setenv("PILOTAGE_SOURCE_SHOPDB", address)
    server.run(
        "drop view if exists crm.slow",
        "create or replace table crm.owners (id int primary key, name text)",
        "create or replace table crm.deals (id int primary key, amount decimal(30,4),"
        " is_open tinyint(1), close_date date, seen_at timestamp(6) null,"
        " changed_at datetime(6), secret text)",
        "insert into crm.owners values (7, 'Léa')",
        "set session sql_mode = ''",
        "set session time_zone = '+00:00'",
    )
    return Shop(server, tmp_path)


@needs_server
def test_every_table_arrives_of_one_statement_and_exact(shop: Shop) -> None:
    shop.server.run(
        "insert into crm.deals values"
        " (1, 12345678901234.25, 1, '2025-06-30', '2025-02-01 07:00:00.5', '2025-02-01 08:00', '')",
        "insert into crm.deals values (2, 0.1251, 0, '2025-06-30', null, null, null)",
        "insert into crm.deals values (3, 100, 0, null, null, null, null)",
    )
    deals, owners = shop.landed()
    assert (counts(deals), counts(owners)) == ((2, 0, 1, 0), (1, 0, 0, 0))
    assert deals.extra_columns == ("secret",)
    assert shop.rows("id, amount::varchar, is_open, seen_at::varchar, changed_at::varchar")[0] == (
        "1",
        "12345678901234.25",
        True,
        "2025-02-01 07:00:00.5",
        "2025-02-01 07:00:00",
    )


@needs_server
def test_its_state_tells_a_row_more_and_a_later_cursor(shop: Shop) -> None:
    """MariaDB makes nothing of a text of which one part is NULL."""
    shop.terms |= {"mode": "incremental", "cursor": "changed_at"}
    seen = [state_of(shop.source())]
    for statement in (
        "insert into crm.owners values (8, 'Bo')",
        "insert into crm.deals (id) values (1)",
        "update crm.deals set changed_at = '2025-02-01 08:00'",
        "update crm.deals set changed_at = '2025-02-01 09:00'",
    ):
        shop.server.run(statement)
        seen.append(state_of(shop.source()))
    assert len({*seen}) == len(seen), seen
    assert state_of(shop.source()) == seen[-1]


@needs_server
def test_an_increment_reads_ties_again_and_what_has_no_cursor(shop: Shop) -> None:
    shop.terms |= {"mode": "incremental", "cursor": "changed_at"}
    shop.server.run(
        "insert into crm.deals (id, changed_at) values (1, '2025-02-01 08:00'),"
        " (2, '2025-02-03 08:00'), (3, null)"
    )
    shop.landed()
    shop.server.run("insert into crm.deals (id, changed_at) values (4, '2025-02-03 08:00')")
    deals, _ = shop.landed()
    assert (deals.delivered_rows, deals.loaded_rows) == (3, 1)


@needs_server
def test_a_day_that_is_none_is_quarantined(shop: Shop) -> None:
    shop.server.run(
        "set statement sql_mode = '' for"
        " insert into crm.deals (id, close_date) values (1, '0000-00-00'), (2, '2025-01-01')"
    )
    deals, _ = shop.landed()
    assert counts(deals) == (1, 0, 1, 0)


@needs_server
def test_a_statement_that_takes_too_long_is_given_up(shop: Shop) -> None:
    shop.server.run(
        "create view crm.slow as select id, cast(sleep(20) as char) as name from crm.owners"
    )
    path = shop.source().path
    path.write_text(path.read_text().replace("crm.owners", "crm.slow"), encoding="utf-8")
    with pytest.raises(DeliveryError, match="source shopdb could not be read"):
        fetch(read_source(path), shop.home / "deliveries", shop.home / "lake", lambda: NOON)
    assert not list((shop.home / "deliveries").rglob("*.parquet"))


@needs_server
def test_a_retyped_column_is_refused(shop: Shop) -> None:
    shop.server.run("alter table crm.deals modify amount varchar(30)")
    with pytest.raises(DeliveryError, match=r"'amount' of shopdb\.deals is varchar\(30\)"):
        shop.landed()


@pytest.mark.parametrize(
    ("column", "asked", "said"),
    [
        (SourceColumn("a", "int(11)", "whole"), "cast(`a` as char)", "2025-03-01 12:00:00.000000"),
        (
            SourceColumn("b", "bit(1)", "whole"),
            "cast(`b` + 0 as char)",
            "2025-03-01 12:00:00.000000",
        ),
        (
            SourceColumn("c`d", "timestamp", "instant"),
            "concat(cast(`c``d` as char), '+00:00')",
            "2025-03-01 12:00:00.000000",
        ),
        # An hour before, for Paris puts its clocks back.
        (SourceColumn("e", "datetime", "local"), "cast(`e` as char)", "2025-03-01 12:00:00.000000"),
    ],
)
def test_what_the_server_is_asked_for(column: SourceColumn, asked: str, said: str) -> None:
    """Without a server, at least what is asked of it is known."""
    dialect = MySql()
    terms = Terms(path="x", cursor=column.name, time_zone="Europe/Paris")
    table = Table("shopdb", "deals", "", (), (Column(column.name, "timestamp"),), terms)
    assert dialect.as_text(column) == asked
    name = dialect.quoted(column.name)
    assert _since(dialect, column, Wanted(table, Reach(NOON))) == (
        f"({name} >= '{said}' or {name} is null)"
    )


def test_the_narrower_tables_are_padded() -> None:
    wide = TableQuery("wide", "select {} from a", ("x", "y"), ("x", "y"), ())
    narrow = TableQuery("narrow", "select {} from b", ("z",), ("z",), ())
    assert MySql.stacked([wide, narrow]) == [
        "select 0 as part, x as c0, y as c1 from a",
        "select 1 as part, z as c0, null as c1 from b",
    ]

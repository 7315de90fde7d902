"""Questions to the published file: answered exactly, in four shapes, and nothing else done."""

import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from serving.reading import QueryError, answer, hardened
from serving.rows import show, write_rows


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A published file of one mart with every kind of value."""
    path = tmp_path_factory.mktemp("published") / "pilotage.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.fct_deals as
            select * from (values
                ('d1', 'a "quoted", text', 12345678901234.56::decimal(18, 2), true,
                 date '2025-01-02', timestamp '2025-01-02 03:04:05.000006'),
                ('d2', null, null, null, null, null)
            ) as deals (deal_id, note, amount, is_won, won_date, won_at)
            """
        )
    return path


EVERYTHING = "select * from marts.fct_deals order by deal_id"


def test_csv_keeps_every_digit_and_leaves_null_empty(published, tmp_path):
    with hardened(published) as connection:
        write_rows(answer(connection, EVERYTHING), "csv", tmp_path / "deals.csv")

    assert (tmp_path / "deals.csv").read_text().splitlines() == [
        "deal_id,note,amount,is_won,won_date,won_at",
        'd1,"a ""quoted"", text",12345678901234.56,true,2025-01-02,2025-01-02 03:04:05.000006',
        "d2,,,,,",
    ]


def test_json_has_an_object_per_row(published, capsys):
    with hardened(published) as connection:
        show(answer(connection, EVERYTHING), "json")

    first, second = [
        json.loads(line, parse_float=Decimal) for line in capsys.readouterr().out.splitlines()
    ]
    assert first == {
        "deal_id": "d1",
        "note": 'a "quoted", text',
        "amount": Decimal("12345678901234.56"),
        "is_won": True,
        "won_date": "2025-01-02",
        "won_at": "2025-01-02 03:04:05.000006",
    }
    assert second["deal_id"] == "d2"
    assert set(second.values()) == {"d2", None}


def test_parquet_keeps_the_types(published, tmp_path):
    with hardened(published) as connection:
        write_rows(answer(connection, EVERYTHING), "parquet", tmp_path / "deals.parquet")

    first = pq.read_table(tmp_path / "deals.parquet").to_pylist()[0]
    assert first["amount"] == Decimal("12345678901234.56")
    assert (first["won_date"], first["is_won"]) == (date(2025, 1, 2), True)
    assert pd.Timestamp(first["won_at"]) == pd.Timestamp(datetime(2025, 1, 2, 3, 4, 5, 6))  # noqa: DTZ001


def test_a_question_that_fails_half_way_leaves_no_file(published, tmp_path):
    failing = "select case when i > 50000 then error('late') else i end from range(99999) as t(i)"
    with hardened(published) as connection, pytest.raises(duckdb.Error, match="late"):
        write_rows(answer(connection, failing), "csv", tmp_path / "rows.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "question",
    [
        "describe marts.fct_deals",
        "show tables",
        "from marts.fct_deals",
        "from fct_deals",
        "explain select 1",
        "with one as (select 1) select * from one",
    ],
)
def test_what_only_reads_is_answered(published, question):
    with hardened(published) as connection:
        assert answer(connection, question).fetchall()


HOSTILE = {
    "read a file": "select * from read_text('/etc/passwd')",
    "read a csv": "select * from read_csv('/etc/passwd')",
    "read a blob": "select * from read_blob('/etc/hostname')",
    "read parquet": "select * from read_parquet('/tmp/any.parquet')",
    "read json": "select * from read_json('/tmp/any.json')",
    "a file as a table": "select * from '/etc/passwd'",
    "a file by its ending": "select * from '/tmp/any.csv'",
    "list a folder": "select * from glob('/*')",
    "sniff a file": "select * from sniff_csv('/etc/passwd')",
    "write a file": "copy (select 1) to '{folder}/out.csv'",
    "write parquet": "copy marts.fct_deals to '{folder}/out.parquet' (format parquet)",
    "read into a table": "copy marts.fct_deals from '/etc/passwd'",
    "export": "export database '{folder}/export'",
    "import": "import database '{folder}/export'",
    "attach": "attach '{folder}/other.duckdb' as other",
    "attach itself for writing": "attach '{file}' as again (read_write)",
    "install": "install httpfs",
    "load": "load httpfs",
    "load by path": "load '/tmp/evil.duckdb_extension'",
    "over the network": "select * from read_csv('https://127.0.0.1:1/any.csv')",
    "unlock": "set lock_configuration = false",
    "allow files": "set enable_external_access = true",
    "reset": "reset enable_external_access",
    "another home": "set home_directory = '{folder}'",
    "a log of queries": "pragma log_query_path = '{folder}/log.sql'",
    "spill elsewhere": "set temp_directory = '{folder}/spill'",
    "insert": "insert into marts.fct_deals (deal_id) values ('d3')",
    "update": "update marts.fct_deals set note = 'mine'",
    "delete": "delete from marts.fct_deals",
    "create": "create table marts.mine as select 1 as one",
    "create beside": "create schema mine",
    "drop": "drop table marts.fct_deals",
    "profile into a file": "pragma profiling_output = '{folder}/profile.json'",
    "a secret": "create persistent secret mine (type http, bearer_token 'x')",
}


@pytest.mark.parametrize("statement", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_statement_is_refused_on_a_connection_of_a_bi_tool(
    published, tmp_path, statement
):
    before = published.read_bytes()
    with hardened(published) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(folder=tmp_path, file=published)).fetchall()
    assert published.read_bytes() == before
    assert not [*tmp_path.iterdir()]


NO_QUESTIONS = [
    "create temp table mine as select 1",
    "set threads = 1",
    "begin",
    "pragma disable_progress_bar",
    "select 1; select 2",
    "select 1; attach 'other.duckdb'",
    "call pragma_version()",
    "prepare one as select 1",
    "-- nothing",
]


@pytest.mark.parametrize("statement", NO_QUESTIONS)
def test_what_is_no_single_select_is_no_question(published, statement):
    with hardened(published) as connection, pytest.raises(QueryError):
        answer(connection, statement)

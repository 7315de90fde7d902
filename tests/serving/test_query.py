"""Questions to the published file: answered exactly, in four shapes, and nothing else done."""

import json
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ingest.formulas import harmless
from serving.questions import INDIRECT, REVEALING, QueryError, answer
from serving.reading import hardened
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
        write_rows(answer(connection, EVERYTHING), "csv", tmp_path / "deals.csv", harmless)

    assert (tmp_path / "deals.csv").read_text().splitlines() == [
        "deal_id,note,amount,is_won,won_date,won_at",
        'd1,"a ""quoted"", text",12345678901234.56,true,2025-01-02,2025-01-02 03:04:05.000006',
        "d2,,,,,",
    ]


def test_json_has_an_object_per_row(published, capsys):
    with hardened(published) as connection:
        show(answer(connection, EVERYTHING), "json", harmless)

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
        write_rows(answer(connection, EVERYTHING), "parquet", tmp_path / "deals.parquet", harmless)

    first = pq.read_table(tmp_path / "deals.parquet").to_pylist()[0]
    assert first["amount"] == Decimal("12345678901234.56")
    assert (first["won_date"], first["is_won"]) == (date(2025, 1, 2), True)
    assert pd.Timestamp(first["won_at"]) == pd.Timestamp(datetime(2025, 1, 2, 3, 4, 5, 6))  # noqa: DTZ001


def test_a_question_that_fails_half_way_leaves_no_file(published, tmp_path):
    failing = "select case when i > 50000 then error('late') else i end from range(99999) as t(i)"
    with hardened(published) as connection, pytest.raises(duckdb.Error, match="late"):
        write_rows(answer(connection, failing), "csv", tmp_path / "rows.csv", harmless)
    assert sorted(p.name for p in tmp_path.iterdir()) == []


def test_columns_of_one_name_are_told_by_their_place(published, capsys):
    question = 'select 1 as a, 2 as a, 3 as "A"'
    with hardened(published) as connection:
        show(answer(connection, question), "csv", harmless)
        with pytest.raises(QueryError, match="one name"):
            show(answer(connection, question), "json", harmless)
    assert capsys.readouterr().out == "a,a,A\n1,2,3\n"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("select 1 as answer, 2 as other", [{"answer": 1, "other": 2}]),
        ("show tables", [{"name": "fct_deals"}]),
        ('select 5 as "it\'s", [1] as list', [{"it's": 5, "list": [1]}]),
    ],
)
def test_json_tells_of_no_name_of_ours(published, capsys, question, told):
    with hardened(published) as connection:
        show(answer(connection, question), "json", harmless)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == told


def test_csv_quotes_whatever_ends_a_line(published, tmp_path):
    question = "select 'a' || chr(13) || 'b' as one, 'c' || chr(10) || 'd' as two"
    with hardened(published) as connection:
        write_rows(answer(connection, question), "csv", tmp_path / "rows.csv", harmless)
    written = (tmp_path / "rows.csv").read_bytes()
    assert written == b'one,two\n"a\rb","c\nd"\n'
    assert pd.read_csv(tmp_path / "rows.csv").to_numpy().tolist() == [["a\rb", "c\nd"]]


def test_csv_holds_no_formula_and_numbers_stay_numbers(published, capsys):
    question = (
        "select '=cmd|x' as f, '-5' as t, -5 as n, -0.5::decimal(3, 1) as d, -1.5::float as r"
    )
    with hardened(published) as connection:
        show(answer(connection, f"{question}, ['=a'] as list, 1 as \"@sum\""), "csv", harmless)
    assert capsys.readouterr().out == "f,t,n,d,r,list,'@sum\n'=cmd|x,'-5,-5,-0.5,-1.5,['=a'],1\n"


@pytest.mark.parametrize("value", ["interval 1 day", "union_value(one := 1)"])
def test_what_parquet_cannot_hold_is_told(published, tmp_path, value):
    with hardened(published) as connection, pytest.raises(QueryError, match="is_odd: "):
        write_rows(
            answer(connection, f"select {value} as is_odd"), "parquet", tmp_path / "a", harmless
        )
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("shape", ["csv", "json", "parquet"])
def test_a_private_file_is_for_its_owner_alone(published, tmp_path, shape):
    with hardened(published) as connection:
        for is_private in (True, False):
            path = tmp_path / f"{is_private}.{shape}"
            write_rows(answer(connection, EVERYTHING), shape, path, harmless, is_private=is_private)
    modes = {path.stem: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"True": 0o600, "False": 0o666 & ~umask()}


def umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


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


DISABLED, READ_ONLY = "disabled by configuration", "read-only mode"
LOCKED, NO_EXTENSIONS = "configuration has been locked", "disabled through configuration"
# Statement -> why it is refused: all that it names is there, so that nothing else would.
HOSTILE = {
    "read a file": ("select * from read_text('{folder}/secret.csv')", DISABLED),
    "read a csv": ("select * from read_csv('{folder}/secret.csv')", DISABLED),
    "read a blob": ("select * from read_blob('{folder}/secret.csv')", DISABLED),
    "read parquet": ("select * from read_parquet('{folder}/secret.parquet')", DISABLED),
    "read json": ("select * from read_json('{folder}/secret.json')", DISABLED),
    "read another database": ("select * from read_duckdb('{folder}/other.duckdb')", DISABLED),
    "a file as a table": ("select * from '{folder}/secret.csv'", DISABLED),
    "parquet as a table": ("select * from '{folder}/secret.parquet'", DISABLED),
    "list a folder": ("select * from glob('{folder}/*')", DISABLED),
    "sniff a file": ("select * from sniff_csv('{folder}/secret.csv')", DISABLED),
    "write a file": ("copy (select 1) to '{folder}/out.csv'", DISABLED),
    "write parquet": ("copy marts.fct_deals to '{folder}/out.parquet' (format parquet)", DISABLED),
    "explain and write": ("explain analyze copy (select 1) to '{folder}/out.csv'", DISABLED),
    "read into a table": ("copy marts.fct_deals from '{folder}/secret.csv'", DISABLED),
    "export": ("export database '{folder}/export'", DISABLED),
    "import": ("import database '{folder}/exported'", DISABLED),
    "attach": ("attach '{folder}/other.duckdb' as other", DISABLED),
    "attach for writing": ("attach '{folder}/other.duckdb' as other (read_write)", DISABLED),
    "install": ("install httpfs", DISABLED),
    "load": ("load httpfs", NO_EXTENSIONS),
    "load by path": ("load '{folder}/evil.duckdb_extension'", NO_EXTENSIONS),
    "over the network": ("select * from read_csv('http://127.0.0.1:1/any.csv')", DISABLED),
    "unlock": ("set lock_configuration = false", LOCKED),
    "allow files": ("set enable_external_access = true", LOCKED),
    "reset": ("reset enable_external_access", LOCKED),
    "another home": ("set home_directory = '{folder}'", LOCKED),
    "a log of queries": ("pragma log_query_path = '{folder}/log.sql'", LOCKED),
    "spill elsewhere": ("set temp_directory = '{folder}/spill'", LOCKED),
    "insert": ("insert into marts.fct_deals (deal_id) values ('d3')", READ_ONLY),
    "update": ("update marts.fct_deals set note = 'mine'", READ_ONLY),
    "delete": ("delete from marts.fct_deals", READ_ONLY),
    "create": ("create table marts.mine as select 1 as one", READ_ONLY),
    "create beside": ("create schema mine", READ_ONLY),
    "drop": ("drop table marts.fct_deals", READ_ONLY),
    "profile into a file": ("pragma profiling_output = '{folder}/profile.json'", LOCKED),
    "a secret": ("create persistent secret mine (type http, bearer_token 'x')", DISABLED),
}


@pytest.fixture
def files(published, tmp_path):
    """What the hostile statements name, each of it readable without the settings."""
    with duckdb.connect() as connection:
        for ending in ("csv", "parquet", "json"):
            connection.execute(f"copy (select 1 as secret) to '{tmp_path}/secret.{ending}'")
        connection.execute(f"attach '{tmp_path}/other.duckdb' as other")
        connection.execute("create table other.secrets as select 1 as secret")
        connection.execute("create table secrets as from other.secrets")
        connection.execute(f"export database '{tmp_path}/exported'")
    (tmp_path / "evil.duckdb_extension").write_bytes(b"none")
    return tmp_path


@pytest.mark.parametrize(("statement", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_statement_is_refused_on_a_connection_of_a_bi_tool(
    published, files, statement, why
):
    before, there = published.read_bytes(), sorted(files.rglob("*"))
    with hardened(published) as connection, pytest.raises(duckdb.Error, match=why):
        connection.execute(statement.format(folder=files)).fetchall()
    assert published.read_bytes() == before
    assert sorted(files.rglob("*")) == there


@pytest.mark.parametrize(
    "title",
    ["read a file", "read another database", "parquet as a table", "list a folder", "import"],
)
def test_without_the_settings_a_hostile_statement_reads_what_it_names(published, files, title):
    """Read only is not enough; else the cases above would prove nothing."""
    statement, _ = HOSTILE[title]
    with duckdb.connect() as connection:
        connection.execute(statement.format(folder=files))


def test_the_documentation_counts_the_hostile_statements():
    text = (Path(__file__).parents[2] / "docs/bi.md").read_text(encoding="utf-8")
    assert f"holds {len(HOSTILE)} hostile statements" in text
    assert f"hold {len(HOSTILE_QUESTIONS)} questions against" in text


HOSTILE_QUESTIONS = {
    "log into a file": "from enable_logging(storage = 'file', storage_path = '{folder}/log')",
    "log": "from enable_logging()",
    "no log": "from disable_logging()",
    "empty the log": "from truncate_duckdb_logs()",
    "write into the log": "select write_log('mine')",
    "what others asked": "from duckdb_logs()",
    "the log as a view": 'select message from main."DuckDB_logs"',
    "the log, counted": "select (select count(*) from /* from */ duckdb_logs) as questions",
    "the log, summarized": "summarize duckdb_logs",
    "the log, parsed": "from duckdb_logs_parsed('QueryLog')",
    "who asked": "from duckdb_log_contexts()",
    "what is prepared": "with mine as (from duckdb_prepared_statements()) from mine",
    "profile": "from enable_profiling()",
    "no profile": "from disable_profiling()",
    "checkpoint": "from checkpoint()",
    "checkpoint at once": "from force_checkpoint()",
    "hidden in a text": "from query('from enable_logging()')",
    "hidden in a name": "from query_table('duckdb_' || 'logs')",
    "hidden in JSON": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "hidden in a pragma": "pragma json_execute_serialized_sql('{parsed}')",
    "within explain": "explain analyze from enable_logging()",
    "explain and write": "explain analyze copy (select 1) to '{folder}/out.csv'",
    "explain, options": "explain (analyze, format json) copy (select 1) to '{folder}/out.csv'",
    "explain, comments": (
        "/* /* é */ explain select '*/ explain -- select 1\n analyze"
        " /* select */ copy (select 1) to '{folder}/out.csv'"
    ),
    "create by explain": "explain analyze create temp table mine as select 1 as one",
}


@pytest.mark.parametrize("question", HOSTILE_QUESTIONS.values(), ids=HOSTILE_QUESTIONS)
def test_a_question_neither_changes_the_database_nor_shows_what_others_asked(
    published, tmp_path, question
):
    (parsed,) = duckdb.execute("select json_serialize_sql('from enable_logging()')").fetchone()
    with hardened(published) as connection:
        with pytest.raises(QueryError, match=r"may not use|not a select"):
            answer(
                connection, question.replace("{folder}", str(tmp_path)).replace("{parsed}", parsed)
            )
        assert connection.execute("from duckdb_logs").fetchall() == []
    assert not [*tmp_path.iterdir()]


def test_no_function_of_this_duckdb_that_is_not_only_read_is_forgotten():
    """Whatever a release adds that is called like those that are refused."""
    named = "log|profil|checkpoint|prepared|execute|^enable|^disable"
    found = duckdb.execute(
        """
        select function_name from duckdb_functions()
        where function_type in ('table', 'table_macro', 'scalar')
            and regexp_matches(function_name, $named)
        union
        select view_name from duckdb_views() where regexp_matches(view_name, $named)
        """,
        {"named": named},
    ).fetchall()
    harmless = {"log", "log10", "log2", "duckdb_profiling_settings", "parse_duckdb_log_message"}
    assert {name for (name,) in found} - harmless <= REVEALING | INDIRECT


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("pivot fct_deals on is_won using count(*)", "must name its columns"),
        ("explain pivot fct_deals on is_won using count(*)", "were given"),
    ],
)
def test_a_pivot_that_creates_a_type_is_told_what_to_write(published, question, why):
    with hardened(published) as connection:
        with pytest.raises(QueryError, match=why):
            answer(connection, question)
        told = answer(connection, "pivot fct_deals on is_won in (true) using count(*)")
        assert told.fetchall()


def test_what_is_nested_too_deeply_to_be_judged_is_refused(published):
    with hardened(published) as connection, pytest.raises(QueryError, match="nested"):
        answer(connection, "from (" * 400 + "select 1" + ")" * 400)


def test_what_is_explained_may_be_said_in_any_way(published):
    with hardened(published) as connection:
        for question in (
            "-- é\nexplain /* why */ select 1",
            "explain analyze from fct_deals",
            "explain (analyze, format json) (select 1)",
            "EXPLAIN (format json) describe fct_deals",
        ):
            assert answer(connection, question).fetchall()


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

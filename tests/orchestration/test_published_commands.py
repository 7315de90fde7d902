"""`pilotage query` and `pilotage publish`: asked and gone back to from the command line."""

import os
from datetime import datetime

import duckdb
import pytest

from serving.parquet import copy_to_parquet
from serving.publication import publish


@pytest.fixture
def company(bare_tiny):
    """The tiny company with two published versions of one mart, and a warehouse that moved on."""
    bare_tiny.data.mkdir(parents=True)
    for number in (1, 2, 3):
        with duckdb.connect(str(bare_tiny.data / "work.duckdb")) as connection:
            connection.execute(
                f"""
                create schema if not exists marts;
                create or replace table marts.fct_deals as
                select 'd1' as deal_id, {number} as amount;
                create or replace table marts.fct_check_results as
                select 'keys' as check_name, 'passed' as status, true as is_blocking
                """
            )
        if number < 3:
            publish(
                bare_tiny.data / "work.duckdb",
                bare_tiny.data / "published",
                company="tiny",
                as_of_at=datetime(2025, 1, number),  # noqa: DTZ001 - UTC without zone
                marts=("fct_check_results", "fct_deals"),
                run_id=f"run-{number}",
            )
            copy_to_parquet(bare_tiny.data / "published")
    return bare_tiny


@pytest.fixture
def call(call_pilotage, company):
    def calling(*arguments: str):
        return call_pilotage(company.home, *arguments, "--company", str(company.folder))

    return calling


def test_what_is_published_is_asked_and_written_as_people_like(call, tmp_path):
    assert "│ d1      │      2 │" in call("query", "from fct_deals").stdout
    assert call("query", "from fct_deals", "--format", "csv").stdout == "deal_id,amount\nd1,2\n"
    asked = call("query", "from marts.fct_deals", "--to", str(tmp_path / "deals.json"))
    assert asked.returncode == 0, asked.stderr
    assert (tmp_path / "deals.json").read_text() == '{"deal_id":"d1","amount":2}\n'
    (tmp_path / "deals.sql").write_text("-- all of them\nselect amount from fct_deals;\n")
    call("query", str(tmp_path / "deals.sql"), "--to", str(tmp_path / "deals.parquet"))
    assert duckdb.sql(f"from '{tmp_path}/deals.parquet'").fetchall() == [(2,)]


def test_the_warehouse_is_asked_where_it_is_meant(call):
    asked = call("query", "--warehouse", "from marts.fct_deals", "--format", "csv")
    assert asked.stdout == "deal_id,amount\nd1,3\n"


def test_what_is_taken_out_of_the_warehouse_is_for_its_owner_alone(call, tmp_path):
    for arguments in (("--warehouse",), ()):
        path = tmp_path / f"{len(arguments)}.csv"
        asked = call("query", *arguments, "select '=a' as note", "--to", str(path))
        assert asked.returncode == 0, asked.stderr
        assert path.read_text() == "note\n'=a\n"
    assert (tmp_path / "1.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "0.csv").stat().st_mode & 0o044


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("drop table marts.fct_deals",), "kind DROP, not a select"),
        (("select 1; select 2",), "One statement is asked for, 2 were given"),
        (("select * from read_text('/etc/passwd')",), "disabled by configuration"),
        (("from fct_deal",), 'Did you mean "fct_deals"?'),
        (("from fct_deal",), "what to do: name what is there: `show all tables`"),
        (("--warehouse", "from fct_deals"), "its tables need their schema: marts.fct_x"),
        (("select amout from fct_deals",), "`describe <table>` lists the columns"),
        (("selec 1",), "what to do: mend the select\n"),
        (("select 'a'::integer",), "what to do: mend the select\n"),
        (("select * from read_text('/etc/passwd')",), "ask the published tables alone"),
        (("missing.sql",), "No such file"),
        (("missing.sql",), "name a .sql file that is there"),
        (("from fct_deals", "--format", "parquet"), "name a file: --to"),
        (("from fct_deals", "--to", "deals.txt"), "ends with .csv, .json or .parquet"),
        (("from fct_deals", "--to", "/nowhere/deals.csv"), "name a file in a folder that is there"),
        (("select interval 1 day as i", "--to", "i.parquet"), "i: month_day_nano_interval"),
        (("explain analyze copy (select 1) to 'x.csv'", "--warehouse"), "kind COPY, not a select"),
        (("--warehouse", "drop table marts.fct_deals"), "kind DROP, not a select"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_why(call, arguments, told):
    asked = call("query", *arguments)
    assert asked.returncode == 2, asked.stdout
    assert told in asked.stderr
    assert "what to do" in asked.stderr
    assert "Traceback" not in asked.stderr
    assert ".part" not in asked.stderr


def test_a_file_that_is_no_text_is_told(call, tmp_path):
    (tmp_path / "latin.sql").write_bytes("select 'é'".encode("latin-1"))
    asked = call("query", str(tmp_path / "latin.sql"))
    assert (asked.returncode, "save it as UTF-8" in asked.stderr) == (2, True)


def test_a_link_is_written_through_and_a_pipe_is_not_replaced(call, tmp_path):
    behind, link, pipe = tmp_path / "behind.csv", tmp_path / "link.csv", tmp_path / "pipe.csv"
    link.symlink_to(behind)
    assert call("query", "from fct_deals", "--to", str(link)).returncode == 0
    assert (link.is_symlink(), behind.read_text()[:7]) == (True, "deal_id")
    os.mkfifo(pipe)
    asked = call("query", "from fct_deals", "--to", str(pipe))
    assert (asked.returncode, "what lies there is no file" in asked.stderr) == (2, True)
    assert pipe.is_fifo()


def test_a_warehouse_that_a_run_writes_is_to_be_waited_for(call, company):
    with duckdb.connect(str(company.data / "work.duckdb")):
        asked = call("query", "--warehouse", "from marts.fct_deals")
        published = call("query", "from fct_deals", "--format", "csv")
    assert asked.returncode == 2
    assert "what to do: wait for the run that writes it, or ask what is published" in asked.stderr
    assert published.stdout == "deal_id,amount\nd1,2\n"


@pytest.mark.parametrize("question", ["-- all = many\nselect 7 as n", "--all\nselect 7 as n"])
def test_a_question_may_begin_with_a_comment(call, question):
    for arguments in ((question, "--format", "csv"), ("--format=csv", question)):
        assert call("query", *arguments).stdout == "n\n7\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("select 1", "--fromat", "csv"),
        ("--fromat=csv", "select 1"),
        ("--fromat",),
        ("-- why\nselect 1", "--fromat", "csv"),
        ("-- why\nselect 1", "--fromat=csv"),
        ("--warehose", "-- why\nselect 1"),
    ],
)
def test_a_mistyped_option_is_refused(call, arguments):
    asked = call("query", *arguments)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "No such option" in asked.stderr or "unexpected extra argument" in asked.stderr


def test_a_plan_is_drawn_over_lines(call):
    for question in ("explain select 7 as n", "explain analyze select 7 as n"):
        lines = call("query", question).stdout.splitlines()
        assert "│         PROJECTION        │" in lines
        assert not [line for line in lines if "\\n" in line]


def test_versions_are_listed_and_gone_back_to(call, company):
    listed = call("publish", "list").stdout.splitlines()
    assert [(line[0], line.split()[-1]) for line in listed] == [("*", "run-2"), (" ", "run-1")]

    back = call("publish", "rollback")
    assert back.returncode == 0, back.stderr
    assert call("query", "from fct_deals", "--format", "csv").stdout == "deal_id,amount\nd1,1\n"
    parquet = company.data / "published/parquet/fct_deals/fct_deals.parquet"
    assert duckdb.sql(f"select amount from '{parquet}'").fetchall() == [(1,)]

    again = call("publish", "rollback")
    assert again.returncode == 2
    assert "No version before" in again.stderr
    newest = listed[0].split()[1]
    assert call("publish", "rollback", newest).returncode == 0
    assert call("publish", "list").stdout.splitlines()[0].startswith("* ")


def test_a_damaged_version_is_listed_as_such(call, company):
    older = sorted((company.data / "published").glob("marts-*.duckdb"))[0]
    older.chmod(0o600)
    older.write_bytes(b"no database")
    listed = call("publish", "list")
    assert listed.returncode == 0, listed.stderr
    newer, damaged = listed.stdout.splitlines()
    assert newer.endswith("run-2")
    assert "damaged" in damaged


def test_where_nothing_is_published_that_is_said(call_pilotage, tiny):
    def call(*arguments: str):
        return call_pilotage(tiny.home, *arguments, "--company", str(tiny.folder))

    assert "Nothing is published" in call("publish", "list").stdout
    assert "Nothing is published" in call("publish", "rollback").stderr
    for arguments, told in (((), "Nothing is published"), (("--warehouse",), "no warehouse yet")):
        asked = call("query", *arguments, "from fct_deals")
        assert asked.returncode == 2
        assert told in asked.stderr
        assert f"Run the chain first: pilotage run --company {tiny.folder}." in asked.stderr

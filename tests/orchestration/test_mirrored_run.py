"""A run whose published marts are mirrored into PostgreSQL, and one that cannot reach it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from pytest_httpserver import HTTPServer
from tiny_company import EXPORT, Tiny
from werkzeug import Request, Response


@pytest.fixture
def heard(httpserver: HTTPServer) -> list[tuple[str, str]]:
    """What a webhook was told: kind and rule."""
    told: list[tuple[str, str]] = []

    def hear(request: Request) -> Response:
        notice = request.get_json()
        told.append((notice["kind"], notice["rule"]))
        return Response(status=204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(hear)
    return told


def holding(folder: Path, text: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text in path.read_bytes()]


def mirrored(address: str, table: str) -> list[tuple]:
    """Version and rows of a mart, as a reader of the server sees them."""
    with psycopg.connect(address) as server:
        server.execute("set role desk")
        lines = "select version, row_count from marts.published where table_name = %s"
        return server.execute(lines, [table]).fetchall()


def test_what_fails_after_publication_stops_nothing_else_is_told_and_made_good_by_the_next_run(
    call_pilotage,
    tiny: Tiny,
    heard: list,
    httpserver: HTTPServer,
    new_database: Callable[[str], str],
) -> None:
    tiny.deliver("2025-01-10", EXPORT)
    in_the_way = tiny.data / "reports/index.html/in the way"
    in_the_way.mkdir(parents=True)
    company = ("--company", str(tiny.folder))
    settings = {"PILOTAGE_CHANNEL_DATA_TEAM": "webhook+" + httpserver.url_for("/hook")}
    secret = {"PILOTAGE_POSTGRES": "postgresql://keeper:c4nary-s3cret@127.0.0.1:1/tiny"}
    failed = call_pilotage(tiny.home, "run", *company, **settings, **secret)
    listed = call_pilotage(tiny.home, "alerts", "list", *company, "--json").stdout

    assert failed.returncode == 1, failed.stdout + failed.stderr
    for part in (
        *("published, but the report is an older one", str(in_the_way.parent)),
        *("published, but not in PostgreSQL", "nobody answers", "tiny at 127.0.0.1:1"),
    ):
        assert part in failed.stderr
    assert (tiny.data / "published/parquet/fct_invoice_lines").is_dir()
    told = {alert["rule"]: alert for alert in json.loads(listed)["alerts"]}
    assert {*told} & {"parquet", "report", "postgres"} == {"report", "postgres"}
    assert told["postgres"]["title"].startswith("The run published, but not in PostgreSQL: ")
    assert told["postgres"]["remedy"].endswith(f"pilotage run --company {tiny.folder}")
    assert "c4nary" not in failed.stdout + failed.stderr + listed
    assert holding(tiny.home, b"c4nary") == []

    shutil.rmtree(in_the_way.parent)
    address = new_database("tiny")
    given = {"PILOTAGE_POSTGRES": address, "PILOTAGE_POSTGRES_READER": "desk"}
    done = call_pilotage(tiny.home, "run", *company, **settings, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert heard == [
        *(("opened", "report"), ("opened", "postgres")),
        *(("resolved", "report"), ("resolved", "postgres")),
    ]
    version = (tiny.data / "published/marts.duckdb").resolve(strict=True).stem
    assert mirrored(address, "fct_invoice_lines") == [(version.removeprefix("marts-"), 2)]

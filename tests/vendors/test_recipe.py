"""docs/add_a_source.md, followed word by word: what it says is written, run and looked at; then
Dagster runs it, with and without asking the API."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from companies import ROOT, Company, found_company
from loopback import Answer, Api, Asked

from ingest.lake import loads_in
from orchestration.company import find_company
from orchestration.definitions import JOB, build_definitions

PAGE = ROOT / "docs" / "add_a_source.md"
FILE = re.compile(r"^`(models/\S+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EVENTS = [
    {
        "id": number,
        "campaign": "spring",
        "contact": {"id": f"c{number}", "name": f"N{number}", "email": f"c{number}@x.example"},
        "kind": "opened",
        "at": f"2025-01-0{number}T08:00:00Z",
    }
    for number in range(1, 4)
]


def mailer(asked: Asked) -> Answer:
    """Two events a page, from an instant on."""
    if asked.path != "/events" or asked.headers.get("Authorization") != "Bearer m4il-t0ken":
        return Answer({"error": "who are you?"}, 401)
    found = [event for event in EVENTS if str(event["at"]) >= asked.params.get("since", "")]
    start = 2 * (int(asked.params["page"]) - 1)
    return Answer({"events": found[start : start + 2], "count": len(found)})


@pytest.fixture
def mailing_tool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    api = Api(mailer)
    monkeypatch.setenv("PILOTAGE_SOURCE_MAILER_TOKEN", "m4il-t0ken")
    monkeypatch.setenv("PILOTAGE_SOURCE_MAILER_BASE_URL", api.url)
    yield api
    api.close()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company made as the page says, and one export of its till."""
    made = found_company(tmp_path, "corner_shop", "till", "mailer")
    files = dict(FILE.findall(PAGE.read_text(encoding="utf-8")))
    # Two files a source, and its models.
    assert sorted(path.rsplit("/", 1)[1] for path in files if path.endswith(".yml")) == [
        "_mailer__models.yml", "_mailer__sources.yml", "_till__models.yml", "_till__sources.yml",
    ]  # fmt: skip
    for path, content in files.items():
        target = made.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    export = made.deliveries / "till" / "2025-12-31" / "payments.csv"
    export.parent.mkdir(parents=True)
    export.write_text(
        "number;invoice;amount;paid_on\np1;i1;1234,50;30/12/2025\np2;i2;x;31/12/2025\n",
        encoding="utf-8",
    )

    return made


def test_two_sources_from_nothing(company: Company, mailing_tool: Api) -> None:
    told = company.call("run")
    assert "fetched mailer" in told
    assert "published" in told
    payments = "payment_id, document_id, currency, amount_doc::varchar, paid_date::varchar"
    assert company.rows("payments", payments) == [("p1", "i1", "EUR", "1234.50", "2025-12-30")]
    events = "event_id, campaign_id, contact_id, event_type, occurred_at::varchar"
    assert company.rows("email_events", events) == [
        (str(number), "spring", f"c{number}", "opened", f"2025-01-0{number} 08:00:00")
        for number in range(1, 4)
    ]
    assert "1 rows in quarantine" in company.call("quarantine")
    lake = company.folder.parent / "home" / company.folder.name / "lake"
    instants = f"select distinct _extracted_at::varchar from '{lake}/raw/till/payments/*.parquet'"
    # The last second of 2025-12-31 in Paris.
    assert duckdb.sql(f"{instants} where _load_id is not null").fetchall() == [
        ("2025-12-31 22:59:59",)
    ]


def test_a_contact_of_the_recipe_can_be_erased(
    company: Company, mailing_tool: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTAGE_ERASURE_KEY", "a secret that is long")
    company.call("fetch")
    company.call("ingest")
    company.call("erase", "--email", "C2@x.example")
    lake = company.folder.parent / "home" / company.folder.name / "lake"
    people = duckdb.sql(
        f"select id, contact_name, contact_email from '{lake}/raw/mailer/events/*.parquet'"
        " where _load_id is not null order by id"
    ).fetchall()
    assert people == [
        ("1", "N1", "c1@x.example"), ("2", None, None), ("3", "N3", "c3@x.example"),
    ]  # fmt: skip


def deliver_payments(company: Company, day: str, *rows: str) -> None:
    path = company.deliveries / "till" / day / "payments.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["number;invoice;amount;paid_on", *rows, ""]), encoding="utf-8")


def amounts(company: Company) -> dict[str, str]:
    return dict(company.rows("payments", "payment_id, amount_doc::varchar"))


def test_a_corrected_file_counts_and_a_key_that_comes_twice_is_told(
    company: Company, mailing_tool: Api
) -> None:
    day = "2026-01-08"
    deliver_payments(company, day, "p20;i2;10,00;08/01/2026", "p21;i2;5,00;08/01/2026")
    company.call("run")
    corrected = "p20;i2;12,00;08/01/2026"
    deliver_payments(company, day, corrected, "p22;i3;1,00;08/01/2026", "p22;i3;2,00;08/01/2026")
    told = company.call("run")
    assert amounts(company) == {"p1": "1234.50", "p20": "12.00", "p21": "5.00", "p22": "2.00"}
    assert "published" in told
    summary = told[told.index("  checks ") :]
    assert re.search(
        r"warned +delivered_keys__till on raw.loads: 1 of \d+ \(key \(unique\) 1\)", summary
    )
    assert re.search(rf"till.payments till/{day}/payments.csv \(load \w+ repeats 1\)", summary)
    rows = re.search(
        r'rows: pilotage query --warehouse --company \S+ "(.+delivered_keys__till.+)"', summary
    )
    assert rows, summary
    assert f"till/{day}/payments.csv" in company.call("query", "--warehouse", rows[1])

    # The same row twice loses nothing.
    deliver_payments(company, day, corrected, corrected, "p22;i3;2,00;08/01/2026")
    told = company.call("run")
    assert "delivered_keys__till" not in told[told.index("  checks ") :]
    assert amounts(company) == {"p1": "1234.50", "p20": "12.00", "p21": "5.00", "p22": "2.00"}


FETCHED = dg.AssetKey(["deliveries", "mailer"])
PAYMENTS, OPENINGS = dg.AssetKey(["raw_till", "payments"]), dg.AssetKey(["raw_mailer", "events"])


@pytest.fixture
def in_dagster(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The company as runs in this process see it."""
    monkeypatch.setenv("PILOTAGE_HOME", str(company.folder.parent / "home"))
    return company


def materialized(company: Company, *assets: dg.AssetKey, as_of: str = "") -> bool:
    """Whether a run of the web interface succeeds; without any asset: of all of them."""
    made = build_definitions(find_company(str(company.folder)), as_of, takes_lock=True)
    with dg.DagsterInstance.ephemeral() as instance:
        done = made.resolve_job_def(JOB).execute_in_process(
            instance=instance, asset_selection=[*assets] or None, raise_on_error=False
        )
        return done.success


def landed(company: Company) -> list[tuple[str, int]]:
    """Source and rows of each load in the lake."""
    lake = company.folder.parent / "home" / company.folder.name / "lake"
    return sorted((load.source_name, load.loaded_rows) for load in loads_in(lake / "raw"))


def test_dagster_asks_the_api_unless_it_is_left_out_or_the_day_is_over(
    in_dagster: Company, mailing_tool: Api
) -> None:
    assert materialized(in_dagster, PAYMENTS)
    assert materialized(in_dagster, FETCHED, PAYMENTS, as_of="2026-01-01")
    assert mailing_tool.asked == []
    assert materialized(in_dagster, FETCHED, OPENINGS)
    assert landed(in_dagster) == [("mailer", 3), ("till", 1)]
    asked = len(mailing_tool.asked)
    assert materialized(in_dagster, OPENINGS)
    assert len(mailing_tool.asked) == asked


@pytest.mark.long
def test_a_run_of_dagster_fetches_lands_and_publishes_what_it_fetched(
    in_dagster: Company, mailing_tool: Api
) -> None:
    """The till's deliveries are old: the day of the run is not settled before the API was asked."""
    assert materialized(in_dagster)
    published = in_dagster.folder.parent / "home" / in_dagster.folder.name / "published"
    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as con:
        loads = "select source_name, loaded_rows from marts.fct_loads order by all"
        assert con.execute(loads).fetchall() == [("mailer", 3), ("till", 1)]


def test_an_api_that_fails_ends_the_run_of_dagster_before_its_tables(
    in_dagster: Company, mailing_tool: Api
) -> None:
    mailing_tool.script = lambda _: Answer({"error": "gone"}, 404)
    assert not materialized(in_dagster, FETCHED, OPENINGS)
    assert not list(in_dagster.deliveries.glob("mailer/*"))


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (Answer({"data": [{"name": "Anna B", "email": "anna@x.example"}]}), "holds no 'events'"),
        (Answer({"error": "no contact Anna B, anna@x.example"}, 400), "HTTP 400 of http://127"),
    ],
    ids=["a list of another name", "an error that tells what was asked"],
)
def test_what_an_api_says_of_a_person_is_seen_in_the_terminal_and_kept_nowhere(
    company: Company, mailing_tool: Api, answer: Answer, what: str
) -> None:
    """Neither in the alert of the failed run nor in its logs."""
    company.call("fetch")
    company.call("ingest")
    mailing_tool.script = lambda _: answer
    told = company.call("run", code=2)
    assert what in told
    assert "Anna B" in told
    home = company.folder.parent / "home"
    alerts = home / company.folder.name / "alerts.sqlite"
    with closing(sqlite3.connect(alerts)) as book:
        ((title,),) = book.execute("select title from alerts").fetchall()
    assert what in title
    files = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in files if b"anna" in path.read_bytes().lower()] == []


def test_a_list_that_is_null_is_told_by_us_alone(company: Company, mailing_tool: Api) -> None:
    mailing_tool.script = lambda _: Answer({"events": None, "count": 0})
    told = company.call("fetch", code=2)
    assert "'events' is no list of objects" in told
    assert "[WARNING]" not in told


def test_what_was_fetched_leaves_no_empty_folder_where_originals_are_kept(
    company: Company, mailing_tool: Api
) -> None:
    settings = company.folder / "company.yml"
    settings.write_text(settings.read_text() + f"inbox: {company.folder.parent / 'drop'}\n")
    (company.folder.parent / "drop").mkdir()
    company.call("fetch")
    company.call("ingest")
    assert [loaded for source, loaded in landed(company) if source == "mailer"] == [3]
    assert list(company.deliveries.glob("[!.]*")) == []


def test_a_run_that_shall_not_fetch_asks_nobody(company: Company, mailing_tool: Api) -> None:
    export = company.deliveries / "till"
    export.rename(company.deliveries.parent / "elsewhere")
    told = company.call("run", "--no-fetch", code=2)
    assert "has no delivery yet" in told
    assert "Put the first export there" in told
    assert mailing_tool.asked == []

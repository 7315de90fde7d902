"""docs/add_a_source.md, followed word by word: what it says is written, run and looked at."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from companies import ROOT, found_company
from loopback import Answer, Api, Asked

PAGE = ROOT / "docs" / "add_a_source.md"
FILE = re.compile(r"^`(models/\S+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EVENTS = [
    {
        "id": number,
        "campaign": "spring",
        "contact": {"id": f"c{number}"},
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


def test_two_sources_from_nothing(tmp_path: Path, mailing_tool: Api) -> None:
    company = found_company(tmp_path, "corner_shop", "till", "mailer")
    files = dict(FILE.findall(PAGE.read_text(encoding="utf-8")))
    # Two files a source, and its models.
    assert sorted(path.rsplit("/", 1)[1] for path in files if path.endswith(".yml")) == [
        "_mailer__models.yml", "_mailer__sources.yml", "_till__models.yml", "_till__sources.yml",
    ]  # fmt: skip
    for path, content in files.items():
        target = company.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    export = company.deliveries / "till" / "2025-12-31" / "payments.csv"
    export.parent.mkdir(parents=True)
    export.write_text(
        "number;invoice;amount;paid_on\np1;i1;1234,50;30/12/2025\np2;i2;x;31/12/2025\n",
        encoding="utf-8",
    )

    assert "mailer" in company.call("fetch")
    company.call("ingest")
    models = ["+int_payments_conformed", "+int_email_events_conformed"]
    company.call("dbt", "--", "run", "-s", *models)

    payments = "payment_id, document_id, currency, amount_doc::varchar, paid_date::varchar"
    assert company.rows("payments", payments) == [("p1", "i1", "EUR", "1234.50", "2025-12-30")]
    events = "event_id, campaign_id, contact_id, event_type, occurred_at::varchar"
    assert company.rows("email_events", events) == [
        (str(number), "spring", f"c{number}", "opened", f"2025-01-0{number} 08:00:00")
        for number in range(1, 4)
    ]
    assert "1 rows in quarantine" in company.call("quarantine")

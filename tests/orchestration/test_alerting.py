"""Alerts of a run, end to end: a wrong delivery, a real receiver on loopback, a mended delivery."""

import json

import duckdb
import pytest
from pytest_httpserver import HTTPServer
from tiny_company import EXPORT, Tiny
from werkzeug import Request, Response

SHOP = """
sources:
  - name: raw_shop
    config:
      meta:
        external_location: "read_parquet('/lake/raw/shop/{name}/*.parquet')"
    tables:
      - name: customers
        description: One row per customer.
        config: {meta: {keys: [id], delivery: {connector: postgres, mode: full}}}
        columns:
          - {name: id, data_type: varchar, description: Primary key.}
"""
WITHOUT_ORDER = [line.replace("i2;o1;", "i2;;") for line in EXPORT["invoices"]]


class Receiver:
    """A webhook that keeps what it was told: (kind, rule, key)."""

    def __init__(self, server: HTTPServer) -> None:
        self.heard: list[tuple[str, str, str]] = []
        server.expect_request("/hook", method="POST").respond_with_handler(self._hear)
        self.address = "webhook+" + server.url_for("/hook")

    def _hear(self, request: Request) -> Response:
        told = request.get_json()
        self.heard.append((told["kind"], told["rule"], request.headers["Idempotency-Key"]))
        return Response(status=204)


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    return Receiver(httpserver)


def test_a_missing_field_is_told_once_and_its_mending_too(
    call_pilotage, tiny: Tiny, receiver: Receiver
) -> None:
    def run() -> str:
        settings = {"PILOTAGE_CHANNEL_FINANCE": receiver.address}
        done = call_pilotage(tiny.home, "run", "--company", str(tiny.folder), **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    tiny.deliver("2025-01-10", {**EXPORT, "invoices": WITHOUT_ORDER})
    assert "alerts      1 open; now 1 opened" in run()
    assert [(kind, rule) for kind, rule, _ in receiver.heard] == [("opened", "invoice_order")]
    with duckdb.connect(str(tiny.data / "published/marts.duckdb"), read_only=True) as marts:
        alert = "select rule, state, owner, failed_count from marts.fct_alerts where state = 'open'"
        assert marts.execute(alert).fetchall() == [("invoice_order", "open", "finance", 1)]
        open_ones = "select record_id, value_class from marts.fct_field_violations where is_open"
        assert marts.execute(open_ones).fetchall() == [("i2", "missing")]
    gauges = (tiny.data / "reports/pilotage_tiny.prom").read_text()
    assert 'pilotage_open_violations{entity="invoices",severity="error"} 1.0' in gauges
    assert (tiny.data / "reports/data_docs/index.html").is_file()

    of_the_book = (tiny.data / "reports/pilotage_tiny_alerts.prom").read_text()
    assert 'pilotage_outbox_depth{channel="marketing",status="pending"} 0.0' in of_the_book

    tiny.deliver("2025-01-11", EXPORT)
    assert "alerts      0 open; now 1 resolved" in run()
    kinds = [(kind, rule) for kind, rule, _ in receiver.heard]
    assert kinds == [("opened", "invoice_order"), ("resolved", "invoice_order")]
    assert len({key for _, _, key in receiver.heard}) == 2
    gauges = (tiny.data / "reports/pilotage_tiny.prom").read_text()
    assert 'pilotage_open_violations{entity="invoices",severity="error"} 0.0' in gauges


def test_a_run_that_does_not_publish_is_told_and_an_unset_channel_keeps_its_notice(
    call_pilotage, tiny: Tiny, receiver: Receiver
) -> None:
    # A header, or a row where there should be one: what it says is for this terminal alone.
    header = EXPORT["invoices"][0].replace("is_disputed;", "anna@example.com;")
    tiny.deliver("2025-01-10", {**EXPORT, "invoices": [header]})
    company = ["--company", str(tiny.folder)]
    stopped = call_pilotage(tiny.home, "run", *company)
    assert (stopped.returncode, "anna@example.com" in stopped.stderr) == (2, True)
    waiting = json.loads(call_pilotage(tiny.home, "alerts", "list", *company, "--json").stdout)
    assert b"anna@example.com" not in (tiny.data / "alerts.sqlite").read_bytes()
    (alert,) = waiting["alerts"]
    assert alert["rule"] == "run"
    assert "invoices.csv" in alert["title"]
    assert alert["remedy"].endswith(f"then run again: pilotage run --company {tiny.folder}")
    assert "PILOTAGE_CHANNEL_DATA_TEAM" in json.dumps(waiting["unsent"])

    settings = {"PILOTAGE_CHANNEL_DATA_TEAM": receiver.address}
    sent = call_pilotage(tiny.home, "alerts", "send", *company, **settings)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert [(kind, rule) for kind, rule, _ in receiver.heard] == [("opened", "run")]


def test_a_desk_that_cannot_be_used_is_a_run_that_does_not_publish(
    call_pilotage, tiny: Tiny, receiver: Receiver
) -> None:
    company = ["--company", str(tiny.folder)]
    settings = {"PILOTAGE_CHANNEL_DATA_TEAM": receiver.address}
    tiny.deliver("2025-01-10", EXPORT)
    assert call_pilotage(tiny.home, "run", *company).returncode == 0
    # The very file that says how alerts are told.
    path = tiny.folder / "desk/alert_settings.csv"
    right = path.read_text()
    path.write_text(right.replace("error,1", "error,none"))
    stopped = call_pilotage(tiny.home, "run", *company, **settings)
    assert stopped.returncode == 2
    assert [(kind, rule) for kind, rule, _ in receiver.heard] == [("opened", "run")]
    listed = call_pilotage(tiny.home, "alerts", "list", *company, "--json")
    (alert,) = json.loads(listed.stdout)["alerts"]
    assert alert["title"] == (
        f"A run did not publish: 'none' is no integer. ({path}, line 2, column open_after)"
    )
    assert alert["remedy"] == (
        f"Mend the value; then run again: pilotage run --company {tiny.folder}"
    )
    path.write_text(right)
    mended = call_pilotage(tiny.home, "run", *company, **settings)
    assert mended.returncode == 0
    assert [kind for kind, _, _ in receiver.heard] == ["opened", "resolved"]
    # The alert that this run resolves when it has published is not among the open ones.
    assert "  alerts      0 open" in mended.stdout


def test_a_source_that_cannot_be_fetched_is_a_run_that_does_not_publish(
    call_pilotage, tiny: Tiny, receiver: Receiver
) -> None:
    """A database source whose address is not set: nothing is fetched, nothing runs."""
    declared = tiny.folder / "models/staging/shop/_shop__sources.yml"
    declared.parent.mkdir(parents=True)
    declared.write_text(SHOP)
    described = tiny.folder / "company.yml"
    described.write_text(described.read_text().replace("[invoicing]", "[invoicing, shop]"))
    tiny.deliver("2025-01-10", EXPORT)
    company = ["--company", str(tiny.folder)]
    settings = {"PILOTAGE_CHANNEL_DATA_TEAM": receiver.address}
    stopped = call_pilotage(tiny.home, "run", *company, **settings)
    assert stopped.returncode == 2, stopped.stdout + stopped.stderr
    assert "PILOTAGE_SOURCE_SHOP" in stopped.stderr
    assert [(kind, rule) for kind, rule, _ in receiver.heard] == [("opened", "run")]


def test_an_address_in_the_place_of_a_channel_is_told_to_nobody(
    call_pilotage, tiny: Tiny, httpserver: HTTPServer
) -> None:
    told: list[str] = []

    def hear(request: Request) -> Response:
        told.append(request.get_data(as_text=True))
        return Response(status=204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(hear)
    settings = {"PILOTAGE_CHANNEL_DATA_TEAM": "webhook+" + httpserver.url_for("/hook")}
    tiny.deliver("2025-01-10", EXPORT)
    company = ["--company", str(tiny.folder)]
    assert call_pilotage(tiny.home, "run", *company).returncode == 0
    routes = tiny.folder / "desk/alert_routes.csv"
    routes.write_text(routes.read_text().replace("data_team", "https://hooks.example/t0ken-h00k"))
    run = call_pilotage(tiny.home, "run", *company, **settings)
    assert run.returncode == 2
    assert "The channel of this line is an address" in run.stderr
    listed = call_pilotage(tiny.home, "alerts", "list", *company).stdout
    assert "The channel of this line is an address" in "".join(told)
    assert "t0ken-h00k" not in run.stdout + run.stderr + listed + "".join(told)

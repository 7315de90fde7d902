"""A run told to programs: JSON Lines, and a trace that a real collector receives."""

import json
from datetime import datetime

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pytest_httpserver import HTTPServer
from tiny_company import EXPORT
from werkzeug import Request, Response

from orchestration.as_of import resolve_as_of
from orchestration.company import find_company
from orchestration.progress import Record
from orchestration.tracing import traced


def lines(told: str) -> list[dict]:
    return [json.loads(line) for line in told.splitlines()]


def collected(server: HTTPServer) -> list:
    """The spans that a collector gets from now on."""
    spans: list = []

    def receive(request: Request) -> Response:
        export = ExportTraceServiceRequest.FromString(request.get_data())
        spans.extend(s for r in export.resource_spans for o in r.scope_spans for s in o.spans)
        return Response(b"", content_type="application/x-protobuf")

    server.expect_request("/v1/traces", method="POST").respond_with_handler(receive)
    return spans


def check_log(told: list[dict], run: str) -> None:
    assert {(line["run"], line["company"]) for line in told} == {(run, "tiny")}
    assert all(datetime.fromisoformat(line["at"]).utcoffset().total_seconds() == 0 for line in told)
    assert {line["event"] for line in told} == {"step", "check", "summary"}
    landed = next(line for line in told if line.get("step") == "raw_invoicing/invoices")
    assert landed["rows"] > 0
    checks = [line for line in told if line["event"] == "check"]
    assert all(line["level"] == "info" for line in checks if line["passed"])
    summary = told[-1]
    assert (summary["event"], summary["as_of"]) == ("summary", "2025-01-31")
    assert summary["passed"] == sum(line["passed"] for line in checks)
    assert sorted(summary.get("warned", []) + summary.get("failed", [])) == sorted(
        line["check"] for line in checks if not line["passed"]
    )


def check_trace(spans: list, run: str, passed: int) -> None:
    (whole,) = [span for span in spans if span.name == "run"]
    facts = {one.key: one.value for one in whole.attributes}
    assert facts["pilotage.run"].string_value == run
    assert facts["pilotage.checks.passed"].int_value == passed
    parts = [span for span in spans if span.parent_span_id == whole.span_id]
    assert [part.name for part in parts][:2] == ["Land", "Build (dbt)"]
    (landing,) = [part for part in parts if part.name == "Land"]
    tables = {span.name for span in spans if span.parent_span_id == landing.span_id}
    assert "raw_invoicing/invoices" in tables
    assert all(s.start_time_unix_nano <= s.end_time_unix_nano for s in spans)


def test_a_run_is_told_as_json_and_as_a_trace(tiny, call_pilotage, httpserver):
    spans = collected(httpserver)
    tiny.deliver("2025-01-31", EXPORT)
    ran = call_pilotage(
        tiny.home,
        "run",
        "--company",
        str(tiny.folder),
        PILOTAGE_LOG="json",
        OTEL_EXPORTER_OTLP_ENDPOINT=httpserver.url_for("").rstrip("/"),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    told = lines(ran.stdout)
    status = call_pilotage(tiny.home, "status", "--json", "--company", str(tiny.folder))
    run = json.loads(status.stdout)["published"]["run_id"]
    check_log(told, run)
    check_trace(spans, run, told[-1]["passed"])


def test_what_ends_a_run_is_one_line_of_json(tiny, call_pilotage):
    company = tiny.folder / "company.yml"
    company.write_text(company.read_text() + "colour: blue\n")
    ran = call_pilotage(tiny.home, "run", "--company", str(tiny.folder), PILOTAGE_LOG="json")
    assert ran.returncode == 2
    (line,) = lines(ran.stdout)
    assert (line["level"], line["event"], line["exit"]) == ("error", "error", 2)
    assert "colour" in line["what"] + line["where"]
    assert line["remedy"]


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://127.0.0.1:9", "no collector took it"),
        ("htps://user:c4nary@collector", "check the variables OTEL_*"),
    ],
)
def test_a_trace_that_cannot_be_sent_stops_no_run_and_is_told(
    tiny, monkeypatch, capfd, endpoint, told
):
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    company, day = find_company(str(tiny.folder)), datetime(2025, 1, 31)  # noqa: DTZ001 - UTC
    record = Record("r1", parts=[("Land", 0.0)])
    with traced(company, resolve_as_of("2025-01-31", "UTC", day, day), record):
        record.parts.append(("Publish", 1.0))
    assert [name for name, _ in record.parts] == ["Land", "Publish"]
    out, err = capfd.readouterr()
    assert "The trace is not sent" in out
    assert told in out
    assert "c4nary" not in out + err

"""A run as a trace of OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names who collects them.

A span for the run, one for each part of it below, and one for each table below those. The usual
variables of OpenTelemetry count (headers, timeout, service name):
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.progress import Record
from orchestration.terminal import show_step

ADDRESSES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
NANOSECONDS = 1_000_000_000


@contextmanager
def traced(company: Company, as_of: AsOf, record: Record) -> Iterator[None]:
    """Send the trace of what runs within, once it has ended, however it did.

    A collector that does not answer, or that is asked for where the packages are missing (the extra
    `otel`), stops no run.
    """
    if not any(os.environ.get(name) for name in ADDRESSES):
        yield
        return
    began, error = time.time(), ""
    try:
        yield
    except BaseException as stopped:
        error = type(stopped).__name__
        raise
    finally:
        try:
            _send(company, as_of, record, began, error)
        except ImportError:
            show_step("The trace is not sent", note="install the packages of the extra otel")


def _send(company: Company, as_of: AsOf, record: Record, began: float, error: str) -> None:
    from opentelemetry import trace  # noqa: PLC0415 - only where somebody collects
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    ended = time.time()
    service = os.environ.get("OTEL_SERVICE_NAME", "pilotage")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("pilotage")
    run = tracer.start_span("run", start_time=_instant(began))
    run.set_attributes(
        {
            "pilotage.run": record.run,
            "pilotage.company": company.name,
            "pilotage.as_of": as_of.day.isoformat(),
            "pilotage.checks.passed": sum(one.passed for one in record.checked),
            "pilotage.checks.broken": sum(not one.passed for one in record.checked),
        }
    )
    if error:
        run.set_status(trace.StatusCode.ERROR, error)
    below_run = trace.set_span_in_context(run)
    for (name, since), (_, until) in pairwise([*record.parts, ("", ended)]):
        part = tracer.start_span(name, context=below_run, start_time=_instant(since))
        below_part = trace.set_span_in_context(part)
        for built in record.built:
            if since <= built.at < until:
                start = _instant(built.at - (built.seconds or 0))
                table = tracer.start_span(built.key, context=below_part, start_time=start)
                table.set_attribute("pilotage.rows", built.facts.get("dagster/row_count", 0))
                table.end(_instant(built.at))
        part.end(_instant(until))
    run.end(_instant(ended))
    provider.shutdown()


def _instant(seconds: float) -> int:
    """Nanoseconds since 1970, as OpenTelemetry counts."""
    return int(seconds * NANOSECONDS)

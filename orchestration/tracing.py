"""A run as a trace of OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names who collects them.

A span for the run, one for each part of it below, and one for each table below those. The usual
variables of OpenTelemetry count (headers, timeout, service name):
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.progress import Record
from orchestration.terminal import show_step

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

ADDRESSES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
NANOSECONDS = 1_000_000_000


@contextmanager
def traced(company: Company, as_of: AsOf, record: Record) -> Iterator[None]:
    """Send the trace of what runs within, once it has ended, however it did.

    A collector that does not answer, a wrong address, or packages that are missing (the extra
    `otel`) stop no run; a line says so.
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
        if reason := _why_not_sent(company, as_of, record, began, error):
            show_step("The trace is not sent", note=reason)


def _why_not_sent(company: Company, as_of: AsOf, record: Record, began: float, error: str) -> str:
    """Send it; empty: somebody has it. Never quotes an error, which quotes the address."""
    # What OpenTelemetry logs of a failure is told here, without the credentials of the address.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    try:
        is_sent = _send(_spans(company, as_of, record, began, error))
    except ImportError:
        return "install the packages of the extra otel"
    except Exception as failed:
        return f"{type(failed).__name__}; check the variables OTEL_*"
    return "" if is_sent else "no collector took it; check the variables OTEL_*"


def _send(spans: "Sequence[ReadableSpan]") -> bool:
    """All at once: a span is small, and only the exporter itself says whether they were taken."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

    # Nobody wants any: OTEL_SDK_DISABLED, or a sampler that takes none.
    return not spans or OTLPSpanExporter().export(spans) is SpanExportResult.SUCCESS


def _spans(
    company: Company, as_of: AsOf, record: Record, began: float, error: str
) -> "Sequence[ReadableSpan]":
    from opentelemetry import trace  # noqa: PLC0415 - only where somebody collects
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: PLC0415
        InMemorySpanExporter,
    )

    ended = time.time()
    service = os.environ.get("OTEL_SERVICE_NAME", "pilotage")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    told = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(told))
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
    return told.get_finished_spans()


def _instant(seconds: float) -> int:
    """Nanoseconds since 1970, as OpenTelemetry counts."""
    return int(seconds * NANOSECONDS)

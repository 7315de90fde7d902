"""A notice as people read it: a subject and a few lines of text, out of its document."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_KINDS = {
    "opened": "New",
    "reopened": "Back again",
    "escalated": "Worse",
    "repeated": "Still open",
    "resolved": "Resolved",
}


@dataclass(frozen=True)
class Message:
    """What is sent to people.

    headline: what has happened, one line. thread: the same line for all notices of an alert.
    """

    headline: str
    thread: str
    text: str


def message(document: Mapping[str, Any]) -> Message:
    """The text form of a notice's document."""
    return _digest_message(document) if document["kind"] == "digest" else _alert_message(document)


def sparkline(points: Sequence[float | None] | None) -> str:
    """The points as bars, the smallest lowest; a dot for a gap. Equal points are mid-height."""
    known = [point for point in points or () if point is not None]
    if not known or points is None:
        return ""
    low, high = min(known), max(known)
    return "".join(_GAP if point is None else _bar(point, low, high) for point in points)


def _bar(point: float, low: float, high: float) -> str:
    if low == high:
        return _BARS[len(_BARS) // 2 - 1]
    return _BARS[min(int((point - low) / (high - low) * len(_BARS)), len(_BARS) - 1)]


def _alert_message(document: Mapping[str, Any]) -> Message:
    company, where = document["company"], _where(document)
    kind = _KINDS[document["kind"]]
    named = f"{document['rule']}, {where}"
    return Message(
        headline=f"[{company}] {kind} ({document['severity']}): {document['title']}",
        thread=f"[{company}] {named}",
        text="\n".join(f"{label:<13} {value}" for label, value in _lines(document, kind) if value),
    )


def _lines(document: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """Label and value; a line without a value is left out."""
    yield kind, f"{document['title']}"
    yield "severity", _severity(document)
    yield "where", _where(document)
    yield "rule", document["rule"]
    yield "owner", document["owner"]
    yield "count", _count(document)
    yield "trend", _trend(document["trend"])
    yield "since", document["since"] or ""
    yield "money at risk", _money(document["money_at_risk"])
    yield "opened", document["opened_at"] or ""
    yield "flapping", "it opens and closes often" if document["is_flapping"] else ""
    yield "not evaluated", _since(document["not_evaluated_since"])
    yield "note", document["note"]
    yield "records", ", ".join(document["record_ids"])
    yield "rows", document["rows_query"]
    yield "run", document["run_link"]
    yield "to do now", document["remedy"]
    yield "what to do", document["runbook"]
    yield "alert", f"{document['alert_id']} (thread {document['thread_key']})"
    yield "key", document["key"]


def _where(document: Mapping[str, Any]) -> str:
    field = f".{document['field']}" if document["field"] else ""
    return f"{document['entity']}{field}, {document['scope']}"


def _severity(document: Mapping[str, Any]) -> str:
    before = document.get("previous_severity")
    now = str(document["severity"])
    return f"{now} (was {before})" if before and before != now else now


def _count(document: Mapping[str, Any]) -> str:
    """Nothing where no records were judged but one thing: a figure, a delivery, a run."""
    failed, evaluated = document["failed_count"], document["evaluated_count"]
    if evaluated > 1:
        return f"{failed:,} of {evaluated:,} ({document['failed_share']:.1%})"
    return f"{failed:,}" if failed > 1 else ""


def _money(amount: str | None) -> str:
    return "" if amount is None else f"{Decimal(amount):,}"


def _trend(points: Sequence[float | None] | None) -> str:
    if not (bars := sparkline(points)):
        return ""
    known = [point for point in points or () if point is not None]
    return f"{bars} ({known[0]:g} to {known[-1]:g})"


def _since(instant: str | None) -> str:
    return f"since the run as of {instant}" if instant else ""


def _digest_message(document: Mapping[str, Any]) -> Message:
    items: Mapping[str, Sequence[Mapping[str, Any]]] = document["items"]
    counts = ", ".join(f"{len(found)} {name}" for name, found in items.items())
    headline = f"[{document['company']}] Warnings of {document['day']}: {counts}"
    return Message(headline, headline, "\n".join(_digest_lines(items, document)))


def _digest_lines(
    items: Mapping[str, Sequence[Mapping[str, Any]]], document: Mapping[str, Any]
) -> Iterator[str]:
    for name, found in items.items():
        if found:
            yield f"{name.capitalize()} ({len(found)})"
        for item in found:
            figures = f"{_count(item)} {_trend(item['trend'])}".strip()
            yield f"  {item['title']}"
            yield f"    {'; '.join(filter(None, (_where(item), item['owner'], figures)))}"
            yield f"    {item['runbook']}, alert {item['alert_id']}"
    yield f"what to do: {document['runbook']}"
    yield f"key: {document['key']}"

"""The status of a company for people, and for programs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from orchestration.journal import Run
from orchestration.status import AlertFigures, Published, Status


def status_document(status: Status) -> dict[str, Any]:
    """The status in types that JSON has; docs/operation.md lists the keys."""
    alerts, lake, ages = status.alerts, status.lake, status.hours_old()
    return {
        "company": status.company.name,
        "told_at": status.told_at.isoformat(timespec="seconds"),
        "running": status.running.document() if status.running else None,
        "runs": [run.document() for run in status.runs],
        "published": status.published.document() if status.published else None,
        "freshness": [
            {"source": source, "extracted_at": instant.isoformat(), "hours": ages[source]}
            for source, instant in (lake.newest if lake else {}).items()
        ],
        "alerts": {**alerts.states, "errors": alerts.errors} if alerts else None,
        "notices": {"waiting": alerts.waiting, "dead": alerts.dead} if alerts else None,
        "lake": {name: value for name, value in vars(lake).items() if name != "newest"}
        if lake
        else None,
        "free_bytes": status.free_bytes,
        "wrong": list(status.wrong),
    }


def status_lines(status: Status) -> Iterator[str]:
    """The status as lines of text."""
    yield f"{status.company.label}, {_at(status.told_at)}"
    yield from _run_lines(status.runs)
    yield f"  published   {_published(status.published)}"
    yield from _freshness_lines(status)
    yield f"  alerts      {_alerts(status.alerts)}"
    yield from _lake_lines(status)
    for complaint in status.wrong:
        yield f"  WRONG       {complaint}"


def _run_lines(runs: tuple[Run, ...]) -> Iterator[str]:
    for number, run in enumerate(runs):
        ended = run.ended_at
        seconds = f"{(ended - run.begun_at).total_seconds():>9,.1f} s" if ended else " " * 11
        told = f"{_at(run.begun_at)}  {run.outcome:<9}{seconds}  as of {run.as_of or 'the newest'}"
        yield f"  {'' if number else 'runs':<12}{told}{f'  {run.error}' if run.error else ''}"
    if not runs:
        yield "  runs        none yet"


def _published(published: Published | None) -> str:
    if published is None:
        return "nothing yet"
    version = published.version
    if version.as_of_at is None:
        return f"{version.name}, which is damaged"
    return (
        f"{version.name}, {published.kept} kept\n              before "
        f"{version.as_of_at:%Y-%m-%d %H:%M} UTC, {version.tables:,} tables, {version.rows:,} rows, "
        f"{version.bytes / 1e6:,.1f} MB"
    )


def _freshness_lines(status: Status) -> Iterator[str]:
    ages = status.hours_old()
    for number, (source, instant) in enumerate((status.lake.newest if status.lake else {}).items()):
        age = f"{ages[source]:,.1f} h ago" if ages[source] >= 0 else "by this clock in the future"
        yield f"  {'' if number else 'freshness':<12}{source:<16}{_at(instant)}, {age}"


def _alerts(alerts: AlertFigures | None) -> str:
    if alerts is None:
        return "no book yet"
    states = ", ".join(f"{count:,} {state}" for state, count in alerts.states.items())
    notices = f"notices: {alerts.waiting:,} waiting, {alerts.dead:,} dead"
    return f"{states}; {alerts.errors:,} of them errors; {notices}"


def _lake_lines(status: Status) -> Iterator[str]:
    free = f"{status.free_bytes / 1e9:,.1f} GB free on the disk"
    if (lake := status.lake) is None:
        yield f"  lake        nothing has landed yet; {free}"
        return
    yield (
        f"  lake        {lake.loads:,} loads of {lake.tables:,} tables, {lake.loaded_rows:,} rows, "
        f"{lake.files:,} files, {lake.bytes / 1e6:,.1f} MB; {free}"
    )
    if lake.quarantined_rows or lake.refused_deliveries:
        yield (
            f"              in quarantine: {lake.quarantined_rows:,} rows, "
            f"{lake.refused_deliveries:,} whole deliveries"
        )


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"

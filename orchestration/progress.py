"""Progress of a run: Dagster's events as they come, one line per step, and kept for the summary."""

import logging
import sys
from dataclasses import dataclass, field
from typing import Any, TextIO

import dagster as dg

from orchestration.run_log import is_json, log
from orchestration.terminal import show_step

# First part of the asset key, or the step's name -> what a person calls that part of the chain.
PARTS = {
    "models": "Build (dbt)",
    "check_results": "Judge",
    "published__marts": "Publish",
    "alerts__notices": "Tell",
    "followers": "Serve",
}


@dataclass(frozen=True)
class Built:
    """One asset that was materialized: its key as text and the plain values of its metadata.

    at: when, in seconds since 1970.
    """

    key: str
    facts: dict[str, Any]
    at: float

    @property
    def seconds(self) -> float | None:
        """How long it took, where it says so."""
        seconds: float | None = self.facts.get("seconds", self.facts.get("Execution Duration"))
        return seconds


@dataclass(frozen=True)
class Checked:
    """One check that was evaluated. meaning: what it means that it did not pass, if it says so."""

    name: str
    table: str
    passed: bool
    is_error: bool
    meaning: str
    facts: dict[str, Any]


@dataclass
class Record:
    """All that happened in a run, in order. run: what names it. parts: each with its beginning, in
    seconds since 1970.
    """

    run: str
    parts: list[tuple[str, float]] = field(default_factory=list)
    built: list[Built] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)


class ProgressHandler(logging.Handler):
    """Shows each materialization and each broken check; keeps all of them in `record`."""

    def __init__(self, record: Record, stream: TextIO) -> None:
        super().__init__()
        self.record = record
        self.part = ""
        self.stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Handle one of Dagster's log records; those without an event are its own chatter."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None:
            return
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._show_part(event.step_key, record.created)
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            told = event.step_materialization_data.materialization
            key = told.asset_key.to_user_string()
            self._show_built(Built(key, _facts(told.metadata), record.created))
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            self._show_checked(event.asset_check_evaluation_data)

    def _show_part(self, step_key: str, at: float) -> None:
        part = PARTS.get(step_key, "Land")
        if part != self.part:
            self.part = part
            self.record.parts.append((part, at))
            show_step(part, stream=self.stream)

    def _show_built(self, built: Built) -> None:
        self.record.built.append(built)
        facts = built.facts
        rows, refused = facts.get("dagster/row_count"), facts.get("quarantined_rows")
        note = f"{refused:,} rows quarantined" if refused else ""
        show_step(f"  {built.key}", rows, built.seconds, note, self.stream)

    def _show_checked(self, told: Any) -> None:
        is_error = told.severity == dg.AssetCheckSeverity.ERROR
        table = told.asset_key.to_user_string()
        checked = Checked(
            name=told.check_name,
            table=table,
            passed=told.passed,
            is_error=is_error,
            meaning=told.description or "",
            facts=_facts(told.metadata),
        )
        self.record.checked.append(checked)
        if is_json():
            self._log_checked(checked)
        elif not checked.passed:
            mark = "FAILED" if is_error else "warned"
            count = failed_count(checked)
            show_step(f"  {mark} {checked.name}", count, None, table, self.stream)

    def _log_checked(self, checked: Checked) -> None:
        bad = "error" if checked.is_error else "warning"
        facts = {
            "check": checked.name,
            "table": checked.table,
            "passed": checked.passed,
            "failed_rows": failed_count(checked),
            "meaning": checked.meaning,
        }
        log("check", facts, level="info" if checked.passed else bad, stream=self.stream)


def failed_count(checked: Checked) -> int | None:
    """How many rows (or judgements) went against the check, where it says so."""
    count = checked.facts.get("failed_count", checked.facts.get("dagster_dbt/failed_row_count"))
    return int(count) if count is not None else None


def progress_logger(record: Record) -> dg.LoggerDefinition:
    """A Dagster logger that feeds the record instead of writing Dagster's own lines."""
    # Taken now: while the job runs, stdout is where dbt's echo disappears.
    stream = sys.stdout

    @dg.logger
    def progress(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("pilotage", level=logging.DEBUG)
        logger.addHandler(ProgressHandler(record, stream))
        return logger

    return progress


def _facts(metadata: dict[str, dg.MetadataValue[Any]]) -> dict[str, Any]:
    return {name: value.value for name, value in metadata.items()}

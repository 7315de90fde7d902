"""The chain from the command line: the Dagster job in this process, with progress and summary."""

import contextlib
import io
import warnings

import dagster as dg

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.definitions import JOB, build_definitions
from orchestration.progress import Record, progress_logger
from orchestration.terminal import is_debug


def run_chain(company: Company, as_of: AsOf, record: Record) -> None:
    """Land, build, judge and publish, under the company's lock (sole_writer).

    `record` tells what happened, even where this raises.
    Raises ChainError where something blocked publication, what ingest raises for a delivery that it
    refuses, and KeyboardInterrupt where a person stopped it.
    """
    with warnings.catch_warnings():
        # Dagster's notes to developers on its own beta parameters.
        warnings.simplefilter("default" if is_debug() else "ignore")
        _execute(company, as_of, record)


def _execute(company: Company, as_of: AsOf, record: Record) -> None:
    progress = progress_logger(record)
    definitions = build_definitions(company, as_of.day.isoformat(), progress)
    with dg.DagsterInstance.ephemeral() as instance, _quiet():
        try:
            definitions.resolve_job_def(JOB).execute_in_process(
                instance=instance,
                run_config={"loggers": {"progress": {}}},
                raise_on_error=True,
            )
        except dg.DagsterExecutionInterruptedError as stopped:
            # Dagster's own name for Ctrl-C within a step; no Exception either.
            raise KeyboardInterrupt from stopped


def _quiet() -> contextlib.AbstractContextManager[object]:
    """Keep dbt's echo off the terminal unless DEBUG=1."""
    return contextlib.nullcontext() if is_debug() else contextlib.redirect_stdout(io.StringIO())

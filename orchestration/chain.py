"""The chain from the command line: Dagster's jobs in this process, with progress and summary."""

import contextlib
import importlib
import io
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.definitions import LANDING, build_definitions, landing_definitions
from orchestration.defs.automation import JOB
from orchestration.manifest import preparing_manifest
from orchestration.progress import Record, progress_logger
from orchestration.terminal import is_debug, show_step


def run_chain(company: Company, as_of: AsOf, record: Record) -> None:
    """Land, build, judge and publish, under the company's lock (sole_writer).

    dbt reads the project beside the landing: neither needs the other, and each would take one core
    for seconds.
    `record` tells what happened, even where this raises.
    Raises ChainError where something blocked publication, what ingest raises for a delivery that it
    refuses, and KeyboardInterrupt where a person stopped it.
    """
    with warnings.catch_warnings():
        # Dagster's notes to developers on its own beta parameters.
        warnings.simplefilter("default" if is_debug() else "ignore")
        told = (company, as_of.day.isoformat(), progress_logger(record))
        with preparing_manifest(company) as prepared:
            _execute(landing_definitions(*told), LANDING, record.run)
            show_step("Prepare")
            started = time.perf_counter()
            prepared()
            show_step("  dbt manifest, waited for", seconds=time.perf_counter() - started)
        with ThreadPoolExecutor(max_workers=1) as beside:
            # Seconds, which dbt leaves to this process while it builds; the judging needs it.
            beside.submit(importlib.import_module, "great_expectations")
            _execute(build_definitions(*told), JOB, record.run)


def _execute(definitions: dg.Definitions, job: str, run: str) -> None:
    # Both jobs under one name: that of the journal, the logs, the alerts and the version.
    with dg.DagsterInstance.ephemeral() as instance, _quiet():
        try:
            definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                run_config={"loggers": {"progress": {}}},
                raise_on_error=True,
                run_id=run,
            )
        except dg.DagsterExecutionInterruptedError as stopped:
            # Dagster's own name for Ctrl-C within a step; no Exception either.
            raise KeyboardInterrupt from stopped


def _quiet() -> contextlib.AbstractContextManager[object]:
    """Keep dbt's echo off the terminal unless DEBUG=1."""
    return contextlib.nullcontext() if is_debug() else contextlib.redirect_stdout(io.StringIO())

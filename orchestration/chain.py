"""The chain from the command line: Dagster's jobs in this process, with progress and summary."""

import contextlib
import io
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.definitions import JOB, build_definitions, landing_definitions
from orchestration.manifest import prepare_manifest
from orchestration.progress import Record, progress_logger
from orchestration.terminal import is_debug, show_step


def run_chain(company: Company, as_of: AsOf, record: Record) -> None:
    """Land, build, judge and publish, under the company's lock (sole_writer).

    `record` tells what happened, even where this raises.
    Raises ChainError where something blocked publication, what ingest raises for a delivery that it
    refuses, and KeyboardInterrupt where a person stopped it.
    """
    with warnings.catch_warnings():
        # Dagster's notes to developers on its own beta parameters.
        warnings.simplefilter("default" if is_debug() else "ignore")
        told = (company, as_of.day.isoformat(), progress_logger(record))
        with _prepared(company):
            _execute(landing_definitions(*told))
        _execute(build_definitions(*told))


@contextlib.contextmanager
def _prepared(company: Company) -> Iterator[None]:
    """Beside what is done within it, which must not need the manifest: dbt's parse, in a process of
    its own, and after it the import of Great Expectations. Each would take one core for seconds.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        started = time.perf_counter()
        manifest = beside.submit(prepare_manifest, company)
        yield
        import great_expectations  # noqa: PLC0415, F401

        manifest.result()
        show_step("Prepare")
        show_step("  dbt manifest", seconds=time.perf_counter() - started)


def _execute(definitions: dg.Definitions) -> None:
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

"""What a run costs beside its own SQL with nothing around it, and what asking its result costs.

    make bench SCALE=S            (.venv/bin/python bench/chain.py S [pairs])

The demo company with 10,000 (S), 200,000 (M) or 2,000,000 (L) opportunities, in a scratch home: the
whole run from nothing; then, in turn, the SQL that dbt compiled for its models, in dbt's order on
one connection, and the same models by dbt (bare, dbt, bare), without checks. A pair whose two bare
runs differ by more than a tenth is told and does not count. dbt's side holds its start and the one
model in Python, whose table the bare runs are given. What one may ask for afterwards: the
ten questions of any_day.py, and the loading of Dagster's definitions. CPU seconds are those of the
process tree, and so is the peak of memory. It prints a table and writes var/bench/<scale>.json; it
judges nothing.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import any_day
import duckdb
import psutil

from orchestration.company import Company, find_company
from orchestration.places import ROOT

OPPORTUNITIES = {"S": 10_000, "M": 200_000, "L": 2_000_000}
# So many has the demo company, about, at --scale 1.
AT_ONE = 6_000
DRAWS = 200
CALM = 0.1
PILOTAGE = Path(sys.executable).with_name("pilotage")
DEFINITIONS = "from orchestration.definitions import defs; defs()"
# Made by Python, so that there is no SQL to run; its table is copied, as seeds and the books are.
GIVEN = "int_forecast_intervals"


@dataclass(frozen=True)
class Cost:
    """CPU seconds, seconds by the clock, and the most memory held at once (MB)."""

    cpu_s: float
    wall_s: float
    peak_mb: float


class Peak(threading.Thread):
    """Looks five times a second at the memory of a process and of all that it started."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.process = psutil.Process(pid)
        self.is_over = threading.Event()
        self.found_bytes = 0

    def run(self) -> None:
        """Until is_over is set."""
        while not self.is_over.wait(0.2):
            try:
                tree = (self.process, *self.process.children(recursive=True))
                held = sum(process.memory_info().rss for process in tree)
            except psutil.Error:
                continue  # one of them has just ended; the next look counts the others
            self.found_bytes = max(self.found_bytes, held)


def of_program(*command: str | Path) -> Cost:
    """What a program costs, with all that it starts."""
    before, started = cpu_seconds(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        peak = Peak(process.pid)
        peak.start()
        process.wait()
        peak.is_over.set()
        peak.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    wall = time.perf_counter() - started
    cpu = cpu_seconds(resource.RUSAGE_CHILDREN) - before
    return Cost(cpu, wall, peak.found_bytes / 1e6)


def cpu_seconds(whose: int) -> float:
    """CPU seconds so far, of this process or of those it started and waited for."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def bare(company: Company, folder: Path) -> Cost:
    """What the compiled SQL of all models costs on one connection, into a new file.

    In a process of its own, whose peak it is. Not counted: what is copied from the warehouse.
    """
    file = folder / company.warehouse.name  # the SQL names the catalog
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file), config={"memory_limit": "2GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{company.warehouse}' as built (read_only)")
        models = list(compiled(company))
        copy_given(connection, {name for _, name, _ in models})
        before, started = cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
        for kind, name, sql in models:
            connection.execute(f"create {kind} {name} as {sql}")
        connection.execute("checkpoint")
        wall = time.perf_counter() - started
    cpu = cpu_seconds(resource.RUSAGE_SELF) - before
    return Cost(cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def compiled(company: Company) -> Iterator[tuple[str, str, str]]:
    """Kind, name and select of each model in SQL, in the order of dbt's last run."""
    nodes = json.loads((company.target / "manifest.json").read_text())["nodes"]
    results = json.loads((company.target / "run_results.json").read_text())["results"]
    for result in results:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") == "model" and node["language"] == "sql":
            yield node["config"]["materialized"], result["relation_name"], result["compiled_code"]


def copy_given(connection: duckdb.DuckDBPyConnection, made: set[str]) -> None:
    """Copy every table of the built warehouse that the models in SQL do not make."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'built'"
    ).fetchall()
    schemas = {schema for schema, _ in tables} | {name.split('"')[3] for name in made}
    for schema in sorted(schemas):
        connection.execute(f'create schema if not exists "{schema}"')
    for schema, table in tables:
        if f'"work"."{schema}"."{table}"' not in made:
            connection.execute(
                f'create table "{schema}"."{table}" as from built."{schema}"."{table}"'
            )


def beside(company: Company, folder: Path, pairs: int) -> Iterator[dict[str, Any]]:
    """Pairs of dbt and the bare SQL: their costs, how they compare, and whether the pair counts."""
    for _ in range(pairs):
        first = in_a_process(bare, company, folder)
        dbt = of_program(PILOTAGE, "dbt", "--", "--quiet", "run")
        second = in_a_process(bare, company, folder)
        limit = (first.cpu_s + second.cpu_s) / 2
        yield {
            "bare": [asdict(first), asdict(second)],
            "dbt": asdict(dbt),
            "ratio": dbt.cpu_s / limit,
            "is_calm": abs(first.cpu_s - second.cpu_s) <= CALM * max(first.cpu_s, second.cpu_s),
        }


def in_a_process(work: Any, *arguments: Any) -> Any:
    """A function's result, from a process that does nothing else."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def questions(file: Path) -> dict[str, dict[str, float]]:
    """Milliseconds of CPU, median and 95th percentile, of each question about any day."""
    told = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set threads = 1")
        for title, question in any_day.QUESTIONS.items():
            _, cpu = any_day.ask(connection, question, DRAWS)
            ordered = sorted(cpu)
            told[title] = {"p50_ms": statistics.median(cpu), "p95_ms": ordered[int(0.95 * DRAWS)]}
    return told


def measure(scale: str, pairs: int, home: Path) -> dict[str, Any]:
    """All figures of one size."""
    os.environ["PILOTAGE_HOME"] = str(home)
    for name in ("SCALE", "AS_OF", "COMPANY"):
        os.environ.pop(name, None)  # make hands its own SCALE on, which means another thing
    size = str(OPPORTUNITIES[scale] / AT_ONE)
    run = of_program(PILOTAGE, "run", "--scale", size)
    company = find_company("demo")
    found = {
        "scale": scale,
        "opportunities": OPPORTUNITIES[scale],
        "machine": f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB",
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "run": asdict(run),
        "again": asdict(of_program(PILOTAGE, "run")),
        "pairs": list(beside(company, home, pairs)),
        "definitions": asdict(of_program(sys.executable, "-c", DEFINITIONS)),
        "any_day": questions(company.published / "marts.duckdb"),
    }
    calm = [pair["ratio"] for pair in found["pairs"] if pair["is_calm"]]
    return found | {"ratio": statistics.median(calm) if calm else None}


def shown(found: dict[str, Any]) -> Iterator[str]:
    """The table."""
    yield f"{found['opportunities']:,} opportunities, {found['machine']}, DuckDB {found['duckdb']}"
    yield f"{'':40}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}"
    yield row("a run from nothing", found["run"])
    yield row("a run after which nothing has changed", found["again"])
    for pair in found["pairs"]:
        note = f"   ratio {pair['ratio']:.2f}{'' if pair['is_calm'] else ' (restless)'}"
        yield row("all models, bare SQL", pair["bare"][0])
        yield row("all models, dbt", pair["dbt"]) + note
        yield row("all models, bare SQL", pair["bare"][1])
    yield row("Dagster's definitions", found["definitions"])
    for title, times in found["any_day"].items():
        yield f"{title:40}p50 {times['p50_ms']:7.1f}   p95 {times['p95_ms']:7.1f} ms CPU"


def row(title: str, cost: dict[str, float]) -> str:
    """A line of the table."""
    return f"{title:40}{cost['cpu_s']:10.1f}{cost['wall_s']:10.1f}{cost['peak_mb']:10,.0f}"


def main(scale: str = "S", pairs: str = "1") -> None:
    """Measure, print, and write the figures down."""
    if scale not in OPPORTUNITIES:
        raise SystemExit(f"SCALE is {scale!r}; give one of {', '.join(OPPORTUNITIES)}.")
    with tempfile.TemporaryDirectory(prefix="pilotage-bench-") as scratch:
        found = measure(scale, int(pairs), Path(scratch))
    print("\n".join(shown(found)))
    file = ROOT / "var" / "bench" / f"{scale}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=2) + "\n")
    print(f"written {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])

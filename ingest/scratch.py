"""The scratch database in which one table's deliveries are read."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingest.lake import Lake
from ingest.tables import Table

# Beyond it DuckDB spills into the lake's scratch folder.
SCRATCH_MEMORY = "1500MB"
# Below both, handing work over to another thread costs more than the thread brings.
WORTH_THREADS_BYTES = 8 << 20
WORTH_THREADS_ROWS = 1_000_000


@contextmanager
def scratch(lake: Lake, table: Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a scratch database; close it and sweep the private copies away whatever happens."""
    con = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_external_file_cache": "false",
            "memory_limit": SCRATCH_MEMORY,
            "temp_directory": str(lake.incoming(table) / "spill"),
        }
    )
    try:
        set_session(con)
        yield con
    finally:
        con.close()
        lake.sweep(table)


def use_threads_for(con: duckdb.DuckDBPyConnection, size_bytes: int, known_rows: int) -> None:
    """Read a delivery, and compare it with what is known, by one thread or by all there are."""
    is_small = size_bytes < WORTH_THREADS_BYTES and known_rows < WORTH_THREADS_ROWS
    con.execute("set threads = 1" if is_small else "reset threads")


def set_session(con: duckdb.DuckDBPyConnection) -> None:
    """Set what each session of the database has of its own."""
    con.execute("set TimeZone = 'UTC'")
    # DuckDB would draw it across our own lines where Python was not started with a script.
    con.execute("set enable_progress_bar = false")

"""How our code's own DuckDB connections are set when they do their work."""

import json
import subprocess
import sys
from pathlib import Path

# Python without a script is interactive to DuckDB: only there would it draw a progress bar.
WATCH = """
import duckdb, json, sys
connect, seen = duckdb.connect, set()
ASKED = "select current_setting('enable_progress_bar'), current_setting('memory_limit')"

class Watched:
    def __init__(self, real): self.real = real
    def __enter__(self): return self
    def __exit__(self, *_): self.real.close()
    def __getattr__(self, name): return getattr(self.real, name)
    def execute(self, sql, *values):
        if not sql.lstrip().startswith("set "):
            seen.add(self.real.execute(ASKED).fetchone())
        return self.real.execute(sql, *values)

duckdb.connect = lambda *places, **settings: Watched(connect(*places, **settings))
"""
TELL = "\nprint(json.dumps(sorted(seen)))"


def settings_seen(code: str, *arguments: str) -> set[tuple[bool, str]]:
    """Run code (its arguments in sys.argv[1:]) in an interactive Python.

    Returns (progress bar, memory limit) as they stood at any statement but a `set`.
    """
    run = subprocess.run(
        [sys.executable, "-c", WATCH + code + TELL, *arguments],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return {tuple(one) for one in json.loads(run.stdout.splitlines()[-1])}

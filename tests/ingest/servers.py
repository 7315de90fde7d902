"""A real MariaDB for tests."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

MARIADB = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


@dataclass
class MariaDb:
    """A running MariaDB with an empty database `crm`."""

    port: int

    def run(self, *statements: str) -> None:
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as con:
            from ingest.databases import _extension

            con.execute(f"load '{_extension('mysql_scanner')}'")
            con.execute(f"attach 'host=127.0.0.1 port={self.port} user=root' as db (type mysql)")
            for statement in statements:
                con.execute(f"call mysql_execute('db', $$ {statement} $$)")


@contextlib.contextmanager
def mariadb(folder: Path) -> Iterator[MariaDb]:
    """Start a MariaDB whose data lie in folder; stop it afterwards."""
    assert MARIADB
    data, user = folder / "data", f"--user={Path.home().owner()}"
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", user, "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [MARIADB, "--no-defaults", user, f"--datadir={data}", f"--port={port}",
         f"--socket={folder}/s", "--bind-address=127.0.0.1", f"--pid-file={folder}/pid"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        running = MariaDb(port)
        running.run("create database crm")
        yield running
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")

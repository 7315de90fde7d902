"""Real database servers for tests, and a line to them that can be cut."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

MARIADB = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
CHUNK_BYTES = 1 << 14


@dataclass
class Line:
    """A TCP port that leads to a server's socket. `cut_after`: bytes from the server, then silence
    and an end; None: never."""

    target: Path
    cut_after: int | None = None
    passed: int = 0
    _server: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.target))
                for pair in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, giver: socket.socket, taker: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := giver.recv(CHUNK_BYTES):
                self.passed += len(chunk) if is_answer else 0
                if is_answer and self.cut_after is not None and self.passed > self.cut_after:
                    break
                taker.sendall(chunk)
        for end in (giver, taker):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


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

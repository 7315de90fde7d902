"""A line to a server that can be cut."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

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

"""An API on loopback that answers as a test says, faults included."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request. Of a parameter that stands twice, the last counts."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """What the API says. `cut`: so many bytes of the body, then the line is dead; `drip`: seconds
    between bytes; `wait`: seconds before the first."""

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int | None = None
    drip: float = 0
    wait: float = 0

    @property
    def body(self) -> bytes:
        return json.dumps(self.document).encode() if self.raw is None else self.raw


Script = Callable[[Asked], Answer]


class Api:
    """A running API. `script` may be changed between two requests; `asked` is what was asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Not onto the terminal."""

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                is_json = "json" in self.headers.get("Content-Type", "")
                parts = urlsplit(self.path)
                params = {n: v[-1] for n, v in parse_qs(parts.query, True).items()}
                told = json.loads(body) if is_json else body.decode()
                asked = Asked(self.command, parts.path, params, dict(self.headers), told)
                api.asked.append(asked)
                try:
                    self._say(api.script(asked))
                except OSError:
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815 - the name is http.server's

            def _say(self, answer: Answer) -> None:
                time.sleep(answer.wait)
                body = answer.body
                self.send_response(answer.status)
                kinds = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                for name, value in {**kinds, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in [bytes([byte]) for byte in body] if answer.drip else [body]:
                    self.wfile.write(piece if answer.cut is None else piece[: answer.cut])
                    self.wfile.flush()
                    time.sleep(answer.drip)
                self.close_connection = answer.cut is not None

        return Handler

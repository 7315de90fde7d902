"""Real receivers on loopback: an HTTP server that can misbehave, and a mail server."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


@dataclass
class Post:
    """One request as it arrived."""

    path: str
    headers: Message
    body: bytes


@dataclass
class Receiver:
    """What has arrived, and how it is answered: 200 unless `answer` does something else."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def sent_keys(self) -> list[str]:
        """The Idempotency-Key of every request, in the order of arrival."""
        return [post.headers["Idempotency-Key"] for post in self.posts]


@contextmanager
def http_receiver() -> Iterator[Receiver]:
    """A web server on a free port of loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # the sender died while it was speaking
            receiver.posts.append(Post(self.path, self.headers, body))
            if receiver.answer is not None:
                receiver.answer(self)
            else:
                status(200)(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a sender that was killed breaks its connection

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer with this status and no body; headers are written Retry_After=..."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


class Mailbox:
    """Keeps every mail; answers 451 while it is down."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.is_down = False
        self.port = 0

    async def handle_DATA(  # noqa: N802 - the mail server's name for it
        self, _server: object, _session: object, envelope: object
    ) -> str:
        """Called by the mail server with each mail."""
        if self.is_down:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content))  # type: ignore[attr-defined]
        return "250 kept"

    @property
    def address(self) -> str:
        """As apprise writes it."""
        return (
            f"mailto://127.0.0.1:{self.port}?from=pilotage@example.com&to=ops@example.com"
            "&mode=insecure"
        )

    def sent_keys(self) -> list[str]:
        """The key of every mail, in the order of arrival."""
        return [mail["X-Pilotage-Key"] for mail in self.mails]


class _AnyPort(Controller):
    """Takes a free port; the controller's greeting to itself needs to know it."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_receiver() -> Iterator[Mailbox]:
    """A mail server on a free port of loopback."""
    mailbox = Mailbox()
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()

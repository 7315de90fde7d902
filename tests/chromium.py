"""A real Chromium without a window, driven by the DevTools protocol."""

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser")
# Seconds, for a machine that does ten other things.
PATIENCE = 300
# A page that draws answers no ping.
SOCKET: dict[str, Any] = {"max_size": None, "open_timeout": PATIENCE, "ping_interval": None}


class Browser:
    """One tab. Keeps what the page complained of and what it asked the network for."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(PATIENCE))
            if message.get("id") == self._last:
                assert "error" not in message, message["error"]
                return message["result"]
            self._hear(message.get("method", ""), message.get("params", {}))

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["exception"].get("description", ""))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(str([part.get("value") for part in told["args"]]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(told["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def open(self, path: Path) -> None:
        """Open a file and wait until its charts are drawn."""
        self.call("Page.navigate", url=path.as_uri())
        self.wait_for("document.documentElement?.dataset.charts === 'drawn'")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, once it is settled."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until the condition holds."""
        until = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < until, f"{condition}; complaints: {self.complaints}"
            time.sleep(0.05)

    def picture(self, width: int) -> bytes:
        """What is shown, the whole page, as PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.call(
            "Page.captureScreenshot",
            captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1},
        )
        return base64.b64decode(shot["data"])


@contextmanager
def browser(width: int = 1200) -> Iterator[Browser]:
    """Chromium with a profile of its own, ended at the end with all its processes."""
    command = [EXECUTABLE, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += [
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
    ]
    command += [f"--window-size={width},900", "--remote-debugging-port=0", "about:blank"]
    # Its other processes may write to the profile a moment longer than it lives itself.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            with connect(_tab(Path(profile), process), **SOCKET) as socket:
                yield Browser(socket)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _tab(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """The address of the one tab, once the browser has written where it listens."""
    from urllib.request import urlopen

    written = profile / "DevToolsActivePort"
    until = time.monotonic() + PATIENCE
    while not written.is_file() or not written.read_text().strip():
        assert process.poll() is None, "Chromium ended"
        assert time.monotonic() < until, "Chromium does not listen"
        time.sleep(0.05)
    port = written.read_text().split()[0]
    with urlopen(f"http://127.0.0.1:{port}/json") as answer:
        tabs = json.load(answer)
    return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")

"""Pictures of Dagster's web interface in a real browser: web_pictures.py <PILOTAGE_HOME> <folder>.

The home holds the demo company and runs of it that the web interface knows.
"""

import base64
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from chromium import Browser, browser
from PIL import Image

ROOT = Path(__file__).parents[1]
WIDTH, PATIENCE = 1500, 300
CHECK = "mandatory_fields__opportunities"
CHECKS = f"/assets/intermediate/int_opportunities_conformed?view=checks&checkDetail={CHECK}"
# Picture -> its page, and what must be read there before it is taken.
PAGES = {
    "lineage": ("/asset-groups", ["Global asset lineage", "raw_crm", "pipeline", "quality"]),
    "failed_check": (CHECKS, [CHECK, "Failed", "failed_count"]),
    "days": ("/assets/published/days?view=partitions", ["Partitions", "Materialized (31)"]),
    "glance": ("/assets/published/marts?view=overview", ["glance", "rewritten_days"]),
}
# Beside them: the history of the check, behind a tab of its page.
HISTORY = "[...document.querySelectorAll('*')].findLast((e) => e.innerText === 'Execution history')"


@contextmanager
def web_interface(home: Path) -> Iterator[str]:
    """`make dev` on a free port; its address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("pilotage"), "dev", "--port", str(port)]
    with (home / "dev.log").open("w") as log:
        served = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PILOTAGE_HOME": str(home)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/server_info", served)
        yield address
    finally:
        os.killpg(served.pid, 15)
        served.wait()


def _wait_for(address: str, served: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert served.poll() is None, "the web interface has ended"
        try:
            with urlopen(address):
                return
        except OSError:
            time.sleep(1)
    raise AssertionError("the web interface does not answer")


def pictures(address: str) -> Iterator[tuple[str, bytes]]:
    """Each page as PNG, once it shows what it must."""
    with browser(WIDTH) as tab:
        for name, (page, words) in PAGES.items():
            tab.call("Page.navigate", url=address + page)
            for word in words:
                tab.wait_for(f"document.body?.innerText.includes({word!r})")
            time.sleep(3)  # it draws on after its words are there
            yield name, _picture(tab)
            if page == CHECKS:
                tab.run(f"({HISTORY}).click()")
                tab.wait_for("document.body.innerText.includes('Target materialization')")
                time.sleep(3)
                yield "check_history", _picture(tab)
        outside = {url for url in tab.requests if not url.startswith((address, "data:", "blob:"))}
        assert not outside, outside


def _picture(tab: Browser) -> bytes:
    return base64.b64decode(tab.call("Page.captureScreenshot")["data"])


def main(home: Path, folder: Path) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with web_interface(home) as address:
        for name, picture in pictures(address):
            colours = Image.open(io.BytesIO(picture)).convert("RGB")
            few = colours.quantize(256, method=Image.Quantize.FASTOCTREE)
            few.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

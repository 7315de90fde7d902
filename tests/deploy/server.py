"""The services of deploy/compose.yaml as processes of this machine, for want of an engine."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
PATIENCE_SECONDS = 240


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def waited_for(answer: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """What `answer` gives as soon as it gives something; AssertionError where it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, URLError):
            if found := answer():
                return found
        time.sleep(0.5)
    raise AssertionError(f"waited in vain for {what}")


@dataclass(frozen=True)
class Service:
    """A service that runs, and what it has said."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def end(self) -> None:
        """Stop it as an engine would. The code location gives what was asked of it a minute."""
        self.process.terminate()
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Server:
    """Where the services shall find each other, their folders and their secrets.

    ports: of the compose network -> of this machine. Each service has its own folder, as it would
    have its own volumes; only the logs are shared.
    """

    folder: Path
    ports: Mapping[str, str]
    company: Path

    @property
    def secrets(self) -> Path:
        """One file a secret."""
        return self.folder / "secrets"

    def home(self, service: str) -> Path:
        """What stands for the service's /data."""
        return self.folder / service

    def start(self, name: str) -> Service:
        """Start a service by its very command and environment."""
        command = [self._here(name, part) for part in COMPOSE["services"][name]["command"]]
        program = str(Path(sys.executable).with_name(command[0]))
        log = self.folder / f"{name}.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                [DEPLOY / "with_secrets", program, *command[1:]],
                cwd=ROOT,
                env=self._environment(name),
                stdout=told,
                stderr=subprocess.STDOUT,
            )
        return Service(process, log)

    def _environment(self, name: str) -> dict[str, str]:
        given = {
            variable: self._here(name, re.sub(r"\$\{\w+:-(.*)\}", r"\1", value))
            for variable, value in COMPOSE["services"][name]["environment"].items()
        }
        kept = {"PATH", "LANG", "TMPDIR"}
        return {
            **{variable: value for variable, value in os.environ.items() if variable in kept},
            **given,
            # What the image sets.
            "DAGSTER_HOME": str(DEPLOY),
            "PILOTAGE_HOME": str(self.home(name)),
            "HOME": str(self.home(name)),
            # Where the volumes and the secrets are here.
            "SECRETS": str(self.secrets),
            "COMPANY_SECRETS": str(self.folder / "none"),
            **({"COMPANY": str(self.company)} if "COMPANY" in given else {}),
        }

    def _here(self, name: str, part: str) -> str:
        """A part of a command or a value, said for one machine without containers."""
        places = {"/srv/pilotage": ROOT, "/logs": self.folder / "logs", "/data": self.home(name)}
        for there, here in {**places, "/tmp/storage": self.home(name) / "storage"}.items():
            part = re.sub(rf"(^|=){there}(/|$)", rf"\g<1>{here}\g<2>", part)
        part = re.sub(r"^--host=0\.0\.0\.0$", "--host=127.0.0.1", part)
        part = re.sub(r"\d{4}$", lambda port: self.ports.get(port[0], port[0]), part)
        return "127.0.0.1" if part in COMPOSE["services"] else part


def asked(address: str, query: str, **variables: Any) -> dict[str, Any]:
    """What GraphQL answers at this address."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = Request(address, body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=60) as answer:
            document = json.load(answer)
    except HTTPError as error:
        document = {"errors": error.read().decode()}
    assert "errors" not in document, document
    return document["data"]

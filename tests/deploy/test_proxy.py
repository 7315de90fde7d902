"""The door of deploy/nginx.conf in a real nginx, before an API that says who came through."""

import base64
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from loopback import Answer, Api
from server import DEPLOY, free_port, waited_for

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(not NGINX, reason="There is no nginx: apt-get install nginx-light")
LOGIN = "pilot:c4nary of the door"


@pytest.fixture(scope="module")
def webserver() -> Iterator[Api]:
    api = Api(lambda asked: Answer({"path": asked.path}))
    yield api
    api.close()


@pytest.fixture(scope="module")
def folder(webserver: Api) -> Iterator[Path]:
    """The configuration as it stands, but for places, ports and addresses."""
    # Not below pytest's own folder, which is for nobody but its owner: nginx is another user.
    with tempfile.TemporaryDirectory(prefix="pilotage-door-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        here = {
            # The first, for the folder lies there itself.
            "/tmp/": f"{folder}/tmp/",
            "/etc/nginx/listen": f"{folder}/listen",
            "/run/secrets": f"{folder}/secrets",
            "http://webserver:3000": webserver.url,
            "/dev/stdout": f"{folder}/tmp/access.log",
            # Slow enough for a test on a busy machine to be faster.
            "rate=20r/s": "rate=1r/m",
            "burst=200": "burst=20",
            "8080": str(free_port()),
            "8443": str(free_port()),
        }
        for path in ("nginx.conf", "listen/plain.conf", "listen/tls.conf"):
            text = (DEPLOY / path).read_text(encoding="utf-8")
            for there, where in here.items():
                text = text.replace(there, where)
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o777)
        make_secrets(folder / "secrets")
        yield folder


def make_secrets(secrets: Path) -> None:
    """By the commands of docs/deployment.md, and a certificate of our own."""
    secrets.mkdir()
    user, word = LOGIN.split(":")
    hashed = openssl("passwd", "-6", "-stdin", given=word)
    (secrets / "htpasswd").write_text(f"{user}:{hashed}")
    assert hashed.startswith("$6$")
    files = ["-keyout", str(secrets / "tls_key"), "-out", str(secrets / "tls_certificate")]
    openssl("req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost", *files)
    for path in secrets.iterdir():
        path.chmod(0o444)


def openssl(*arguments: str, given: str = "") -> str:
    run = subprocess.run(
        ["openssl", *arguments], input=given, capture_output=True, text=True, check=True
    )
    return run.stdout


def nginx(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """It says what it has to say in nginx.log: a pipe that nobody reads would stop it."""
    with (folder / "nginx.log").open("wb") as log:
        return subprocess.Popen(
            [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", "stderr", *arguments],
            user="nobody" if os.getuid() == 0 else None,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="module")
def door(folder: Path) -> Iterator[str]:
    """The address of the door, open."""
    address = f"http://127.0.0.1:{port(folder, 'plain')}"
    process = nginx(folder, "-g", "daemon off;")
    try:
        waited_for(lambda: asked(f"{address}/health") == (200, "ok\n"), "nginx", 30)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def port(folder: Path, name: str) -> str:
    return (folder / f"listen/{name}.conf").read_text().split()[1].strip(";")


def asked(address: str, login: str = "") -> tuple[int, str]:
    """Status and body. The certificate is of our own making, so nobody is asked about it."""
    headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    secure = {"context": trusting} if address.startswith("https") else {}
    try:
        with urlopen(
            Request(address, headers=headers if login else {}), timeout=20, **secure
        ) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, ""


def test_nginx_takes_the_configuration_as_no_root(folder: Path):
    assert nginx(folder, "-t").wait(30) == 0
    told = (folder / "nginx.log").read_text()
    assert "syntax is ok" in told
    assert "test is successful" in told
    assert "warn" not in told


@pytest.mark.parametrize("login", ["", "pilot:wrong", "nobody:c4nary of the door", "pilot:"])
def test_who_has_no_login_gets_no_further(door, webserver: Api, login):
    before = len(webserver.asked)
    assert asked(f"{door}/graphql", login)[0] == 401
    assert len(webserver.asked) == before


def test_who_has_one_reaches_the_web_server_which_never_sees_the_password(
    door, webserver: Api, folder: Path
):
    assert asked(f"{door}/graphql?query=1", LOGIN) == (200, '{"path": "/graphql"}')
    headers = {name.lower(): value for name, value in webserver.asked[-1].headers.items()}
    assert "authorization" not in headers
    assert headers["x-forwarded-proto"] == "http"
    # It answers first, and then writes.
    log = waited_for(lambda: told(folder, 'pilot "GET /graphql" 200'), "the line of the log")
    assert "query=1" not in log


def told(folder: Path, line: str) -> str:
    """The log, once it holds the line."""
    log = (folder / "tmp/access.log").read_text()
    return log if line in log else ""


def test_the_encrypted_door_asks_the_same(door, webserver: Api, folder: Path):
    secure = f"https://127.0.0.1:{port(folder, 'tls')}/graphql"
    assert asked(secure)[0] == 401
    assert asked(secure, LOGIN)[0] == 200
    headers = {name.lower(): value for name, value in webserver.asked[-1].headers.items()}
    assert headers["x-forwarded-proto"] == "https"


def test_who_tries_too_fast_is_slowed_down_before_a_password_is_looked_at(door):
    """The last one: who comes from the same address is slowed down too."""
    statuses = [asked(f"{door}/")[0] for _ in range(30)]
    assert statuses[0] == 401
    assert statuses[-1] == 429

"""What can be known of deploy/ without an engine: one file, read in several ways."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from server import COMPOSE, DEPLOY, ROOT

SERVICES = COMPOSE["services"]
TLS = yaml.safe_load((DEPLOY / "compose.tls.yaml").read_text(encoding="utf-8"))
FILES = [path for path in DEPLOY.rglob("*") if path.is_file()]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"[a-z/]+:\d[\w.-]+@sha256:[0-9a-f]{64}")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OURS = f"pilotage:{VERSION}"
EVERY_SERVICE = pytest.mark.parametrize("name", SERVICES)


def mounts(name: str) -> dict[str, tuple[str, str]]:
    """Place in the container -> what is mounted there, and how."""
    found = {}
    for volume in SERVICES[name].get("volumes", []):
        # A default may hold no colon but that of its own.
        source, place, *mode = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", volume).split(":")
        found[place] = (source, *mode) if mode else (source, "rw")
    return found


@pytest.mark.parametrize("file", ["compose.yaml", "compose.tls.yaml"])
def test_the_file_keeps_to_the_compose_specification(file):
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.compose-spec", DEPLOY / file]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_image_is_pinned_by_tag_and_digest_or_built_here():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.M)
    foreign = {one["image"] for one in SERVICES.values()} - {OURS}
    assert len(foreign) == 2
    assert len(set(bases)) == 1
    assert [image for image in (*foreign, *bases) if not PINNED.fullmatch(image)] == []
    ours = [one for one in SERVICES.values() if one["image"] == OURS]
    assert len(ours) == 3
    for one in ours:
        assert one["pull_policy"] == "build"
        assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()


def test_the_image_is_for_a_python_that_the_project_knows():
    version = re.search(r"^FROM python:(\d+)\.(\d+)", DOCKERFILE, flags=re.M)
    assert (3, 11) <= (int(version[1]), int(version[2])) <= (3, 13)


@EVERY_SERVICE
def test_a_service_is_no_root_writes_where_it_is_told_and_says_how_it_is(name):
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"mem_limit", "pids_limit", "restart", "logging"} <= set(service)
    assert not {"network_mode", "pid", "ipc", "devices", "env_file"} & set(service)
    assert "docker.sock" not in str(service)


def test_the_user_of_the_image_is_that_of_its_services():
    (user,) = re.findall(r"^USER (\S+)", DOCKERFILE, flags=re.M)
    assert {one["user"] for one in SERVICES.values() if one["image"] == OURS} == {user}
    assert f"--uid {user.split(':')[0]}" in DOCKERFILE


def test_only_the_proxy_is_published_and_by_default_to_this_machine_alone():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["127.0.0.1:${PROXY_PORT:-8080}:8080"]
    (others,) = TLS["services"]["proxy"]["ports"]
    # Nobody comes to it by leaving something out.
    assert others.startswith("${TLS_ADDRESS:?")
    assert others.endswith(":8443")


def test_the_proxy_reaches_the_web_server_alone_and_the_rest_no_network_outside():
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    inside = {name for name, one in COMPOSE["networks"].items() if one.get("internal")}
    assert inside == {"front", "back"}
    assert {name for name, one in networks.items() if one - inside} == {"proxy", "code"}
    assert networks["code"] & networks["proxy"] == set()
    assert {name for name, one in networks.items() if one & networks["proxy"]} == {
        *("proxy", "webserver")
    }


def test_the_code_location_alone_may_write_the_warehouse():
    having = {
        name: place
        for name in SERVICES
        for place, (source, _) in mounts(name).items()
        if source == "data"
    }
    assert having == {"code": "/data"}
    assert "PILOTAGE_HOME=/data" in DOCKERFILE
    # One of it, for two containers would not see each other's locks.
    assert not {"deploy", "scale"} & set(SERVICES["code"])


def test_what_is_mounted_is_there():
    for name in SERVICES:
        for place, (source, mode) in mounts(name).items():
            if not source.startswith("."):
                assert source in COMPOSE["volumes"], source
                continue
            assert (DEPLOY / source).exists(), source
            assert mode == "ro" or place == "/inbox"
    used = {secret for service in SERVICES.values() for secret in service["secrets"]}
    assert used == set(COMPOSE["secrets"])
    assert set(TLS["services"]["proxy"]["secrets"]) == set(TLS["secrets"])
    (tls,) = TLS["services"]["proxy"]["volumes"]
    assert (DEPLOY / tls.split(":")[0]).is_file()
    used = {source for name in SERVICES for source, _ in mounts(name).values()}
    assert set(COMPOSE["volumes"]) <= used


def test_every_variable_stands_in_the_example_and_none_besides():
    text = "".join((DEPLOY / file).read_text() for file in ("compose.yaml", "compose.tls.yaml"))
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"^# (\w+)=", example, flags=re.M))


def test_the_instance_is_told_all_that_it_asks_for():
    asked = set(re.findall(r"env: (\w+)", (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")))
    asked |= set(re.findall(r"env: (\w+)", (DEPLOY / "workspace.yaml").read_text(encoding="utf-8")))
    for name in ("code", "webserver", "daemon"):
        secrets = {one for one in SERVICES[name]["secrets"] if one.isupper()}
        assert asked == (set(SERVICES[name]["environment"]) | secrets) & asked


def test_no_secret_stands_in_a_file():
    """Secrets are files of the machine, which git does not take; here they are but named."""
    given = {
        variable: value
        for service in SERVICES.values()
        for variable, value in service.get("environment", {}).items()
        if re.search("PASSWORD|SECRET|TOKEN|KEY", variable)
    }
    assert given == {"POSTGRES_PASSWORD_FILE": "/run/secrets/DAGSTER_DB_PASSWORD"}
    assert not re.search(r"^(ARG|ENV).*(PASSWORD|SECRET|TOKEN)", DOCKERFILE, flags=re.M)
    for secret in (*COMPOSE["secrets"].values(), *TLS["secrets"].values()):
        assert secret["file"].startswith("./secrets/")
    listed = subprocess.run(
        ["git", "ls-files", "deploy/secrets"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(listed.stdout.split()) == [
        "deploy/secrets/.gitignore",
        "deploy/secrets/company/.gitkeep",
    ]


def test_the_image_takes_what_it_needs_and_nothing_else():
    """All is left out but what is named; what is named is there."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    taken = [rule[1:] for rule in rules if rule.startswith("!")]
    assert [path for path in taken if not (ROOT / path).exists()] == []
    assert not {"deploy", "deploy/secrets", "tests", "var", ".env", ".git"} & set(taken)


def test_secrets_become_variables_of_the_program_and_of_nothing_else(tmp_path):
    company = tmp_path / "company"
    company.mkdir()
    (tmp_path / "DAGSTER_DB_PASSWORD").write_text("it's $HOME `id`\n")
    (tmp_path / "htpasswd").write_text("pilot:hash\n")
    (company / "PILOTAGE_SOURCE_CRM").write_text("postgresql://there")
    run = subprocess.run(
        [
            DEPLOY / "with_secrets",
            sys.executable,
            "-c",
            "import json, os; print(json.dumps(dict(os.environ)))",
        ],
        env={"SECRETS": str(tmp_path), "COMPANY_SECRETS": str(company), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(run.stdout)
    assert seen["DAGSTER_DB_PASSWORD"] == "it's $HOME `id`"
    assert seen["PILOTAGE_SOURCE_CRM"] == "postgresql://there"
    assert "htpasswd" not in seen


def test_files_that_programs_run_may_be_run():
    assert (DEPLOY / "with_secrets").stat().st_mode & 0o111 == 0o111
    assert shutil.which("sh")

"""What comes from others: pinned, listed, licensed, and nothing fetched at run time."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from serving.reading import HARDENED

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"checkout": ROOT / "requirements.lock", "image": ROOT / "deploy/requirements.lock"}
EVERY_LOCK = pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
ROOMS = ("ingest", "expectations", "serving", "orchestration", "dbt_project")
spec = importlib.util.spec_from_file_location("licences", ROOT / "deploy/licences.py")
licences = importlib.util.module_from_spec(spec)
spec.loader.exec_module(licences)


def pins(lock: Path) -> dict[str, str]:
    """Name, version and marker as they stand there -> the hashes of its files."""
    found = re.split(r"^(?=[\w.-]+==)", lock.read_text(encoding="utf-8"), flags=re.M)
    return {one.splitlines()[0].rstrip(" \\"): one for one in found if "==" in one}


@EVERY_LOCK
def test_a_lock_pins_each_package_with_hashes_and_names_no_address(lock):
    found = pins(lock)
    assert len(found) > 150
    assert [pin for pin, text in found.items() if "--hash=sha256:" not in text] == []
    assert not re.search(r"://|--(index|extra-index|find-links|trusted)", lock.read_text())


def test_the_image_has_no_other_versions_than_those_that_are_tested():
    checkout, image = ({pin.split(" ")[0] for pin in pins(lock)} for lock in LOCKS.values())
    assert image <= checkout
    assert "pytest==" not in LOCKS["image"].read_text()


@EVERY_LOCK
def test_the_extensions_of_duckdb_are_locked_by_hash_to_the_version_of_duckdb(lock):
    found = {pin: text for pin, text in pins(lock).items() if pin.startswith("duckdb-extension")}
    names = {"duckdb-extension-mysql-scanner", "duckdb-extension-postgres-scanner"}
    assert names <= {pin.split("==")[0] for pin in found}
    for pin, text in found.items():
        if pin.split("==")[0] in names:
            assert pin.split("==")[1] == duckdb.__version__
            assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", text)) > 1


def test_no_code_installs_an_extension():
    """`install`, import_extension and dbt-duckdb's `extensions:` would ask the network, or copy."""
    asking = re.compile(
        r"""["'\s](force\s+)?install\s+['"]?\w+['"]?\s*(from\b|;|["'])|install_extension"""
        r"|import_extension|custom_extension_repository|^\s*extensions:",
        flags=re.I | re.M,
    )
    files = [
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql", ".yml"} and "target" not in path.parts
    ]
    assert [str(path) for path in files if asking.search(path.read_text(encoding="utf-8"))] == []


def test_where_words_of_others_reach_duckdb_nothing_is_installed_by_itself():
    """Deliveries, addresses of sources, people's questions, the models of a company."""
    for path in ("ingest/scratch.py", "ingest/databases.py", "orchestration/asking.py"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(r"autoinstall_known_extensions\W+[fF]alse", text), path
        assert re.search(r"autoload_known_extensions\W+[fF]alse", text), path
    assert HARDENED["autoinstall_known_extensions"] is False
    assert HARDENED["autoload_known_extensions"] is False
    profile = yaml.safe_load((ROOT / "dbt_project/profiles.yml").read_text(encoding="utf-8"))
    settings = profile["pilotage"]["outputs"]["duckdb"]["config_options"]
    assert settings["autoinstall_known_extensions"] is False
    assert settings["autoload_known_extensions"] is False


NEEDING = {
    "httpfs": "from read_csv('https://127.0.0.1:1/x.csv')",
    "spatial": "select st_point(1, 2)",
}


@pytest.mark.parametrize("query", NEEDING.values(), ids=NEEDING)
def test_a_statement_that_needs_an_extension_fails_and_fetches_none(tmp_path, query):
    """With the settings of the scratch database, in a home where nothing was installed."""
    code = (
        "import duckdb, sys\n"
        "from types import SimpleNamespace\n"
        "from pathlib import Path\n"
        "from ingest.scratch import scratch\n"
        "lake = SimpleNamespace(incoming=lambda _: Path(sys.argv[1]), sweep=lambda _: None)\n"
        "with scratch(lake, None) as con:\n"
        "    con.execute(sys.argv[2])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "lake", query],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "extension" in run.stderr.lower()
    assert list(tmp_path.rglob("*.duckdb_extension")) == []


def test_the_page_of_licences_is_up_to_date_and_all_of_them_are_allowed():
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "run `make licences`"
    told = {name: licences.licence(name) for name in licences.locked()}
    assert {name: text for name, text in told.items() if not licences.is_allowed(text)} == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("Artistic-1.0 OR GPL-2.0-or-later", True),
        ("AGPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("unknown", False),
    ],
)
def test_a_licence_is_allowed_where_each_part_leaves_an_allowed_choice(expression, allowed):
    assert licences.is_allowed(expression) is allowed


def test_the_bill_of_materials_is_the_lock_the_same_each_time_and_of_no_machine(tmp_path):
    told = []
    for name in ("one.json", "two.json"):
        command = [
            *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements"),
            *(str(LOCKS["image"]), "--pyproject", "pyproject.toml"),
            *("--output-reproducible", "-o", str(tmp_path / name)),
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        told.append((tmp_path / name).read_text(encoding="utf-8"))
    assert told[0] == told[1]
    assert str(ROOT) not in told[0]
    bill = json.loads(told[0])
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "pilotage")
    assert "timestamp" not in bill["metadata"]
    listed = {f"{one['name']}=={one['version']}" for one in bill["components"]}
    assert listed == {pin.split(" ")[0] for pin in pins(LOCKS["image"])}
    assert all(one["externalReferences"][0]["hashes"] for one in bill["components"])


def test_a_secret_that_is_one_is_found_and_the_made_up_are_let_through(tmp_path):
    """With what `make lint` lets through."""
    (made_up,) = re.findall(r"^MADE_UP := (.*)", (ROOT / "Makefile").read_text(), flags=re.M)
    hook = Path(sys.executable).with_name("detect-secrets-hook")

    def found(text: str) -> bool:
        (tmp_path / "some.py").write_text(text)
        options = ["-n", "--exclude-secrets", made_up.replace("$$", "$")]
        run = subprocess.run([hook, *options, "some.py"], cwd=tmp_path, check=False)
        return run.returncode != 0

    # Put together here, lest they be found where they stand.
    assert found('key = "AKIA' + 'Z7Q4M2N8K1P5R3T6"\n')
    assert found("-----BEGIN RSA " + "PRIVATE KEY-----\n")
    assert found('address = "postgresql://keeper:' + 'Gh7-wq2Lx@db/sales"\n')
    assert not found('address = "postgresql://keeper:password@db/sales"\n')
    assert not found('address = "postgresql://u:c4nary@db/sales"\n')

"""`pilotage doctor`: each misconfiguration is named, with what to do; a sound company is let be."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from powerless import without_roots_power
from tiny_company import EXPORT, land

from orchestration.company import find_company
from orchestration.lock import sole_writer

PILOTAGE = Path(sys.executable).with_name("pilotage")
API = {
    "name": "raw_crm_api",
    "description": "The API of the CRM.",
    "config": {
        "meta": {
            "delivery": {
                "connector": "rest",
                "api": {
                    "base_url": "http://127.0.0.1:1",
                    "auth": {"kind": "bearer", "token": "TOKEN"},
                },
            }
        }
    },
    "tables": [
        {
            "name": "deals",
            "description": "One row per deal.",
            "config": {"meta": {"keys": ["id"], "delivery": {"endpoint": {"path": "/deals"}}}},
            "columns": [{"name": "id", "data_type": "varchar", "description": "Key."}],
        }
    ],
}


@pytest.fixture
def tiny_that_landed(bare_tiny, monkeypatch):
    bare_tiny.deliver("2025-01-10", EXPORT)
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    land(bare_tiny)
    return bare_tiny


@pytest.fixture
def examined(bare_tiny):
    """Call the doctor; returns exit code and what is wrong: check -> all that is told of it."""

    def asked(*arguments: str, **environment: str) -> tuple[int, dict[str, str]]:
        done = subprocess.run(
            [PILOTAGE, "doctor", "--company", bare_tiny.folder, "--json", *arguments],
            env={**os.environ, "PILOTAGE_HOME": str(bare_tiny.home), **environment},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=without_roots_power,
        )
        assert done.stderr == ""
        told = json.loads(done.stdout)
        wrong = [one for one in told["findings"] if one["state"] == "wrong"]
        assert told["wrong"] == len(wrong)
        assert all(one["told"] and one["remedy"] for one in wrong)
        return done.returncode, {
            one["check"]: f"{one['told']} {one['where']} {one['remedy']}" for one in wrong
        }

    return asked


def only(examined: tuple[int, dict[str, str]], check: str) -> str:
    """What is told of the one thing that is wrong."""
    code, wrong = examined
    assert (code, [*wrong]) == (1, [check])
    return wrong[check]


def test_a_company_before_its_first_run_and_one_that_landed_are_sound(
    examined, bare_tiny, call_pilotage
):
    bare_tiny.deliver("2025-01-10", EXPORT)
    assert examined() == (0, {})
    assert not bare_tiny.home.exists()
    call_pilotage(bare_tiny.home, "ingest", "--company", str(bare_tiny.folder))
    assert examined() == (0, {})
    text = call_pilotage(bare_tiny.home, "doctor", "--company", str(bare_tiny.folder))
    assert (text.returncode, text.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")


def test_a_lake_that_may_not_be_written(examined, tiny_that_landed):
    folder = tiny_that_landed.data / "lake/quarantine"
    folder.chmod(0o500)
    told = only(examined(), "rights")
    assert f"may not be written. {folder} Give your user the right" in told


def test_a_lake_that_others_may_read(examined, tiny_that_landed):
    (tiny_that_landed.data / "lake").chmod(0o755)
    assert f"chmod go= {tiny_that_landed.data / 'lake'}" in only(examined(), "rights")


def test_a_desk_file_with_an_unknown_column(examined, tiny_that_landed):
    stages = tiny_that_landed.folder / "desk/stages.csv"
    lines = stages.read_text().splitlines()
    stages.write_text("\n".join([f"{lines[0]},colour", *(f"{line},red" for line in lines[1:])]))
    told = only(examined(), "desk")
    assert "colour" in told
    assert str(stages) in told


def test_a_desk_file_that_may_not_be_read(examined, tiny_that_landed):
    stages = tiny_that_landed.folder / "desk/stages.csv"
    stages.chmod(0o000)
    assert str(stages) in only(examined(), "desk")


def test_a_wrong_key_in_company_yml(examined, tiny_that_landed):
    settings = tiny_that_landed.folder / "company.yml"
    settings.write_text(settings.read_text().replace("business_tz", "busines_tz"))
    told = only(examined(), "settings")
    assert "'busines_tz' is unknown (did you mean 'business_tz'?)" in told
    assert f"{settings}, line 4" in told


def with_an_api(tiny, api: Mapping[str, Any] = API) -> None:
    folder = tiny.folder / "models/staging/crm_api"
    folder.mkdir(parents=True)
    declared = {"version": 2, "sources": [api]}
    (folder / "_crm_api__sources.yml").write_text(yaml.safe_dump(declared))
    settings = tiny.folder / "company.yml"
    settings.write_text(settings.read_text().replace("[invoicing]", "[invoicing, crm_api]"))


def test_a_connection_variable_that_is_not_set(examined, tiny_that_landed):
    with_an_api(tiny_that_landed)
    told = only(examined(), "sources")
    assert "PILOTAGE_SOURCE_CRM_API_TOKEN is not set" in told


def test_a_source_that_nobody_answers_for(examined, tiny_that_landed):
    """A port of loopback that was just closed; and one behind which somebody listens."""
    with_an_api(tiny_that_landed)
    given = {"PILOTAGE_SOURCE_CRM_API_TOKEN": "c4nary-token"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        given["PILOTAGE_SOURCE_CRM_API_BASE_URL"] = address
        assert examined(**given) == (0, {})
    told = only(examined(**given), "sources")
    assert "crm_api cannot be reached: nobody answers there" in told
    assert f"{address} of PILOTAGE_SOURCE_CRM_API_BASE_URL" in told
    assert "c4nary" not in told


def test_a_slip_in_how_late_a_source_may_be(examined, tiny_that_landed):
    late = {"error_after": {"count": 26, "period": "hours"}}
    with_an_api(tiny_that_landed, {**API, "freshness": late})
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        told = only(
            examined(
                PILOTAGE_SOURCE_CRM_API_TOKEN="c4nary", PILOTAGE_SOURCE_CRM_API_BASE_URL=address
            ),
            "sources",
        )
    assert "Its freshness cannot be followed." in told
    assert "table deals" in told


def test_a_source_of_files_that_never_delivered(examined):
    assert "no delivery of source invoicing" in only(examined(), "sources")


def test_telemetry_that_the_environment_switches_on(examined, tiny_that_landed):
    told = only(examined(GX_ANALYTICS_ENABLED="True"), "telemetry")
    assert "switches telemetry on: GX_ANALYTICS_ENABLED=True" in told
    assert "Set GX_ANALYTICS_ENABLED=false." in told
    assert "DO_NOT_TRACK=0" in only(examined(DO_NOT_TRACK="0"), "telemetry")
    assert examined(DO_NOT_TRACK="true", GX_ANALYTICS_ENABLED="0") == (0, {})


def test_a_warehouse_that_another_program_holds(examined, tiny_that_landed):
    warehouse = tiny_that_landed.data / "work.duckdb"
    with duckdb.connect(str(warehouse)):
        told = only(examined(), "warehouse")
    assert "open in another program" in told
    assert str(warehouse) in told


def test_a_warehouse_is_not_opened_while_a_run_has_it(examined, tiny_that_landed):
    """Who has it open, if only to read, keeps the run from it."""
    warehouse = tiny_that_landed.data / "work.duckdb"
    held = warehouse.read_bytes()
    warehouse.write_bytes(b"no database")
    with sole_writer(find_company(str(tiny_that_landed.folder))):
        assert examined() == (0, {})
    assert "damaged" in only(examined(), "warehouse")
    warehouse.write_bytes(held)


def test_a_warehouse_that_is_damaged(examined, tiny_that_landed):
    warehouse = tiny_that_landed.data / "work.duckdb"
    held = bytearray(warehouse.read_bytes())
    held[4096:12288] = bytes(8192)
    warehouse.write_bytes(held)
    told = only(examined(), "warehouse")
    assert "The warehouse is damaged" in told
    assert "Delete it" in told


def test_a_file_of_the_lake_that_is_damaged(examined, tiny_that_landed):
    path = next((tiny_that_landed.data / "lake/raw/invoicing/invoices").glob("[!_]*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    code, wrong = examined()
    assert (code, path.name in wrong["lake"], "clock" in wrong) == (1, True, False)


def test_a_link_of_what_is_published_that_leads_nowhere(examined, tiny_that_landed):
    link = tiny_that_landed.data / "published/marts.duckdb"
    link.symlink_to("marts-20250101T000000000000Z-0123456789ab.duckdb")
    told = only(examined(), "published")
    assert f"{link} -> marts-20250101T000000000000Z-0123456789ab.duckdb" in told
    assert "pilotage publish rollback" in told


def test_a_disk_without_room(examined, tiny_that_landed):
    told = only(examined("--least-free-gb", "1e9"), "disk")
    assert "1,000,000,000.0 are needed" in told


def test_a_clock_that_is_before_the_newest_load(examined, tiny_that_landed):
    """The clock cannot be turned back here, so a delivery is of later than now."""
    year = datetime.now(UTC).year + 1
    tiny_that_landed.deliver(f"{year}-01-10", EXPORT)
    land(tiny_that_landed)
    told = only(examined(), "clock")
    assert f"is before the newest load of invoicing ({year}-01-10" in told


def test_an_address_of_the_mirror_that_is_none(examined, tiny_that_landed):
    told = only(examined(PILOTAGE_POSTGRES="mysql://u:c4nary@h/db"), "mirror")
    assert "PILOTAGE_POSTGRES is no address" in told
    assert "c4nary" not in told


def test_a_mirror_that_nobody_answers_for(examined, tiny_that_landed):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    told = only(examined(PILOTAGE_POSTGRES=f"postgresql://u:c4nary@127.0.0.1:{port}/db"), "mirror")
    assert "cannot be reached: nobody answers there" in told
    assert "c4nary" not in told


def test_packages_that_differ_from_the_lock(examined, tiny_that_landed, tmp_path):
    """One of another version comes first on the path, as a stray PYTHONPATH does it."""
    metadata = tmp_path / "typer-0.0.1.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: typer\nVersion: 0.0.1\n")
    told = only(examined(PYTHONPATH=str(tmp_path)), "packages")
    assert "typer is 0.0.1, not " in told
    assert "make setup" in told


def test_an_erasure_that_did_not_end(examined, tiny_that_landed):
    (tiny_that_landed.data / "erasures.begun").write_text("0123456789abcdef\n")
    assert "subjects 0123456789ab" in only(examined(), "erasures")


def test_a_book_of_alerts_that_is_damaged(examined, tiny_that_landed):
    book = tiny_that_landed.data / "alerts.sqlite"
    book.write_bytes(b"no book" * 100)
    book.chmod(0o600)
    assert "The book of alerts is damaged" in only(examined(), "alerts")


def test_a_variable_that_nobody_reads_is_noted(call_pilotage, tiny_that_landed):
    done = call_pilotage(
        *(tiny_that_landed.home, "doctor", "--company", str(tiny_that_landed.folder)),
        PILOTAGE_POSGRES="postgresql://u:c4nary@h/db",
        PILOTAGE_CHANNEL_SALES_OPS="slack://c4nary",
    )
    assert done.returncode == 0
    assert "PILOTAGE_POSGRES (did you mean 'PILOTAGE_POSTGRES'?)" in done.stdout
    assert "PILOTAGE_CHANNEL_SALES_OPS (" not in done.stdout
    assert "c4nary" not in done.stdout


def test_an_unknown_company_is_misuse(call_pilotage, tmp_path):
    done = call_pilotage(tmp_path, "doctor", "--company", "dmo")
    assert (done.returncode, "Unknown company 'dmo'" in done.stderr) == (2, True)

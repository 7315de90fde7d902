"""dbt reads the project beside the landing: what becomes of it where either goes wrong."""

import os
from pathlib import Path

import pytest
from tiny_company import EXPORT, Tiny

from orchestration.company import find_company
from orchestration.manifest import FINGERPRINT, prepare_manifest, preparing_manifest


class OtherError(Exception):
    """What went wrong beside the parse."""


def reading_dbt(target: Path) -> list[int]:
    """The processes that read the project for a target folder."""
    wanted = f"DBT_TARGET_PATH={target}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if wanted in environment and b"parse" in command:
            found.append(int(process.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_dbt_is_ended_where_nobody_waits_for_it_and_reads_anew_the_next_time(
    bare_tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PILOTAGE_HOME", str(bare_tiny.home))
    company = find_company(str(bare_tiny.folder))
    with pytest.raises(OtherError), preparing_manifest(company):
        assert len(reading_dbt(company.target)) == 1
        raise OtherError
    assert reading_dbt(company.target) == []
    assert not (company.target / FINGERPRINT).exists()

    manifest = prepare_manifest(company)
    assert manifest.is_file()
    with preparing_manifest(company) as prepared:
        assert reading_dbt(company.target) == []
        assert prepared() == manifest


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_a_manifest_that_a_build_left_half_written_is_made_anew(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that was killed, or met a full disk, while it wrote it."""
    monkeypatch.setenv("PILOTAGE_HOME", str(tiny.home))
    company = find_company(str(tiny.folder))
    manifest = prepare_manifest(company)
    os.truncate(manifest, manifest.stat().st_size // 2)
    with pytest.raises(OtherError), preparing_manifest(company):
        assert len(reading_dbt(company.target)) == 1
        raise OtherError


def test_a_project_that_dbt_cannot_read_is_told_after_the_landing(
    bare_tiny: Tiny, call_pilotage
) -> None:
    bare_tiny.deliver("2025-01-10", EXPORT)
    (bare_tiny.folder / "models").mkdir()
    (bare_tiny.folder / "models/odd.sql").write_text("select {{ nosuch( }} as one\n")
    done = call_pilotage(bare_tiny.home, "run", "--company", str(bare_tiny.folder))
    assert done.returncode == 2, done.stdout + done.stderr
    assert "dbt cannot read the project." in done.stderr
    assert "odd.sql" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list((bare_tiny.data / "lake/raw/invoicing/invoices").glob("*.parquet"))
    assert not (bare_tiny.data / "published/marts.duckdb").exists()

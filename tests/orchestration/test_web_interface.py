"""`make dev` in a real browser: the graph, a failed check and its history, the days, a glance."""

import shutil
import warnings
from pathlib import Path

import dagster as dg
import pytest
from chromium import EXECUTABLE
from web_pictures import PAGES, pictures, web_interface

from orchestration.dagster_commands import _instance
from orchestration.definitions import defs

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.skipif(not EXECUTABLE, reason="There is no Chromium: apt-get install chromium"),
]


def test_people_see_graph_checks_days_and_publication(
    demo_run, call_pilotage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_run.home, home, symlinks=True)
    monkeypatch.setenv("PILOTAGE_HOME", str(home))
    monkeypatch.delenv("COMPANY", raising=False)
    with (
        warnings.catch_warnings(action="ignore"),
        dg.DagsterInstance.from_config(str(_instance())) as instance,
    ):
        assert defs().resolve_job_def("chain").execute_in_process(instance=instance).success
    days = ["--from", "2025-12-01", "--to", "2025-12-31"]
    filled = call_pilotage(home, "backfill", *days)
    assert filled.returncode == 0, filled.stderr
    with web_interface(home) as address:
        taken = dict(pictures(address))
    assert taken.keys() == {*PAGES, "check_history"}
    assert all(picture.startswith(b"\x89PNG") for picture in taken.values())

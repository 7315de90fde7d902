"""The dbt that Dagster starts, on a project of one model."""

import json
import subprocess
from pathlib import Path

import pytest

from orchestration.places import dbt_executable, dbt_for_dagster_executable


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: one\nprofile: one\nflags: {}\n")
    output = {"type": "duckdb", "path": str(tmp_path / "one.duckdb")}
    (tmp_path / "profiles.yml").write_text(
        json.dumps({"one": {"target": "it", "outputs": {"it": output}}})
    )
    return tmp_path


def _told(executable: str, project: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        # Of what an earlier run has parsed, a later one tells otherwise.
        [executable, "--no-partial-parse", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _build(project: Path, select: str) -> tuple[int, list[dict[str, dict[str, str]]]]:
    (project / "models" / "model.sql").write_text(select)
    code, told = _told(dbt_for_dagster_executable(), project, "build")
    return code, [json.loads(line) for line in told.splitlines()]


def test_tells_what_dbt_tells_dagster(project: Path) -> None:
    code, events = _build(project, "select 1 as one")
    plain, told = _told(dbt_executable(), project, "--log-format", "json", "build")
    names = [event["info"]["name"] for event in events]
    assert (code, plain) == (0, 0)
    assert sorted(names) == sorted(json.loads(line)["info"]["name"] for line in told.splitlines())
    (result,) = [event for event in events if event["info"]["name"] == "LogModelResult"]
    assert result["data"]["node_info"]["unique_id"] == "model.one.model"
    assert "debug" not in {event["info"]["level"] for event in events}


def test_tells_what_broke_and_ends_with_1(project: Path) -> None:
    code, events = _build(project, "select nowhere")
    assert code == 1
    assert any("nowhere" in e["info"]["msg"] for e in events if e["info"]["level"] == "error")


def test_what_dbt_does_not_understand_ends_with_2(project: Path) -> None:
    code, told = _told(dbt_for_dagster_executable(), project, "build", "--no-such-option")
    assert code == 2
    assert "--no-such-option" in told


def test_ends_where_nobody_hears_it_any_more(project: Path) -> None:
    """The run was killed: what it had started must not hold the warehouse for ever."""
    for number in range(9):
        (project / "models" / f"model_{number}.sql").write_text("select 1 as one")
    with subprocess.Popen(
        [dbt_for_dagster_executable(), "--no-partial-parse", "build"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as build:
        assert build.stdout
        assert any("LogStartLine" in line for line in build.stdout)
        build.stdout.close()
        try:
            assert build.wait(60) == 2
        finally:
            build.kill()

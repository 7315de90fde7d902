"""`make docs` writes dbt's documentation of the demo's tables as one page."""

import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def test_the_documentation_is_one_page_with_every_mart(
    demo_run: Any, call_pilotage: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    # A copy: dbt writes into its target folder, which other tests read.
    shutil.copytree(demo_run.company_home, tmp_path / "demo", symlinks=True)
    done = call_pilotage(tmp_path, "docs", "--company", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    path = Path(done.stdout.strip().splitlines()[-1].removeprefix("open "))
    assert path.is_relative_to(tmp_path)
    page = path.read_text(encoding="utf-8")
    declared = [
        model["name"]
        for file in (ROOT / "dbt_project/models/marts").rglob("_*__models.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]
    assert declared
    assert [name for name in declared if f'"{name}"' not in page] == []

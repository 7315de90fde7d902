"""The kept Vega script: made once, for whoever shares the environment, and never in the way."""

import os
import sys
from pathlib import Path

import pytest

from serving.report import vega


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """An environment in tmp_path; how often a script was bundled in it."""
    calls: list[str] = []

    def bundle(snippet: str) -> str:
        calls.append(snippet)
        return f"{snippet} // </script>"

    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("vl_convert.javascript_bundle", bundle)
    return calls


def test_a_script_is_bundled_once_and_others_may_read_it(bundled, tmp_path):
    before = os.umask(0o077)
    try:
        first = vega.vega_script()
    finally:
        os.umask(before)
    assert vega.vega_script() == first == "window.vegaEmbed = vegaEmbed; // <\\/script>"
    assert len(bundled) == 1
    (kept,) = (tmp_path / "share/pilotage").iterdir()
    modes = [path.stat().st_mode & 0o777 for path in (kept, kept.parent, kept.parents[1])]
    assert modes == [0o644, 0o755, 0o755]


def test_a_folder_that_was_made_for_its_owner_alone_is_opened(bundled, tmp_path):
    (tmp_path / "share/pilotage").mkdir(parents=True)
    (tmp_path / "share/pilotage").chmod(0o700)
    vega.vega_script()
    assert (tmp_path / "share/pilotage").stat().st_mode & 0o777 == 0o755


def test_another_bundle_of_the_same_wheel_is_kept_apart(bundled, monkeypatch):
    vega.vega_script()
    monkeypatch.setattr(vega, "_SHOWN", "window.other = vegaEmbed;")
    assert vega.vega_script().startswith("window.other")
    assert len(bundled) == 2


def test_where_it_may_not_be_read_every_report_bundles_anew(bundled, monkeypatch):
    vega.vega_script()

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    monkeypatch.setattr(Path, "write_text", refused)
    assert [vega.vega_script() for _ in range(2)]
    assert len(bundled) == 3


def test_where_it_may_not_be_written_every_report_bundles_anew(bundled, tmp_path):
    (tmp_path / "share").write_text("no folder")
    assert [vega.vega_script() for _ in range(2)]
    assert len(bundled) == 2

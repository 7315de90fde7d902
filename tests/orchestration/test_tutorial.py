"""docs/tutorial.md, followed word by word: its files are written, its commands called, and what it
says that they say is what they say."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.company import find_company
from orchestration.desk import check_desk
from orchestration.places import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: exit=(\d))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The words of the page by which a block is a file, or a change of one.
FILE = re.compile(r"^File `~/([^`]+)`", re.MULTILINE)
CHANGE = re.compile(r"[Cc]hange\s+`~/([^`]+)`")
LEFT_OUT = "..."
DEMO, LANDED, RUN = "1", "7", "8"
BIN = ROOT / ".venv" / "bin" / "pilotage"

pytestmark = pytest.mark.skipif(not BIN.exists(), reason="the commands of the page are .venv's")


@dataclass(frozen=True)
class Step:
    """A block of the page. section: the number of its heading; place: its file, below ~."""

    section: str
    kind: str
    content: str
    place: str
    code: int


def steps() -> Iterator[Step]:
    page = PAGE.read_text(encoding="utf-8")
    end = 0
    for block in BLOCK.finditer(page):
        before, end = page[end : block.start()], block.end()
        section = re.findall(r"^## (\d+)\.", page[:end], re.MULTILINE)[-1]
        kind, code, content = block[1], int(block[2] or 0), block[3]
        named = (CHANGE if kind == "diff" else FILE).findall(before)
        is_file = kind not in ("sh", "text")
        assert is_file == bool(named), f"{kind} after {before[-200:]!r}"
        yield Step(section, kind, content, named[-1] if named else "", code)


STEPS = tuple(steps())


@dataclass
class Reader:
    """Somebody who does what the page says; `said`: what the last commands did."""

    home: Path
    said: str = ""

    def follow(self, *sections: str) -> None:
        for step in STEPS:
            if step.section in sections:
                self.take(step)

    def take(self, step: Step) -> None:
        match step.kind:
            case "sh":
                self.said = self.call(step)
            case "text":
                self.compare(step.content)
            case "diff":
                self.change(self.home / step.place, step.content)
            case _:
                path = self.home / step.place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.content, encoding="utf-8")

    def call(self, step: Step) -> str:
        """From the checkout, as the page says. What runs make lies in a var of the reader's own."""
        sizes = {"SCALE": "0.2"} if step.section == DEMO else {}
        home = {"HOME": str(self.home), "PILOTAGE_HOME": str(self.home / "var")}
        done = subprocess.run(
            ["bash", "-e", "-c", step.content],
            cwd=ROOT,
            env={**os.environ, **home, **sizes},
            capture_output=True,
            text=True,
            check=False,
        )
        # make's own code is always 2; what the command said stands in its message.
        failed = re.search(r"Error (\d)", done.stderr)
        code = int(failed[1]) if done.returncode and failed else done.returncode
        told = (done.stdout + done.stderr).replace(str(self.home), "~")
        assert code == step.code, told
        return told

    def compare(self, shown: str) -> None:
        """Each line that the page shows was said, in that order; one may be cut short."""
        said = iter([" ".join(line.split()) for line in self.said.splitlines()])
        for line in shown.splitlines():
            begins, is_cut, _ = " ".join(line.split()).partition(LEFT_OUT)
            if begins:
                is_said = any(one.startswith(begins) if is_cut else one == begins for one in said)
                assert is_said, f"{line!r} is not in:\n{self.said}"

    @staticmethod
    def change(path: Path, diff: str) -> None:
        lines = diff.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{path} does not hold once:\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def test_the_export_lands_is_refused_and_mended_as_the_page_says(reader: Reader) -> None:
    reader.follow(*"23456", LANDED)
    check_desk(find_company(str(reader.home / "atelier")))


@pytest.mark.long
def test_the_page_leads_from_the_demo_to_a_report_of_ones_own(reader: Reader) -> None:
    reader.follow(*(step.section for step in STEPS))
    for company, label in (("demo", "Demo company"), ("atelier", "Atelier Morel")):
        report = reader.home / "var" / company / "reports" / "index.html"
        assert label in report.read_text(encoding="utf-8")
        assert f"var/{company}/reports/index.html" in PAGE.read_text(encoding="utf-8")

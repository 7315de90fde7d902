"""The pages in the repository lead where they say: files, headings, and code that is there."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
ROOMS = "bench|dbt_project|docs|expectations|ingest|orchestration|serving|tests"
# A place in the repository, as text: `tests/test_house.py`, `models/<x>/` is none.
PLACE = re.compile(rf"`((?:{ROOMS})/[\w./-]*)`")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def prose(page: Path) -> str:
    """The page without what is shown as code, over lines or within one."""
    return CODE.sub("``", FENCED.sub("", page.read_text(encoding="utf-8")))


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page; of two headings of one name the second ends in -1."""
    found: dict[str, int] = {}
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        anchor = slug(heading)
        found[anchor] = found.get(anchor, -1) + 1
    return frozenset(f"{a}-{n}" if n else a for a, last in found.items() for n in range(last + 1))


def broken(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(page)):
        if ELSEWHERE.match(target):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        if not place.is_relative_to(ROOT) or not place.exists():
            yield f"{target}: no such file"
        elif anchor and (place.suffix != ".md" or anchor not in anchors(place)):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert list(broken(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_place_that_is_named_is_there(page: Path) -> None:
    places = PLACE.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = [target.partition("#")[0] for target in LINK.findall(prose(page))]
        waiting += [(page.parent / target).resolve() for target in targets if "://" not in target]
    decisions = set((ROOT / "docs/decisions").glob("*.md"))
    assert [named(page) for page in PAGES if page not in reached | decisions] == []


def test_a_broken_link_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this file is for: it must not pass because nothing is read."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "# A page: of `code`, [linked](page.md)\n\n## Twice\n\n## Twice\n\n"
        "[1](gone.md) [2](page.md#gone) [3](#a-page-of-code-linked) [4](page.md#twice-1)\n"
        "`[5](gone.md)` [6](https://example.com/gone) [7](../outside.md)\n\n"
        "```sh\n# [8](gone.md)\n```\n",
        encoding="utf-8",
    )
    assert list(broken(page)) == [
        "gone.md: no such file",
        "page.md#gone: no such heading",
        "../outside.md: no such file",
    ]

"""The report as a reader without a browser finds it: its tables, texts and links."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "link", "input", "br"}


# Without the generated repr, which writes all within: pytest would for each frame of a failure.
@dataclass(repr=False)
class Element:
    """One element; text is that of itself and all within."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.texts)

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """All elements within, in the order of the page."""
        found = []
        for child in self.children:
            wanted = attributes.items() <= child.attributes.items()
            if wanted and tag in ("", child.tag):
                found.append(child)
            found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> "Element":
        (found,) = self.all(tag, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        self.open[-1].texts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].texts.append(data)


@cache
def read_page(path: Path) -> Element:
    """The whole page; every element is closed where it should be."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    (document,) = reader.open
    return document


def rows_of(page: Element, card: str) -> list[dict[str, str | None]]:
    """The rows of a chart's or listing's table: figures as the script reads them, else texts."""
    table = page.one(id=card).one("table")
    heads = [(head.attributes["data-k"], head) for head in table.one("thead").all("th")]
    return [
        {
            key: cell.attributes.get("data-v", None if "none" in _classes(cell) else cell.text)
            for (key, _), cell in zip(heads, row.all("td"), strict=True)
        }
        for row in table.one("tbody").all("tr")
    ]


def _classes(cell: Element) -> list[str]:
    return cell.attributes.get("class", "").split()

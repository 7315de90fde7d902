"""docs/runbook.md has every failure that a command can tell, and every alert."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNBOOK = ROOT / "docs/runbook.md"
ROOMS = ("ingest", "expectations", "serving", "orchestration")
FILLED_IN = "…"


def modules() -> Iterator[ast.Module]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def errors() -> set[str]:
    """The classes of errors that are ours."""
    return {
        node.name
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }


def texts(node: ast.expr) -> list[str]:
    """What an expression may say; what is filled in is `…`. Nothing of one that hands on what was
    said elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            said = (p.value if isinstance(p, ast.Constant) else FILLED_IN for p in parts)
            return ["".join(map(str, said))]
        case ast.IfExp(body=one, orelse=other):
            return texts(one) + texts(other)
        case _:
            return []


def plain(text: str) -> str:
    """A text on one line, in which what is filled in stands for all that is in a row, in brackets
    or not."""
    bare = " ".join(text.split()).replace(f"({FILLED_IN})", FILLED_IN)
    return re.sub(rf"{FILLED_IN}(?:[^\w|]*{FILLED_IN})+", FILLED_IN, bare)


def messages() -> set[str]:
    """The first words of every failure, as the code has them."""
    ours, found = errors(), set()
    for module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                said = texts(node.args[0]) if node.func.id in ours else []
                found.update(plain(text).strip(f" .:{FILLED_IN}") for text in said)
    return {text for text in found if re.search(r"\w", text)}


def test_every_failure_is_in_the_runbook() -> None:
    runbook, told = plain(RUNBOOK.read_text(encoding="utf-8")), sorted(messages())
    assert len(told) > 150, "it must not pass because nothing is read"
    assert [message for message in told if message not in runbook] == []


def test_every_kind_of_error_is_in_the_runbook() -> None:
    named = set(re.findall(r"`(\w+Error)`", RUNBOOK.read_text(encoding="utf-8")))
    assert named == errors()


def test_every_alert_is_in_the_runbook() -> None:
    alerts = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
    linked = re.findall(r"\[(\w+)\]\(alerts\.md#\1\)", RUNBOOK.read_text(encoding="utf-8"))
    assert set(linked) == set(re.findall(r"^## (\w+)$", alerts, re.MULTILINE))


def test_every_row_of_the_runbook_says_what_to_do() -> None:
    for line in RUNBOOK.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            assert cells[0], line
            assert cells[2] or cells[1].endswith("below"), line

"""Every message links to an entry of docs/alerts.md, so there must be one for every family."""

import re
from pathlib import Path

from expectations.desk.thresholds import METRICS

ROOT = Path(__file__).parents[2]


def families() -> set[str]:
    """The families that the code gives to observations and checks."""
    code = [*ROOT.glob("expectations/**/*.py"), *ROOT.glob("orchestration/**/*.py")]
    named = {name for path in code for name in re.findall(r'family="(\w+)"', path.read_text())}
    return named | set(METRICS)


def test_every_family_has_its_entry_and_every_entry_its_family() -> None:
    runbook = (ROOT / "docs/alerts.md").read_text()
    assert set(re.findall(r"^## (\w+)$", runbook, re.MULTILINE)) == families()


def test_every_entry_says_what_it_means_who_acts_and_how_to_mend_and_silence_it() -> None:
    runbook = (ROOT / "docs/alerts.md").read_text()
    for entry in re.split(r"^## ", runbook, flags=re.MULTILINE)[1:]:
        for part in ("**Means**", "**Example**", "**Who acts**", "Mend**", "ilence**"):
            assert part.lower() in entry.lower(), entry

"""truth.json: what was planted, and what the finite sample made of it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Truth:
    """`made_by` says which company this is, `planted` holds parameters, `realised` counts."""

    made_by: dict[str, float | int]
    planted: dict[str, object] = field(default_factory=dict)
    realised: dict[str, object] = field(default_factory=dict)


def read_truth(folder: Path) -> Truth | None:
    """The truth beside the deliveries; None where there is none that can be read."""
    try:
        return Truth(**json.loads((folder / "truth.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_truth(folder: Path, truth: Truth) -> Truth:
    """Write truth.json, last of all: it says that the deliveries are complete.

    Returns the truth as read_truth() will give it (JSON knows no tuples).
    """
    text = json.dumps(asdict(truth), indent=2, sort_keys=True) + "\n"
    unfinished = folder / "truth.json.part"
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(folder / "truth.json")
    return Truth(**json.loads(text))

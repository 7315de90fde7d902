"""stages.csv: the steps of the sales process, in order."""

from dataclasses import dataclass
from pathlib import Path

from expectations.desk_files import read_rows


@dataclass(frozen=True)
class Stage:
    """A stage and where it stands; closed stages come last."""

    stage_id: str
    position: int
    is_closed: bool
    is_won: bool

    @property
    def is_lost(self) -> bool:
        """Whether a deal is over here, and not won."""
        return self.is_closed and not self.is_won


def read_stages(desk: Path) -> dict[str, Stage]:
    """The stages by stage_id, in the file's order.

    Raises ExpectationsError for a position that is no number and a stage that stands twice.
    """
    stages: dict[str, Stage] = {}
    for row in read_rows(desk / "stages.csv", ("stage_id", "position", "is_closed", "is_won")):
        name = row["stage_id"].text
        if name in stages:
            raise row["stage_id"].wrong("is there twice", "Keep one line per stage.")
        position = row["position"].read_count()
        if position is None:
            raise row["position"].wrong("is no whole number", "Write a number such as 3.")
        is_closed, is_won = (row[c].text.lower() == "true" for c in ("is_closed", "is_won"))
        stages[name] = Stage(name, position, is_closed, is_won)
    return stages


def closed_stages(stages: dict[str, Stage]) -> tuple[str, ...]:
    """The ids of the closed stages."""
    return tuple(stage.stage_id for stage in stages.values() if stage.is_closed)

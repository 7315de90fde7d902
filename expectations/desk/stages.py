"""stages.csv: the steps of the sales process, in order."""

from dataclasses import dataclass
from pathlib import Path

from expectations.desk_files import read_rows

FLAGS = ("is_closed", "is_won", "is_dormant", "is_unqualified")


@dataclass(frozen=True)
class Stage:
    """A stage and where it stands; closed stages come last.

    is_dormant: neither pipeline nor over. is_unqualified: over and lost, but outside win rates.
    """

    stage_id: str
    position: int
    is_closed: bool
    is_won: bool
    is_dormant: bool = False
    is_unqualified: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a deal is pipeline here."""
        return not self.is_closed and not self.is_dormant

    @property
    def is_lost(self) -> bool:
        """Whether a deal is over here, and not won."""
        return self.is_closed and not self.is_won


def read_stages(desk: Path) -> dict[str, Stage]:
    """The stages by stage_id, in the file's order.

    Raises ExpectationsError for a position that is no number, a stage that stands twice, a dormant
    stage that is closed and an unqualified one that is not lost.
    """
    stages: dict[str, Stage] = {}
    for row in read_rows(desk / "stages.csv", ("stage_id", "position", *FLAGS)):
        name = row["stage_id"].text
        if name in stages:
            raise row["stage_id"].wrong("is there twice", "Keep one line per stage.")
        position = row["position"].read_count()
        if position is None:
            raise row["position"].wrong("is no whole number", "Write a number such as 3.")
        stage = Stage(name, position, **{flag: row[flag].text.lower() == "true" for flag in FLAGS})
        if stage.is_dormant and stage.is_closed:
            raise row["is_dormant"].wrong("cannot be of a closed stage", "Keep one of the two.")
        if stage.is_unqualified and not stage.is_lost:
            raise row["is_unqualified"].wrong(
                "is for stages in which a deal is lost", "Close the stage, or write false here."
            )
        stages[name] = stage
    return stages


def closed_stages(stages: dict[str, Stage]) -> tuple[str, ...]:
    """The ids of the closed stages."""
    return tuple(stage.stage_id for stage in stages.values() if stage.is_closed)


def open_stages(stages: dict[str, Stage]) -> tuple[str, ...]:
    """The ids of the stages that are pipeline."""
    return tuple(stage.stage_id for stage in stages.values() if stage.is_open)

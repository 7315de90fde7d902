"""stages.csv: the steps of the sales process, in order."""

from dataclasses import dataclass
from pathlib import Path

from expectations.desk_files import read_rows
from expectations.errors import ExpectationsError

FILE = "stages.csv"
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

    Raises ExpectationsError for a position that is no number, a stage or the position of an open
    one that stands twice, a won stage that is not closed, a dormant one that is, an unqualified one
    that is not lost, and a process in which nothing can be won.
    """
    stages: dict[str, Stage] = {}
    for row in read_rows(desk / FILE, ("stage_id", "position", *FLAGS)):
        name = row["stage_id"].text
        if name in stages:
            raise row["stage_id"].wrong("is there twice", "Keep one line per stage.")
        position = row["position"].read_count()
        if position is None:
            raise row["position"].wrong("is no whole number", "Write a number such as 3.")
        stage = Stage(name, position, **{flag: row[flag].text.lower() == "true" for flag in FLAGS})
        if stage.is_open and position in {other.position for other in stages.values()}:
            raise row["position"].wrong("is there twice", "Say which of the two comes first.")
        if stage.is_won and not stage.is_closed:
            raise row["is_won"].wrong("is for closed stages", "Close the stage, or write false.")
        if stage.is_dormant and stage.is_closed:
            raise row["is_dormant"].wrong("cannot be of a closed stage", "Keep one of the two.")
        if stage.is_unqualified and not stage.is_lost:
            raise row["is_unqualified"].wrong(
                "is for stages in which a deal is lost", "Close the stage, or write false here."
            )
        stages[name] = stage
    if stages and not any(stage.is_won for stage in stages.values()):
        raise ExpectationsError(
            "In no stage a deal is won.", str(desk / FILE), "Write true in is_won of the one it is."
        )
    return stages


def closed_stages(stages: dict[str, Stage]) -> tuple[str, ...]:
    """The ids of the closed stages."""
    return tuple(stage.stage_id for stage in stages.values() if stage.is_closed)


def open_stages(stages: dict[str, Stage]) -> tuple[str, ...]:
    """The ids of the stages that are pipeline."""
    return tuple(stage.stage_id for stage in stages.values() if stage.is_open)

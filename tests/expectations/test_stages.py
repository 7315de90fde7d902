"""The stage map: which stages are pipeline, which are over, which flags contradict each other."""

from pathlib import Path

import pytest

from expectations.desk.stages import closed_stages, open_stages, read_stages
from expectations.errors import ExpectationsError

HEADER = "stage_id,stage_label,position,is_closed,is_won,is_dormant,is_unqualified\n"
SOUND = """first,First,1,false,false,false,false
asleep,Asleep,2,false,false,true,false
won,Won,3,true,true,false,false
lost,Lost,4,true,false,false,false
no_deal,No deal,5,true,false,false,true
"""


def written(desk: Path, lines: str) -> Path:
    (desk / "stages.csv").write_text(HEADER + lines, encoding="utf-8")
    return desk


def test_a_dormant_stage_is_neither_open_nor_closed(tmp_path: Path) -> None:
    stages = read_stages(written(tmp_path, SOUND))
    assert open_stages(stages) == ("first",)
    assert closed_stages(stages) == ("won", "lost", "no_deal")
    assert [name for name, stage in stages.items() if stage.is_unqualified] == ["no_deal"]
    assert stages["no_deal"].is_lost


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("x,X,9,true,false,true,false", "is_dormant"),
        ("x,X,9,false,false,false,true", "is_unqualified"),
        ("x,X,9,true,true,false,true", "is_unqualified"),
    ],
)
def test_flags_that_contradict_each_other_are_refused(
    tmp_path: Path, line: str, complaint: str
) -> None:
    with pytest.raises(ExpectationsError) as refusal:
        read_stages(written(tmp_path, SOUND + line + "\n"))
    assert "stages.csv" in str(refusal.value)
    assert complaint in str(refusal.value)
    assert "7" in str(refusal.value)

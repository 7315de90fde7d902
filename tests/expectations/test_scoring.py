"""Points of leads and accounts: a desk that leaves open what they are worth is refused."""

from pathlib import Path

import pytest

from expectations.desk.scoring import check_lead_scoring, check_requalification
from expectations.errors import ExpectationsError

LEADS = """rule_version,since,signal,detail,points,max_points,half_life_days
v1,2025-01-01,page,pricing,8,24,14
v1,2025-01-01,threshold,,40,,
v2,2025-06-01,page,pricing,10,,
v2,2025-06-01,threshold,,45,,
"""
SEGMENTS = "segment_id,segment_label,position\nGold,Gold,1\nBronze,Bronze,2\n"
MOVES = "segment_id,enter_at,leave_at\nGold,40,10\nBronze,0,\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    for name, text in (
        ("lead_scoring.csv", LEADS),
        ("segments.csv", SEGMENTS),
        ("requalification.csv", MOVES),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def complaint(desk: Path, name: str, old: str, new: str) -> str:
    """What is said of a desk in which a text is replaced."""
    text = (desk / name).read_text(encoding="utf-8")
    assert old in text
    (desk / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ExpectationsError) as refusal:
        check_lead_scoring(desk)
        check_requalification(desk)
    return str(refusal.value)


def test_a_sound_desk_is_accepted(desk: Path) -> None:
    check_lead_scoring(desk)
    check_requalification(desk)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("v1,2025-01-01,threshold,,40,,\n", "", ["'v1' has no threshold", "line 2"]),
        ("threshold,,40", "threshold,pricing,40", ["stands beside a threshold", "line 3"]),
        ("page,pricing,8", "page,,8", ["does not say which page", "line 2"]),
        ("24,14", "24,0", ["'0' is no time", "column half_life_days"]),
        ("v1,2025-01-01,threshold", "v1,2025-02-01,threshold", ["than 2025-01-01", "line 3"]),
        ("v2,2025-06-01,page", "v2,2025-01-01,page", ["from which v1 holds too", "line 4"]),
        ("v1,2025-01-01,threshold,,40,,", "v1,2025-01-01,page,pricing,40,,", ["is there twice"]),
    ],
)
def test_what_leaves_open_what_a_lead_is_worth_is_refused(
    desk: Path, old: str, new: str, told: list[str]
) -> None:
    said = complaint(desk, "lead_scoring.csv", old, new)
    assert [part for part in [*told, "lead_scoring.csv"] if part not in said] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Gold,40,10", "Gold,40,40", ["'40' is not below enter_at (40)", "column leave_at"]),
        ("Gold,40,10", "Gould,40,10", ["'Gould' is no segment", "'Gold'?", "line 2"]),
    ],
)
def test_a_segment_that_lets_accounts_go_to_and_fro_is_refused(
    desk: Path, old: str, new: str, told: list[str]
) -> None:
    said = complaint(desk, "requalification.csv", old, new)
    assert [part for part in [*told, "requalification.csv"] if part not in said] == []

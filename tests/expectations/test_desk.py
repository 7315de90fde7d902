"""The desk's files: read as they are, refused with the line that is wrong."""

from datetime import date
from pathlib import Path

import pytest
from hand_made import DESK, Company

from expectations.desk import (
    MandatoryField,
    read_mandatory_fields,
    read_placeholders,
    read_stage_positions,
)
from expectations.errors import ExpectationsError

HEADER = "entity,field,required_from,since,severity,weight,accountable,reason\n"


def test_a_line_is_a_rule(company: Company) -> None:
    assert read_mandatory_fields(company.desk)[2] == MandatoryField(
        entity="opportunities",
        field="expected_close_date",
        required_from=None,
        since=date(2025, 12, 31),
        severity="warn",
        reason="In force on the last day.",
        line=4,
    )


def test_a_spreadsheet_may_have_saved_the_file(company: Company) -> None:
    """A byte order mark, Windows line ends, blanks around values, an empty last line."""
    path = company.desk / "placeholders.csv"
    path.write_bytes(b"\xef\xbb\xbfplaceholder,note\r\n N/A ,x\r\nTBD,\r\nn/a,again\r\n\r\n")
    assert read_placeholders(company.desk) == ["n/a", "tbd"]


def test_stages_have_their_positions(company: Company) -> None:
    positions = read_stage_positions(company.desk)
    assert positions == {"qualification": 1, "proposal": 2, "won": 3, "lost": 4}


@pytest.mark.parametrize(
    ("line", "what", "where"),
    [
        ("contacts,email,,,grave,1,rep,x", "unknown severity 'grave'", "line 2, column severity"),
        ("contacts,email,,31/12/2025,warn,1,rep,x", "'31/12/2025' is no day", "column since"),
        (
            "contacts,email,,,warn,1,rep,x\ncontacts,email,,,error,1,rep,y",
            "contacts.email is ruled twice",
            "line 3",
        ),
    ],
)
def test_a_wrong_line_is_named(company: Company, line: str, what: str, where: str) -> None:
    (company.desk / "mandatory_fields.csv").write_text(HEADER + line + "\n")
    with pytest.raises(ExpectationsError) as error:
        read_mandatory_fields(company.desk)
    assert what in str(error.value)
    assert where in str(error.value)
    assert "what to do: " in str(error.value)


@pytest.mark.parametrize("name", sorted(DESK))
def test_a_missing_file_or_column_is_named(company: Company, name: str) -> None:
    read = {
        "mandatory_fields.csv": read_mandatory_fields,
        "placeholders.csv": read_placeholders,
        "stages.csv": read_stage_positions,
    }[name]
    (company.desk / name).write_text("something\n")
    with pytest.raises(ExpectationsError, match=f"{name} lacks"):
        read(company.desk)
    (company.desk / name).unlink()
    with pytest.raises(ExpectationsError, match=f"no {name}"):
        read(company.desk)


def test_a_stage_needs_a_position(company: Company) -> None:
    (company.desk / "stages.csv").write_text("stage_id,position\nproposal,second\n")
    with pytest.raises(ExpectationsError, match="position of stage 'proposal'"):
        read_stage_positions(company.desk)


def test_the_demo_desk_fits() -> None:
    demo = Path(__file__).parents[2] / "dbt_project/companies/demo/desk"
    stages = read_stage_positions(demo)
    rules = read_mandatory_fields(demo)
    assert rules
    assert {rule.required_from for rule in rules} <= {None, *stages}

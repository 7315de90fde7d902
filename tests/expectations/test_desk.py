"""The desk as a whole: files that are missing, torn, or saved by a spreadsheet; the demo's fits."""

from pathlib import Path

import pytest
from desk_check import refused
from hand_made import DESK, Company

from expectations.desk.checking import check_quality_desk
from expectations.desk.placeholders import read_placeholders


def test_a_spreadsheet_may_have_saved_the_file(company: Company) -> None:
    """A byte order mark, Windows line ends, blanks around values, an empty last line."""
    path = company.desk / "placeholders.csv"
    path.write_bytes(b"\xef\xbb\xbfplaceholder,note\r\n N/A ,x\r\nTBD,\r\nn/a,again\r\n\r\n")
    assert read_placeholders(company.desk).texts == ("n/a", "tbd")


@pytest.mark.parametrize("name", [*DESK, "mandatory_fields.csv"])
def test_a_missing_file_or_column_is_named(company: Company, name: str) -> None:
    (company.desk / name).write_text("something\n")
    refused(company, f"{company.desk}/{name}, line 1", "column")
    (company.desk / name).unlink()
    refused(company, f"The desk file {name} is missing.")


def test_a_column_too_many_and_a_torn_line_are_named(company: Company) -> None:
    path = company.desk / "waivers.csv"
    header = path.read_text().strip()
    path.write_text(header + ",remark\n")
    refused(company, "The column 'remark' is unknown", "waivers.csv, line 1")
    path.write_text(header + "\na,b,c\n")
    refused(company, "The line has 3 values, the header 8.", "waivers.csv, line 2")
    path.write_text(header.replace(",", ";") + "\n")
    refused(company, "The columns are parted by semicolons.", "waivers.csv, line 1")


def test_the_demo_desk_fits() -> None:
    project = Path(__file__).parents[2] / "dbt_project"
    desk = check_quality_desk(project / "companies/demo/desk", declared_columns(project))
    assert desk.rules


def declared_columns(project: Path) -> dict[str, dict[str, str]]:
    """The columns of the conformed models, as their text declares them."""
    import re

    return {
        path.stem.removeprefix("int_").removesuffix("_conformed"): dict(
            re.findall(r"^\s+'(\w+)': '([^']+)'", path.read_text(), re.MULTILINE)
        )
        for path in project.glob("models/intermediate/int_*_conformed.sql")
    }
